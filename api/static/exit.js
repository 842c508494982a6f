// Leaving quickly: the link works by itself; here it also takes this page out of the
// history, and pressing Shift three times does the same. Forms that were sent before stay in the
// history; they can be sent again only with the cookie that is taken away here.
const link = document.querySelector("a.exit");
const PATIENCE_MS = 1500;

if (link) {
  const leave = () => {
    document.body.hidden = true;
    document.title = "";
    fetch("/screen/end", { keepalive: true, redirect: "manual" }).catch(() => {});
    window.location.replace(link.href);
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });

  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") {
      presses = [];
    } else if (!event.repeat) {
      presses = [...presses, event.timeStamp].slice(-3);
      if (presses.length === 3 && presses[2] - presses[0] < PATIENCE_MS) leave();
    }
  });
}
