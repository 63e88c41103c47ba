// A second tap while the first is under way does nothing. The server would make one checkout of
// two anyway; this only spares the buyer the wait.
// Whoever stopped the page, or lost it, may press again after a while: no event tells.
const LAPSE_MS = 10_000;

function release(form) {
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), LAPSE_MS);
});

// The back button shows the page as it was left: ready to be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once]")) release(form);
});
