// Rewrites [data-countdown], the seconds that the server said are left. Decoration only: the
// server decides when the hold ends, and the page asks it.
const SPOKEN_MINUTES = [0, 1, 2, 5];
const SHORT_SECONDS = 120;
const MORE_TIME_MS = 60_000;
const clocks = new WeakMap();
let latestEnd = Infinity;
let latestSeconds = 0;

function clockOf(element) {
  const known = clocks.get(element);
  if (known) return known;
  // The same hold drawn anew goes on where it was: a mark passed while asleep is still spoken.
  const clock = { endsAt: Date.now() + Number(element.dataset.countdown) * 1000, before: latestSeconds };
  clocks.set(element, clock);
  if (clock.endsAt > latestEnd + MORE_TIME_MS) say(element.dataset.sayMore);
  latestEnd = clock.endsAt;
  return clock;
}

function say(sentence) {
  document.getElementById("clock-announcement").textContent = sentence;
}

// Only the moments that matter are spoken; a tab that slept says the latest one.
function announce(element, before, seconds) {
  const minutes = SPOKEN_MINUTES.find((mark) => before > mark * 60 && seconds <= mark * 60);
  if (minutes === undefined) return;
  say(element.getAttribute(`data-say-${minutes}`));
}

function tick() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const clock = clockOf(element);
    const seconds = Math.max(0, Math.round((clock.endsAt - Date.now()) / 1000));
    element.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    element.classList.toggle("is-short", seconds <= SHORT_SECONDS);
    announce(element, clock.before, seconds);
    clock.before = latestSeconds = seconds;
  }
}

tick();
setInterval(tick, 1000);

// A tab that was away asks the server what became of the hold: it may have been renewed, changed
// or paid for elsewhere, and a sleeping machine's clock may have stood still.
function wake() {
  if (document.visibilityState === "visible") document.body.dispatchEvent(new Event("wake"));
}
document.addEventListener("visibilitychange", wake);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) wake();
});
