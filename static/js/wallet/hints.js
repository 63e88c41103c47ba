// How to have the wallet on the home screen: said only where it can be done, and not again to
// somebody who said no.
const DISMISSED = "wallet-install-dismissed";
const hint = document.getElementById("wallet-install");

const isStandalone = () =>
  matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

// Safari on an iPhone or iPad, which calls itself a Mac; other browsers there install nothing.
function isIosSafari() {
  const { userAgent, maxTouchPoints } = navigator;
  const isIos = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return isIos && /Safari/.test(userAgent) && !/CriOS|FxiOS|EdgiOS|OPT\//.test(userAgent);
}

function offer(kind) {
  if (!hint || isStandalone() || localStorage.getItem(DISMISSED)) return;
  hint.hidden = false;
  for (const part of hint.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== kind;
}

let prompt = null;
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  prompt = event;
  offer("button");
});
window.addEventListener("appinstalled", () => hint && (hint.hidden = true));

hint?.addEventListener("click", async ({ target }) => {
  if (target.closest("[data-dismiss]")) {
    localStorage.setItem(DISMISSED, "1");
    hint.hidden = true;
    document.getElementById("main").focus();
  } else if (target.closest("[data-install]") && prompt) {
    await prompt.prompt();
    hint.hidden = true;
  }
});
if (isIosSafari()) offer("ios");
