// Enter in the field of a code presses the button beside it: the browser would press the first of
// the whole form, and buy.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("input")) return;
  const button = event.target.closest(".code-line")?.querySelector("button");
  if (!button) return;
  event.preventDefault();
  button.click();
});
