// "Use my location": rounded to about 100 m before it goes anywhere.
const button = document.querySelector("#locate");

if (button && navigator.geolocation) {
  const field = document.querySelector("#near");
  const status = document.querySelector("#locate-status");
  button.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = "";
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.disabled = false;
        field.value = `${coords.latitude.toFixed(3)}, ${coords.longitude.toFixed(3)}`;
        field.focus();
      },
      () => {
        button.disabled = false;
        status.textContent = button.dataset.denied;
      },
      { timeout: 10000, maximumAge: 60000 },
    );
  });
}
