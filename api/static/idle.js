// On a shared screen nobody's answers stay: after a while without a touch a notice asks, and
// then the page is left for a fresh one, which also takes it out of the history.
const box = document.querySelector("[data-idle]");
const WARN_AFTER_MS = 70_000;
const LEAVE_AFTER_MS = 90_000;

if (box) {
  const leave = () => window.location.replace(box.dataset.idle);
  const notice = document.querySelector("#idle-notice");
  let timers = [];
  const begin = () => {
    timers.forEach(clearTimeout);
    if (notice) notice.hidden = true;
    timers = [
      setTimeout(() => notice && (notice.hidden = false), WARN_AFTER_MS),
      setTimeout(leave, LEAVE_AFTER_MS),
    ];
  };
  for (const sign of ["pointerdown", "keydown", "input", "scroll", "touchstart"]) {
    document.addEventListener(sign, begin, { passive: true });
  }
  // A page that comes back from the browser's memory is somebody else's.
  window.addEventListener("pageshow", (event) => event.persisted && leave());
  begin();
}
