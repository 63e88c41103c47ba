// Says that the next page takes a moment, once, when it does. "waits" and "waits-no-more" are told
// by whoever keeps a form from being sent just yet.
const PATIENCE_MS = 3000;
let timer;

function clear() {
  clearTimeout(timer);
  for (const note of document.querySelectorAll("[data-slow]")) note.textContent = "";
}

function start(form) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    // Looked up by then: a swap may have drawn it anew.
    const note = form.querySelector("[data-slow]");
    if (note) note.textContent = note.dataset.slow;
  }, PATIENCE_MS);
}

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.querySelector("[data-slow]")) start(event.target);
});
document.addEventListener("waits", (event) => start(event.target));
document.addEventListener("waits-no-more", clear);

// The back button shows the page as it was left.
window.addEventListener("pageshow", clear);
