// Keeps a wallet page true and says how old it is. Everything shows without it, too.
import { isHere, onNews, purge, read, remove, sync } from "./sync.js";

const PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
const KEPT = "wallet-kept";

const page = document.getElementById("wallet-page");
const state = document.getElementById("wallet-state");
const words = document.getElementById("wallet-news").dataset;
let shown = page.innerHTML;
let timer = 0;
let failures = 0;
let isChecking = false;
let isDue = false;
let isRemoved = false;
const wasKept = localStorage.getItem(KEPT) === document.body.dataset.wallet;

const moment = (iso) =>
  new Date(iso).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

function say(kind, record) {
  // Other pages, such as a ticket that a link shows, are not kept: they say nothing of it.
  const isKept = record && location.pathname in record.documents;
  if (!isKept && document.body.dataset.own !== "offline") return;
  const news = state.querySelector("[role=status]");
  const said = words[kind] ?? "";
  if (news.textContent !== said) news.textContent = said;
  const checked = state.querySelector("[data-checked]");
  if (checked && record?.checkedAt) checked.textContent = moment(record.checkedAt);
  state.querySelector("[data-again]").hidden = kind !== "gone";
  state.dataset.kind = kind;
  document.dispatchEvent(new Event("wallet:said"));
}

// The page's own document, when there is a newer one; whether it was.
function show(record) {
  const kept = record?.documents[location.pathname];
  const { wallet, own } = document.body.dataset;
  // Where a document was lost stands a page of the worker's: now there is one again.
  if (kept && own) location.reload();
  if (!kept || wallet !== record.wallet) return false;
  const fresh = new DOMParser().parseFromString(kept.html, "text/html");
  const next = fresh.getElementById("wallet-page").innerHTML;
  if (next === shown) return false;
  const hadFocus = page.contains(document.activeElement);
  shown = next;
  page.innerHTML = next;
  document.title = fresh.title;
  if (hadFocus) document.getElementById("main").focus();
  return true;
}

function kindOf({ kind, record }, isNews) {
  if (kind === "fresh" && isNews) return "changed";
  // News stays until there is other news: the next answer may come before anybody has read it.
  if (kind === "fresh" && ["changed", "restored"].includes(state.dataset.kind)) return state.dataset.kind;
  if (kind === "fresh") return wasKept && !before ? "restored" : "saved";
  if (kind === "busy") return record?.checkedAt ? "saved" : "";
  return record?.checkedAt || kind === "full" ? kind : record ? "partly" : "";
}

let before = null;

async function check() {
  if (isRemoved || !(before || isHere())) return;
  // What happens while an answer is on its way may not be in it.
  isDue = isChecking;
  if (isChecking) return;
  clearTimeout(timer);
  isChecking = true;
  const outcome = await sync();
  isChecking = false;
  if (outcome.kind === "removed") showRemoved();
  if (isRemoved) return;
  const isOk = ["fresh", "busy"].includes(outcome.kind);
  failures = isOk ? 0 : failures + 1;
  const { record, kind } = outcome;
  say(kindOf(outcome, show(record) && before), record);
  if (kind === "fresh") {
    localStorage.setItem(KEPT, record.wallet);
    before = record;
  }
  if (isDue) check();
  else plan();
}

function plan() {
  clearTimeout(timer);
  // Not all at the same moment: a crowd waits at the same door.
  const pause = PAUSE_MS * (0.75 + Math.random() / 2) * 2 ** failures;
  if (!document.hidden) timer = setTimeout(check, Math.min(pause, LONGEST_PAUSE_MS));
}

function checkSoon() {
  failures = 0;
  if (!document.hidden) check();
}

// Another tab, or the way back to a page that was left: what is gone must not be seen.
function showRemoved() {
  isRemoved = true;
  clearTimeout(timer);
  before = null;
  history.replaceState(null, "", "/wallet");
  const main = document.getElementById("main");
  main.replaceChildren(document.getElementById("wallet-removed").content.cloneNode(true));
  document.title = main.querySelector("h1").textContent;
  main.focus();
}

async function begin() {
  navigator.serviceWorker?.register("/sw.js", { updateViaCache: "none" }).catch(() => {});
  // What a form led to is asked for with a query, past the kept document.
  if (location.search) history.replaceState(null, "", location.pathname);
  before = await read();
  const { wallet } = document.body.dataset;
  if (wallet && before && wallet !== before.wallet) {
    // The server names another wallet: what is kept here was somebody else's.
    await purge();
    before = null;
  }
  const isOffline = navigator.onLine === false;
  if (before) say(isOffline ? "offline" : before.checkedAt ? "saved" : "partly", before);
  document.documentElement.classList.toggle("was-here", isHere() && !before);
  await check();
}

async function removeAll(event) {
  if (!event.target.closest("[data-wallet-remove]")) return;
  event.preventDefault();
  isRemoved = true;
  await remove();
  showRemoved();
}

document.addEventListener("click", removeAll);
onNews(async (news) => {
  if (news === "removed") showRemoved();
  else if (!isRemoved) {
    before = await read();
    say(show(before) ? "changed" : "saved", before);
  }
});
window.addEventListener("online", checkSoon);
window.addEventListener("offline", () => before && say("offline", before));
document.addEventListener("visibilitychange", checkSoon);
window.addEventListener("pageshow", async ({ persisted }) => {
  if (!persisted) return;
  page.hidden = true;
  const isGone = before && !(await read());
  page.hidden = false;
  if (isGone) showRemoved();
  else checkSoon();
});
// Asked for on a tap, as one browser asks its person in turn.
document.addEventListener("pointerup", () => before && navigator.storage?.persist?.(), { once: true });

begin();
