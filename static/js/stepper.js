// The plus and minus buttons of number fields. The field itself works without them.
// Not a module, and loaded before the page's body: no tap can come before its listener, and CSS
// shows the buttons only once this class says that somebody listens.
"use strict";
{
  document.documentElement.classList.add("has-steppers");

  const tell = (field) => {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const field = button.parentElement.querySelector("input");
    const before = field.value;
    if (Number(button.dataset.step) > 0) field.stepUp();
    else field.stepDown();
    if (field.value !== before) tell(field);
  });

  // What was chosen before the other scripts were there, or restored by the back button.
  window.addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll(".stepper input, .amount input")) {
      if (field.value !== field.defaultValue) tell(field);
    }
  });
}
