// What asks by itself, [data-poll], goes on after an answer that did not come: later and later, and
// at once when the network or the reader is back. Answered, it is gone from the page.
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;
const missed = new Set();
let misses = 0;
let timer = 0;

function miss(poll) {
  missed.add(poll);
  clearTimeout(timer);
  timer = setTimeout(() => askAgain(missed), Math.min(FIRST_PAUSE_MS * 2 ** misses, LONGEST_PAUSE_MS));
  misses += 1;
}

function askAgain(polls) {
  const asking = [...polls].filter((poll) => poll.isConnected);
  missed.clear();
  for (const poll of asking) poll.dispatchEvent(new Event("again"));
}

function askNow() {
  misses = 0;
  // Those marked "late" wait for an hour of their own: only what they missed is asked.
  const eager = document.querySelectorAll('[data-poll]:not([data-poll="late"])');
  askAgain(new Set([...missed, ...eager]));
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const poll = detail.requestConfig.elt;
  if (!poll.matches("[data-poll]")) return;
  if (poll.isConnected) miss(poll);
  else misses = 0;
});
// Who keeps one from asking says so.
document.addEventListener("poll:missed", (event) => miss(event.target));

window.addEventListener("online", askNow);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") askNow();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) askNow();
});
