// What stands typed in the summary, and was not sent, outlives its being drawn anew: numbers, and
// the code with its place and what was said about it.
const typed = new Set();
// Numbers put back by this script: to the browser they are no change once they are left.
const carried = new Set();
let focused = null;
let selection = [];
let numbers = [];
let code = null;

document.addEventListener("input", ({ target }) => {
  if (target.form?.matches("form[data-choice]")) typed.add(target.id);
});
document.addEventListener("change", ({ target }) => carried.delete(target.id));
document.addEventListener("focusout", ({ target }) => {
  if (target.isConnected && carried.delete(target.id)) target.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "summary" || !detail.shouldSwap) return;
  const wasSent = (field) => detail.requestConfig.formData.get(field.name) === field.value;
  numbers = [...typed].map((id) => document.getElementById(id)).filter((field) => field && !wasSent(field));
  typed.clear();
  const field = document.querySelector("#checkout-code #code");
  code = field && !wasSent(field) ? field.closest("details[open]") : null;
  focused = document.activeElement;
  selection = focused === field ? [field.selectionStart, field.selectionEnd] : [];
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.elt.id !== "summary") return;
  for (const old of numbers) {
    const field = document.getElementById(old.id);
    if (!field) continue;
    field.value = old.value;
    typed.add(field.id);
    if (old === focused) carried.add(field.id);
  }
  const fresh = document.querySelector("#checkout-code #code")?.closest("details");
  if (code && fresh) {
    // News when it came, and no longer.
    for (const news of code.querySelectorAll("[data-autofocus]")) news.removeAttribute("data-autofocus");
    fresh.replaceWith(code);
    if (code.contains(focused)) {
      focused.focus({ preventScroll: true });
      if (selection.length) focused.setSelectionRange(...selection);
    }
  }
  numbers = [];
  code = focused = null;
});
