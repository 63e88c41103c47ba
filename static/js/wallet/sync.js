// Brings what is kept up to what the server says. Only the server's own whole answer changes
// anything: an error, a sign-in page, a redirect or a page of the hotel's network never does.
import { isWhole, pathsOf, purge, read, write } from "./stores.js";

export const HERE = "yardpass-wallet-here";
const CONTENTS = "/wallet/contents";
const DOCUMENT = /^\/wallet(\/tickets\/\d+)?$/;
const PATIENCE_MS = 15_000;
// What belongs to one transfer, not to the document.
const PASSING = /^(vary|date|connection|content-(length|encoding)|transfer-encoding)$/;

const channel = "BroadcastChannel" in window ? new BroadcastChannel("wallet") : null;

const running = new Set();
let isStopped = false;

/** Call `act` with what another tab did: "synced" or "removed". */
export function onNews(act) {
  channel?.addEventListener("message", ({ data }) => act(data));
}

// After a removal nothing is asked for and nothing kept, until another page is opened.
function stop() {
  isStopped = true;
  for (const patience of running) patience.abort();
}
onNews((news) => news === "removed" && stop());

export const isHere = () => document.cookie.includes(`${HERE}=`);

/**
 * Ask once. Answers {kind, record}: "fresh" (all is as the server says), "offline" (nobody
 * answered), "failed" (no usable answer), "gone" (not this phone's wallet any more, which deletes
 * nothing), "full" (the browser keeps nothing) or "busy" (another tab is at it).
 */
export function sync() {
  return alone({ ifAvailable: true }, async (lock) => {
    if (lock === null) return { kind: "busy", record: await read() };
    const kept = await read(true);
    const { kind, record } = await ask(kept);
    if (record && kind !== "full") channel?.postMessage("synced");
    return { kind, record: record ?? kept };
  });
}

/** Forget the tickets on this phone, with or without a connection; the other tabs are told. */
export async function remove() {
  // Without this half the server ends the copy at the next request, whoever sends it.
  document.cookie = `${HERE}=; Max-Age=0; Path=/`;
  channel?.postMessage("removed");
  stop();
  await alone({}, () => purge());
  for (const key of Object.keys(localStorage)) if (key.startsWith("wallet-")) localStorage.removeItem(key);
  const worker = await navigator.serviceWorker?.getRegistration();
  (await worker?.pushManager?.getSubscription())?.unsubscribe();
  await fetch(CONTENTS, { cache: "no-store", keepalive: true }).catch(() => {});
}

// One tab at a time, where the browser can tell.
function alone(options, act) {
  return navigator.locks ? navigator.locks.request("wallet", options, act) : act({});
}

async function ask(kept) {
  const tag = kept && isWhole(kept) ? kept.tag : "";
  const answer = await call(CONTENTS, tag ? { "If-None-Match": tag } : {});
  if (!answer) return { kind: "offline" };
  if (answer.status === 304 && tag && answer.headers.get("ETag") === tag) {
    const checkedAt = new Date(answer.headers.get("Date")).toISOString();
    return keep({ ...kept, checkedAt });
  }
  const isJson = /json/.test(answer.headers.get("Content-Type"));
  const contents = isJson ? await answer.json().catch(() => null) : null;
  if (answer.status === 401 && contents?.code === "wallet_not_connected") return { kind: "gone" };
  const isOurs = /^[0-9a-f]{16}$/.test(contents?.wallet) && Array.isArray(contents.tickets);
  if (!answer.ok || !isOurs) return { kind: "failed" };
  return fill(contents, answer.headers.get("ETag") ?? "", kept?.wallet === contents.wallet ? kept : null);
}

// The documents whose version changed are fetched; what could not be fetched stays as it was.
async function fill({ wallet, checked_at, tickets }, tag, kept) {
  const documents = {};
  let isComplete = true;
  const wanted = [...pathsOf({ tag, tickets })].filter(([path]) => DOCUMENT.test(path));
  await Promise.all(
    wanted.map(async ([path, version]) => {
      const old = kept?.documents[path];
      const isCurrent = old?.version === version;
      const found = isCurrent ? old : await fetchDocument(path, version, wallet);
      isComplete &&= Boolean(found);
      if (found ?? old) documents[path] = found ?? old;
    }),
  );
  if (!isComplete && !isStopped) {
    await write({ wallet, tag: "", checkedAt: kept?.checkedAt ?? null, tickets, documents });
    return { kind: "failed", record: await read() };
  }
  if (isStopped) return { kind: "failed" };
  return keep({ wallet, tag, checkedAt: checked_at, tickets, documents });
}

const keep = async (record) => ({ kind: (await write(record)) ? "fresh" : "full", record });

async function fetchDocument(path, version, wallet) {
  const answer = await call(path, { Accept: "text/html" });
  const says = (name) => answer.headers.get(name) ?? "";
  const isOurs =
    answer?.status === 200 &&
    answer.type === "basic" &&
    !answer.redirected &&
    says("Content-Type").startsWith("text/html") &&
    /^(ticket|list)$/.test(says("X-Wallet-Document")) &&
    says("X-Wallet") === wallet;
  if (!isOurs) return null;
  const headers = [...answer.headers].filter(([name]) => !PASSING.test(name));
  const html = await answer.text().catch(() => "");
  return html && { version, headers, html };
}

// The answer, a redirect unfollowed; null when none came in time.
async function call(path, headers) {
  if (isStopped) return null;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  running.add(patience);
  const options = { headers, cache: "no-store", redirect: "manual", signal: patience.signal };
  const answer = await fetch(path, options).catch(() => null);
  clearTimeout(timer);
  running.delete(patience);
  return answer;
}
