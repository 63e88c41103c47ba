// "Pay" right after a change of the summary: the change is sent and answered first, so that what the
// fields say is what is paid. Without scripts there is nothing to wait for.
const underWay = new Set();
let isUnsent = false;
let wantsToPay = false;

const isChoice = (element) => Boolean(element?.matches?.("form[data-choice]"));
const choiceForm = () => document.querySelector("form[data-choice]");
const concernsSummary = (detail) => detail.target?.id === "summary";

function waitWithPaying(isWaiting) {
  wantsToPay = isWaiting;
  const button = document.getElementById("pay-button");
  if (isWaiting) button?.setAttribute("aria-busy", "true");
  else button?.removeAttribute("aria-busy");
}

function send() {
  const form = choiceForm();
  // What the browser finds wrong is never sent: it says so at the field, and nothing is paid.
  if (!form || !form.reportValidity()) return waitWithPaying(false);
  form.requestSubmit();
}

function goOn() {
  if (!wantsToPay || underWay.size) return;
  if (isUnsent) return send();
  waitWithPaying(false);
  const button = document.getElementById("pay-button");
  // The time may be up by now: trying again is another button, and another decision.
  if (button && !button.hasAttribute("formaction")) button.form.requestSubmit(button);
}

document.addEventListener("change", (event) => {
  if (isChoice(event.target.form)) isUnsent = true;
});

document.addEventListener("htmx:beforeSend", (event) => {
  if (!concernsSummary(event.detail)) return;
  underWay.add(event.detail.xhr);
  if (isChoice(event.detail.elt)) isUnsent = false;
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, elt } = event.detail;
  // Without a status it was replaced by a newer one, or failed: the next listeners.
  if (!underWay.delete(xhr) || !xhr.status) return;
  const isRefused = xhr.status >= 400;
  // An alert elsewhere leaves fields that say something else than the basket.
  if (isRefused && isChoice(elt) && elt.isConnected) isUnsent = true;
  if (isRefused || xhr.getResponseHeader("HX-Redirect")) waitWithPaying(false);
  // After the swap has settled: the button below it may be another one.
  else setTimeout(goOn, htmx.config.defaultSettleDelay + 10);
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    if (!concernsSummary(event.detail)) return;
    if (isChoice(event.detail.elt)) isUnsent = true;
    waitWithPaying(false);
  });
}

// Before anybody else hears of it: once.js would take the press for sent.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("[data-pays]") || submitter?.hasAttribute("formaction")) return;
  if (!isUnsent && !underWay.size) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const isRepeat = wantsToPay;
  waitWithPaying(true);
  if (!isRepeat && isUnsent) send();
}, { capture: true });

window.addEventListener("pageshow", () => waitWithPaying(false));
