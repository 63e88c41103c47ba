// One ticket at the door: the screen stays on, and the next ticket is a swipe or an arrow key away.
const SWIPE_PX = 60;
let lock = null;
let start = null;

async function stayAwake() {
  const isShowing = !document.hidden && document.querySelector("#wallet-page .qr");
  if (!isShowing) return lock?.release();
  if (lock && !lock.released) return;
  // Refused where the battery is low, or before the first tap: then it asks again at the next.
  lock = await navigator.wakeLock?.request("screen").catch(() => null);
}

function go(rel) {
  document.querySelector(`#wallet-page a[rel=${rel}]`)?.click();
}

document.addEventListener("visibilitychange", stayAwake);
document.addEventListener("wallet:said", stayAwake);
document.addEventListener("pointerup", stayAwake);

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea, summary");
  if (isTyping || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.key === "ArrowRight") go("next");
  if (event.key === "ArrowLeft") go("prev");
});

// Sideways only: the style leaves up, down and pinching to the browser.
document.addEventListener("pointerdown", (event) => {
  const isTouch = event.pointerType === "touch" && event.isPrimary;
  start = isTouch && event.target.closest("[data-swipe]") ? event : null;
});
document.addEventListener("pointercancel", () => (start = null));
document.addEventListener("pointerup", (event) => {
  if (!start || event.pointerId !== start.pointerId) return;
  const across = event.clientX - start.clientX;
  const isSwipe = Math.abs(across) > Math.max(SWIPE_PX, 2 * Math.abs(event.clientY - start.clientY));
  start = null;
  if (isSwipe && (visualViewport?.scale ?? 1) === 1) go(across < 0 ? "next" : "prev");
});

stayAwake();
