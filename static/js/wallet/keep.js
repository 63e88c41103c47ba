// An order's tickets are kept on this phone as soon as its page is open: no button to forget.
import { isHere, onNews, read, sync } from "./sync.js";

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
    const answer = await fetch(form.action, { method: "POST", headers, body }).catch(() => null);
    // An answer that nobody reads keeps its connection.
    await answer?.text().catch(() => "");
    // Somebody else's tickets are on this phone: what becomes of them is for a person to say.
    if (answer?.status === 409) return say("other");
    if (!answer?.ok) return say("later");
  }
  const { kind, record } = await sync();
  if (kind === "removed") return location.reload();
  if (kind !== "fresh" && kind !== "busy") return say(kind === "full" ? "cannot" : "later");
  if (record) localStorage.setItem("wallet-kept", record.wallet);
  if (form) form.hidden = true;
  document.querySelector("[data-wallet-open]").hidden = false;
  say("kept");
  if (navigator.userActivation?.hasBeenActive) navigator.storage?.persist?.();
}

// What was removed from this phone is gone from here, too: the server shows the order no longer.
onNews((news) => news === "removed" && location.reload());
window.addEventListener("pageshow", async ({ persisted }) => {
  if (persisted && !isHere() && !(await read())) location.reload();
});
keep();
