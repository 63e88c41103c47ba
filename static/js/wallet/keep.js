// An order's tickets are kept on this phone as soon as its page is open: no button to forget.
import { read } from "./stores.js";
import { call, isHere, onNews, sync } from "./sync.js";

const WORKER_PATIENCE_MS = 10_000;

const form = document.querySelector("[data-wallet-keep]");
const state = document.querySelector("[data-wallet-keep-state]");

function say(kind) {
  state.textContent = state.dataset[kind] ?? "";
}

async function keep() {
  if (!state) return;
  if (!navigator.serviceWorker || !("caches" in window)) return say("cannot");
  navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }).catch(() => {});
  if (form) {
    const headers = { Accept: "application/json" };
    const body = new URLSearchParams(new FormData(form));
    const { answer } = await call(form.action, { method: "POST", headers, body });
    // Somebody else's tickets are on this phone: what becomes of them is for a person to say.
    if (answer?.status === 409) return say("other");
    if (!answer?.ok) return say("later");
  }
  const { kind, record } = await sync(true);
  if (kind === "removed") return location.reload();
  if (kind !== "fresh") return say(kind === "full" ? "cannot" : "later");
  localStorage.setItem("wallet-kept", record.wallet);
  if (form) form.hidden = true;
  document.querySelector("[data-wallet-open]").hidden = false;
  // Without the worker nothing opens without a signal.
  const late = setTimeout(say, WORKER_PATIENCE_MS, "later");
  await navigator.serviceWorker.ready;
  clearTimeout(late);
  say("kept");
  if (navigator.userActivation?.hasBeenActive) navigator.storage?.persist?.();
}

// What was removed from this phone is gone from here, too: the server shows the order no longer.
onNews((news) => news !== "synced" && location.reload());
window.addEventListener("pageshow", async ({ persisted }) => {
  if (persisted && !isHere() && !(await read())) location.reload();
});
keep();
