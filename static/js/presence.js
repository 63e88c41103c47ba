// Tells the box office that the checkout is in view: where and when checkouts are given up is
// counted, never whose. It holds nothing longer and changes nothing here; what is lost stays lost.
// Whoever leaves says so at once. This is for those who cannot, and a crowd must not be a load.
const PAUSE_MS = 60_000;
const LONGEST_ANSWER_MS = 10_000;
let isBeating = false;

async function beat() {
  // Gone from the page with the hold.
  const hold = document.querySelector("[data-presence]");
  if (!hold || isBeating || !navigator.onLine) return;
  isBeating = true;
  const token = document.querySelector('input[name="csrf_token"]').value;
  try {
    await fetch(hold.dataset.presence, {
      method: "POST",
      body: new URLSearchParams({ csrf_token: token }),
      keepalive: true,
      // One that is never answered must not keep a connection from the buyer.
      signal: AbortSignal.timeout?.(LONGEST_ANSWER_MS),
    });
  } catch {
    // The next one will do.
  }
  isBeating = false;
}

function beatInView() {
  if (document.visibilityState === "visible") beat();
}

document.addEventListener("visibilitychange", beat);
window.addEventListener("pageshow", beatInView);
setInterval(beatInView, PAUSE_MS);
