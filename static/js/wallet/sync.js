// Brings what is kept up to what the server says. Only the server's own whole answer changes
// anything: an error, a sign-in page, a redirect or a page of the hotel's network never does.
//
// It is kept twice, since a browser may throw either away: as documents in the Cache API, and as
// one record in IndexedDB. Each is whole and makes the other anew. A record: {wallet, tag,
// checkedAt, tickets, documents: {path: {version, headers, html}}}. `wallet` names the stores, so
// that two wallets never mix; `checkedAt` is the server's clock, and null until all was there.
const HERE = "yardpass-wallet-here";
const CONTENTS = "/wallet/contents";
const PREFIX = "wallet-";
const VERSION = "X-Wallet-Version";
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
 * nothing), "removed" (by another phone: all is deleted), "full" (the browser keeps nothing) or
 * "busy" (another tab is at it).
 */
export async function sync() {
  const outcome = await alone({ ifAvailable: true }, async (lock) => {
    if (lock === null) return { kind: "busy", record: await read() };
    const kept = await read(true);
    const { kind, record } = await ask(kept);
    if (record && kind !== "full") channel?.postMessage("synced");
    return { kind, record: record ?? kept };
  });
  if (outcome.kind === "removed") await remove();
  return outcome;
}

/** Forget the tickets on this phone, with or without a connection; the other tabs are told. */
export async function remove() {
  // Without this half the server ends the copy at the next request, whoever sends it.
  document.cookie = `${HERE}=; Max-Age=0; Path=/`;
  channel?.postMessage("removed");
  stop();
  await alone({}, () => purge());
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  // Nobody waits for the rest: without an answer the next page that is opened does the same.
  unsubscribe().catch(() => {});
  fetch(CONTENTS, { cache: "no-store", keepalive: true }).catch(() => {});
}

async function unsubscribe() {
  const worker = await navigator.serviceWorker?.getRegistration();
  await (await worker?.pushManager?.getSubscription())?.unsubscribe();
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
  const refused = answer.status === 401 && contents?.code;
  if (refused === "wallet_not_connected") return { kind: "gone" };
  if (refused === "wallet_copy_removed") return { kind: "removed" };
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

// Every path of a wallet with the version that it should have.
function pathsOf({ tag, tickets }) {
  return new Map([["/wallet", tag], ...tickets.map(({ url, version }) => [url, version])]);
}

// Whether every document is there, however old.
function isWhole(record) {
  return [...pathsOf(record).keys()].every((path) => path in record.documents);
}

/**
 * What is kept, put together from both stores; null when there is nothing. With `isHealing` a
 * store that lacks something gets it: only for who writes alone, or a removal could be undone.
 */
export async function read(isHealing = false) {
  const [row, shelf] = await Promise.all([readRow().catch(() => null), readShelf().catch(() => null)]);
  const [first, second] = [row, shelf].sort((one, other) => age(one) - age(other));
  if (!first) return null;
  const record = { ...first, documents: { ...first.documents } };
  for (const path of pathsOf(record).keys()) {
    const spare = second?.wallet === record.wallet && second.documents[path];
    if (!record.documents[path] && spare) record.documents[path] = spare;
  }
  if (!isHealing) return record;
  if (print(row) !== print(record)) await writeRow(record).catch(() => {});
  if (print(shelf) !== print(record)) await writeShelf(record).catch(() => {});
  return record;
}

// Keep a record; whether at least one store took it. Other wallets are gone before.
async function write(record) {
  await purge(record.wallet);
  const done = await Promise.allSettled([writeRow(record), writeShelf(record)]);
  return done.some(({ status }) => status === "fulfilled");
}

/** Forget everything, but for the wallet of that name. */
export async function purge(except = "") {
  const names = await keptNames().catch(() => []);
  const others = names.filter((name) => name !== PREFIX + except);
  await Promise.allSettled([...others.map((name) => caches.delete(name)), dropRows(except)]);
}

// The newest first; what was never whole is older than everything.
const age = (record) => (record ? -(Date.parse(record.checkedAt) || 0) : Infinity);

// Enough to tell whether both stores hold the same.
function print(record) {
  const versions = record && Object.entries(record.documents).map(([path, { version }]) => path + version);
  return record && [record.wallet, record.checkedAt, record.tag, ...versions.sort()].join();
}

const keptNames = async () => (await caches.keys()).filter((name) => name.startsWith(PREFIX));

async function readShelf() {
  const [name] = await keptNames();
  const shelf = name && (await caches.open(name));
  const summary = await (await shelf?.match(CONTENTS))?.json();
  if (!summary) return null;
  const documents = {};
  for (const path of pathsOf(summary).keys()) {
    const kept = await shelf.match(path);
    if (!kept) continue;
    const headers = [...kept.headers];
    documents[path] = { version: kept.headers.get(VERSION), headers, html: await kept.text() };
  }
  return { ...summary, documents };
}

async function writeShelf({ documents, ...summary }) {
  const shelf = await caches.open(PREFIX + summary.wallet);
  for (const [path, { version, headers, html }] of Object.entries(documents)) {
    const kept = await shelf.match(path);
    if (kept?.headers.get(VERSION) === version) continue;
    const answer = new Response(html, { headers });
    answer.headers.set(VERSION, version);
    await shelf.put(path, answer);
  }
  // Last, so that a summary never promises more than there is; only then what it no longer names.
  await shelf.put(CONTENTS, Response.json(summary));
  for (const { url } of await shelf.keys()) {
    const { pathname } = new URL(url);
    if (pathname !== CONTENTS && !(pathname in documents)) await shelf.delete(pathname);
  }
}

const readRow = async () => (await inRows("readonly", (rows) => rows.getAll()))[0] ?? null;
const writeRow = (record) => inRows("readwrite", (rows) => rows.put(record));
const dropRows = (except) =>
  inRows("readwrite", (rows) => {
    const walk = rows.openKeyCursor();
    walk.onsuccess = () => {
      const at = walk.result;
      if (!at) return;
      if (at.key !== except) rows.delete(at.key);
      at.continue();
    };
    return walk;
  });

function inRows(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("yardpass-wallet", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("wallets", { keyPath: "wallet" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const work = database.transaction("wallets", mode);
      const request = act(work.objectStore("wallets"));
      work.oncomplete = () => resolve(request.result);
      work.onabort = () => reject(work.error);
      // Only once the work is over.
      database.close();
    };
  });
}
