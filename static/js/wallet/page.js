// Keeps a wallet page true and says how old it is. Everything shows without it, too.
import { DOCUMENT, isWhole, read } from "./stores.js";
import { isHere, isRemoving, onNews, remove, replace, sync } from "./sync.js";

const PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
const KEPT = "wallet-kept";
const RELOADED = "wallet-reloaded";
// What says that the tickets are saved on this phone.
const PROMISES = /saved|changed|restored|offline|failed/;

const page = document.getElementById("wallet-page");
const state = document.getElementById("wallet-state");
const words = document.getElementById("wallet-news").dataset;
let shown = page.innerHTML;
let timer = 0;
let failures = 0;
let isChecking = false;
let isDue = false;
let isRemoved = false;
// Without an active worker nothing that is kept opens without a signal.
let hasWorker = Boolean(navigator.serviceWorker?.controller);
let said = [];
const wasKept = localStorage.getItem(KEPT) === document.body.dataset.wallet;

const moment = (iso) =>
  new Date(iso).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

function say(kind, record) {
  // Other pages, such as a ticket that a link shows, are not kept: they say nothing of it.
  const isKept = record && location.pathname in record.documents;
  if (!isKept && document.body.dataset.own !== "offline") return;
  said = [kind, record];
  const isTrue = !PROMISES.test(kind) || (hasWorker && isWhole(record));
  const told = isTrue ? kind : navigator.serviceWorker ? "partly" : "full";
  const news = state.querySelector("[role=status]");
  if (news.textContent !== (words[told] ?? "")) news.textContent = words[told] ?? "";
  const checked = state.querySelector("[data-checked]");
  if (checked && record?.checkedAt) checked.textContent = moment(record.checkedAt);
  state.querySelector("[data-again]").hidden = kind !== "gone";
  state.dataset.kind = told;
  document.dispatchEvent(new CustomEvent("wallet:said", { detail: kind }));
}

// Once for one answer of the server: what it shows then is how it is.
function reload({ wallet, tag }) {
  const answer = [location.pathname, wallet, tag].join();
  if (sessionStorage.getItem(RELOADED) === answer) return;
  sessionStorage.setItem(RELOADED, answer);
  location.reload();
}

// Whether the server speaks of something else than this page shows: of another wallet than its own
// or none, or of this one without the ticket.
function isElsewhere({ wallet, documents }) {
  const { pathname } = location;
  const shown = document.body.dataset.wallet;
  if (shown === undefined || !DOCUMENT.test(pathname)) return false;
  return shown !== wallet || (pathname in (before?.documents ?? {}) && !(pathname in documents));
}

// The page's own document, when there is a newer one; whether it was.
function show(record) {
  const kept = record?.documents[location.pathname];
  const { wallet, own } = document.body.dataset;
  // Where a document was lost stands a page of the worker's: now there is one again.
  if (kept && own) location.reload();
  if (!kept || wallet !== record.wallet) return false;
  const fresh = new DOMParser().parseFromString(kept.html, "text/html");
  // What is around the tickets is in the other language, too.
  if (fresh.documentElement.lang !== document.documentElement.lang) reload(record);
  const next = fresh.getElementById("wallet-page").innerHTML;
  if (next === shown) return false;
  const hadFocus = page.contains(document.activeElement);
  shown = next;
  page.innerHTML = next;
  document.title = fresh.title;
  if (hadFocus) document.getElementById("main").focus();
  return true;
}

function kindOf(kind, record, isNews) {
  if (kind === "fresh" && isNews) return "changed";
  // News stays until there is other news: the next answer may come before anybody has read it.
  if (kind === "fresh" && ["changed", "restored"].includes(said[0])) return said[0];
  if (kind === "fresh") return wasKept && !before ? "restored" : "saved";
  if (kind === "busy") return record?.checkedAt ? "saved" : "";
  return record?.checkedAt || kind === "full" ? kind : record ? "partly" : "";
}

let before = null;

async function check(isPatient) {
  if (isRemoved || !(before || isHere())) return;
  // What happens while an answer is on its way may not be in it.
  isDue = isChecking;
  if (isChecking) return;
  clearTimeout(timer);
  isChecking = true;
  const { kind, record } = await sync(isPatient);
  isChecking = false;
  if (kind === "removed") showRemoved();
  if (isRemoved) return;
  failures = ["fresh", "busy"].includes(kind) ? 0 : failures + 1;
  if (kind === "fresh" && isElsewhere(record)) reload(record);
  say(kindOf(kind, record, show(record) && before), record);
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
  if (!document.hidden) timer = setTimeout(check, Math.min(pause, LONGEST_PAUSE_MS), false);
}

function checkSoon() {
  failures = 0;
  if (!document.hidden) check();
}

// Another tab, or the way back to a page that was left: what is gone must not be seen.
function showRemoved() {
  if (isRemoved) return;
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
  const { wallet } = document.body.dataset;
  if (isRemoving()) {
    // The removal was cut short.
    if (wallet) showRemoved();
    return remove();
  }
  navigator.serviceWorker?.register("/sw.js", { updateViaCache: "none" }).catch(() => {});
  navigator.serviceWorker?.ready.then(() => {
    hasWorker = true;
    if (said.length && !isRemoved) say(...said);
  });
  // What a form led to is asked for with a query, past the kept document.
  if (location.search) history.replaceState(null, "", location.pathname);
  before = await read();
  // The server names another wallet: what is kept here was somebody else's.
  const isReplaced = Boolean(wallet && before && wallet !== before.wallet);
  if (isReplaced) {
    await replace(wallet);
    before = null;
  }
  const isOffline = navigator.onLine === false;
  if (before) say(isOffline ? "offline" : before.checkedAt ? "saved" : "partly", before);
  document.documentElement.classList.toggle("was-here", isHere() && !before);
  await check(isReplaced);
}

function removeAll(event) {
  if (!event.target.closest("[data-wallet-remove]")) return;
  event.preventDefault();
  showRemoved();
  remove();
}

document.addEventListener("click", removeAll);
onNews(async (news) => {
  if (news === "removed") showRemoved();
  if (news === "replaced" && "wallet" in document.body.dataset) location.reload();
  if (news !== "synced" || isRemoved) return;
  const record = await read();
  if (isRemoved || !record) return;
  if (isElsewhere(record)) reload(record);
  const isNews = show(record);
  before = record;
  say(kindOf("fresh", record, isNews), record);
});
window.addEventListener("online", checkSoon);
window.addEventListener("offline", () => before && say("offline", before));
document.addEventListener("visibilitychange", checkSoon);
window.addEventListener("pageshow", async ({ persisted }) => {
  if (!persisted) return;
  page.hidden = true;
  const record = await read();
  page.hidden = false;
  if (before && !record && !isHere()) return showRemoved();
  if (record && isElsewhere(record)) reload(record);
  checkSoon();
});
// Asked for on a tap, as one browser asks its person in turn.
document.addEventListener("pointerup", () => before && navigator.storage?.persist?.(), { once: true });

begin();
