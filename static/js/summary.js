// What is asked about the summary goes in order, one after the other: the choice, the code, more
// time, and last of all "Pay", so that what the fields say is what is paid. An answer that was
// overtaken never stands beside a newer button.
const underWay = new Map();
// Wanted by a press, and not sent as long as something else is.
const wanted = new Set();
// The choice differs from what the server knows; it goes by itself; paying waits for it.
let isUnsent = false;
let isDue = false;
let wantsToPay = false;
let isPressed = false;
let isStale = false;
let triedCode = "";

const choiceForm = () => document.querySelector("form[data-choice]");
const isWriting = () => [...underWay.values()].some((kind) => kind !== "look");
const concernsSummary = (detail) => detail.target?.id === "summary";

function kindOf(asker) {
  if (asker.matches("[hx-get]")) return "look";
  if (asker.matches("[data-choice]")) return "choice";
  if (asker.id !== "checkout-code") return "more time";
  return document.getElementById("code") ? "code" : "no code";
}

// The buttons by which each is asked for, looked up when it is its turn: all may be drawn anew.
const BUTTONS = {
  "code": "#checkout-code .code-line button",
  "no code": "#checkout-code .code-applied button",
  "more time": "#more-time",
};

function typedCode() {
  const field = document.querySelector("#checkout-code #code");
  // One that was refused has been told: whoever goes on goes on without.
  return field && field.value !== field.defaultValue && field.value !== triedCode ? field.value.trim() : "";
}

function waitWithPaying(isWaiting) {
  const button = document.getElementById("pay-button");
  if (isWaiting) button?.setAttribute("aria-busy", "true");
  else button?.removeAttribute("aria-busy");
  if (isWaiting === wantsToPay) return;
  wantsToPay = isWaiting;
  button?.form.dispatchEvent(new Event(isWaiting ? "waits" : "waits-no-more", { bubbles: true }));
}

function stopWaiting() {
  if (wantsToPay) wanted.delete("code");
  waitWithPaying(false);
}

function send() {
  isDue = false;
  const form = choiceForm();
  // What the browser finds wrong is never sent: who wants to pay is told at the field.
  if (form && (wantsToPay ? form.reportValidity() : form.checkValidity())) form.requestSubmit();
  else stopWaiting();
}

function goOn() {
  if (isWriting()) return;
  if (wantsToPay) waitWithPaying(true);
  if (isDue || (wantsToPay && isUnsent)) return send();
  const [kind] = wanted;
  if (kind) {
    wanted.delete(kind);
    const button = document.querySelector(BUTTONS[kind]);
    return button ? button.click() : goOn();
  }
  if (isStale && !isPressed) {
    isStale = false;
    document.body.dispatchEvent(new Event("wake"));
  }
  if (wantsToPay) pay();
}

function pay() {
  waitWithPaying(false);
  const button = document.getElementById("pay-button");
  // The time may be up by now: trying again is another button, and another decision.
  if (button && !button.hasAttribute("formaction")) button.form.requestSubmit(button);
}

document.addEventListener("change", (event) => {
  if (event.target.form?.matches("form[data-choice]")) isUnsent = isDue = true;
});

function mayGo(kind) {
  if (kind === "look") return !isDue && !isWriting();
  if (kind === "choice") return [...underWay.values()].every((other) => other === "look" || other === kind);
  return !isDue && !isWriting();
}

document.addEventListener("htmx:confirm", (event) => {
  if (!concernsSummary(event.detail)) return;
  const { elt } = event.detail;
  const kind = kindOf(elt);
  if (mayGo(kind)) return;
  event.preventDefault();
  if (kind === "look") elt.dispatchEvent(new Event("poll:missed", { bubbles: true }));
  else if (kind === "choice") isUnsent = isDue = true;
  // Pressed twice is wanted once.
  else if (![...underWay.values()].includes(kind)) wanted.add(kind);
  goOn();
});

document.addEventListener("htmx:beforeSend", (event) => {
  if (!concernsSummary(event.detail)) return;
  const kind = kindOf(event.detail.elt);
  // What they would tell is older than what this one will.
  for (const [xhr, other] of [...underWay]) if (other === "look") xhr.abort();
  underWay.set(event.detail.xhr, kind);
  if (kind === "choice") isUnsent = isDue = false;
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const kind = underWay.get(detail.xhr);
  if (!kind || !concernsSummary(detail)) return;
  const isRefused = detail.xhr.status >= 400;
  const isOvertaken = isDue && choiceForm().checkValidity();
  // A newer choice brings an answer of its own, and what a finger is on stays where it is.
  if (isRefused ? isOvertaken && kind === "choice" : isOvertaken || isPressed) {
    detail.shouldSwap = false;
    isStale = true;
  } else isStale = false;
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { xhr, requestConfig } = detail;
  const kind = underWay.get(xhr);
  if (!underWay.delete(xhr)) return;
  const isRefused = xhr.status >= 400;
  if (kind === "code" && xhr.status && xhr.status < 500) triedCode = requestConfig.formData.get("code");
  // Not answered, or by an alert elsewhere: the fields say something else than the basket.
  if (kind === "choice" && (!xhr.status || (isRefused && requestConfig.elt.isConnected))) isUnsent = true;
  // Without a status it was replaced by a newer one, or failed: the next listeners.
  if (!xhr.status) return;
  if (isRefused || xhr.getResponseHeader("HX-Redirect")) stopWaiting();
  // After the swap has settled: the button below it may be another one.
  if (!xhr.getResponseHeader("HX-Redirect")) setTimeout(goOn, htmx.config.defaultSettleDelay + 10);
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    if (!concernsSummary(detail) || kindOf(detail.requestConfig.elt) === "look") return;
    stopWaiting();
    goOn();
  });
}

// Before anybody else hears of it: once.js would take the press for sent.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("[data-pays]") || submitter?.hasAttribute("formaction")) return;
  const code = typedCode();
  if (!isUnsent && !code && !isWriting()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // The code that is on its way is waited for, not sent once more.
  if (code && ![...underWay.values()].includes("code")) wanted.add("code");
  const isRepeat = wantsToPay;
  waitWithPaying(true);
  if (!isRepeat) goOn();
}, { capture: true });

document.addEventListener("pointerdown", (event) => {
  isPressed = Boolean(event.target.closest("#summary"));
});
for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, () => {
    if (!isPressed) return;
    isPressed = false;
    // After the click that the finger may have made.
    setTimeout(goOn);
  });
}

window.addEventListener("pageshow", () => waitWithPaying(false));
