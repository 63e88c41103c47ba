// Says that the next page takes a moment, once, when it does.
const PATIENCE_MS = 3000;
let timer;

document.addEventListener("submit", (event) => {
  const note = event.target.querySelector("[data-slow]");
  if (!note || event.defaultPrevented) return;
  clearTimeout(timer);
  timer = setTimeout(() => { note.textContent = note.dataset.slow; }, PATIENCE_MS);
});

// The back button shows the page as it was left.
window.addEventListener("pageshow", () => {
  clearTimeout(timer);
  for (const note of document.querySelectorAll("[data-slow]")) note.textContent = "";
});
