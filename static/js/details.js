// The checkout's details: what is wrong is said at its field, names survive a changed number of
// tickets, and the focus never falls out of the page.
// Saving half a word fails silently: leaving the field tries again, and says so.
const DRAFT = "form [data-quiet]";

// The last letters before the page is left go along with the leaving: no answer is waited for.
let isUnsaved = false;
document.addEventListener("input", (event) => {
  if (event.target.closest(DRAFT)) isUnsaved = true;
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.closest?.(DRAFT)) isUnsaved = false;
});
document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.elt.closest?.(DRAFT)) isUnsaved = true;
});
document.addEventListener("submit", (event) => {
  if (event.target.querySelector(DRAFT)) isUnsaved = false;
});
window.addEventListener("pagehide", () => {
  const typed = document.querySelector(DRAFT);
  if (!isUnsaved || !typed) return;
  isUnsaved = false;
  const body = new URLSearchParams(new FormData(typed.closest("form")));
  fetch(typed.getAttribute("hx-post"), { method: "POST", body, keepalive: true });
});

// What is typed after coming back from the payment page is newer than what was paid with, and the
// back button brings the page as it was made before.
window.addEventListener("pageshow", (event) => {
  const seen = document.querySelector('input[name="seen_attempts"]');
  if (event.persisted && seen) seen.value = "";
});

function markField(field, sentence) {
  let fault = document.getElementById(`${field.id}-fault`);
  if (!fault && sentence) {
    fault = document.createElement("p");
    fault.id = `${field.id}-fault`;
    fault.className = "fault";
    field.before(fault);
    const others = field.getAttribute("aria-describedby") ?? "";
    field.setAttribute("aria-describedby", `${fault.id} ${others}`.trim());
  }
  if (!fault) return;
  fault.textContent = sentence;
  fault.hidden = !sentence;
  field.closest(".field")?.classList.toggle("is-faulty", Boolean(sentence));
  if (sentence) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

function markFields() {
  const faults = new Map();
  for (const link of document.querySelectorAll("#contact-faults a")) {
    faults.set(link.hash.slice(1), link.textContent);
  }
  for (const field of document.querySelectorAll("#typed .field input")) {
    markField(field, faults.get(field.id) ?? "");
  }
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "contact-faults") markFields();
});

const namesOf = (root) => [...root.querySelectorAll("input[id]")].map((field) => field.id).join();

// The same tickets need no other fields; for others, what was typed goes along.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const before = event.detail.target;
  if (before.id !== "attendees") return;
  const after = event.detail.fragment.querySelector("#attendees");
  if (namesOf(before) === namesOf(after)) {
    event.detail.shouldSwap = false;
    return;
  }
  after.open = before.open;
  for (const field of before.querySelectorAll("input[id]")) {
    const next = after.querySelector(`#${CSS.escape(field.id)}`);
    if (!next) continue;
    next.value = field.value;
    next.checked = field.checked;
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove]");
  if (!button) return;
  const field = document.getElementById(button.dataset.remove);
  field.value = field.inputMode === "decimal" ? "" : "0";
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

// What had the focus may be gone with its line, or with the last extension.
let wasInSummary = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  wasInSummary = event.detail.target.id === "summary" && event.detail.target.contains(document.activeElement);
});
document.addEventListener("htmx:afterSettle", () => {
  if (wasInSummary && document.activeElement === document.body) {
    document.getElementById("summary-title")?.focus();
  }
  wasInSummary = false;
});
