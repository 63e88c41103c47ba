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
// Says that a removal began; gone once nothing is left of what was removed.
const REMOVING = "wallet-removing";
// The addresses of kept pages.
export const DOCUMENT = /^\/wallet(\/tickets\/\d+)?$/;
// For the first word of an answer, then for all of it.
const PATIENCE_MS = 15_000;
const BODY_PATIENCE_MS = 60_000;
// What belongs to one transfer, not to the document.
const PASSING = /^(vary|date|connection|content-(length|encoding)|transfer-encoding)$/;

const channel = "BroadcastChannel" in window ? new BroadcastChannel("wallet") : null;

const running = new Set();
let isStopped = false;
// Some phones' IndexedDB never answers after a start. It is waited for once on each page.
let indexPatienceMs = 1500;

/** Call `act` with what another tab did: "synced", "replaced" (by another wallet) or "removed". */
export function onNews(act) {
  channel?.addEventListener("message", ({ data }) => act(data));
}

// Once the wallet is another or none, nothing is asked for and nothing kept by this page.
function stop() {
  isStopped = true;
  for (const patience of running) patience.abort();
}
onNews((news) => news !== "synced" && stop());

export const isHere = () => document.cookie.includes(`${HERE}=`);

/** Whether a removal was cut short: what is still kept here must not be shown. */
export const isRemoving = () => !!localStorage.getItem(REMOVING) && !isHere();

/**
 * Ask once. Answers {kind, record}: "fresh" (all is as the server says), "offline" (nobody
 * answered), "failed" (no usable answer), "gone" (not this phone's wallet any more, which deletes
 * nothing), "removed" (by another phone: all is deleted), "full" (the browser keeps nothing) or
 * "busy" (another tab is at it; the patient wait for it, and then ask).
 */
export async function sync(isPatient = false) {
  const outcome = await alone(isPatient ? {} : { ifAvailable: true }, async (lock) => {
    if (lock === null) return { kind: "busy", record: await read() };
    const kept = await read(true);
    const { kind, record } = await ask(kept).catch(() => ({ kind: "failed" }));
    if (record && kind !== "full") channel?.postMessage("synced");
    return { kind, record: record ?? kept };
  });
  if (outcome.kind === "removed") await remove();
  return outcome;
}

/** Forget the tickets on this phone, with or without a connection; the other tabs are told. */
export async function remove() {
  // Whatever happens from here on, the next page goes on with it.
  localStorage.setItem(REMOVING, "1");
  // Without this half the server ends the copy at the next request, whoever sends it.
  document.cookie = `${HERE}=; Max-Age=0; Path=/`;
  channel?.postMessage("removed");
  stop();
  // Nobody waits for these: without an answer the next page that is opened does the same.
  unsubscribe().catch(() => {});
  fetch(CONTENTS, { cache: "no-store", keepalive: true }).catch(() => {});
  await purge();
  // Once more when nobody writes any longer.
  alone({}, () => purge()).then(forgetRemoval);
}

function forgetRemoval(isDone) {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  for (const key of keys) if (isDone || key !== REMOVING) localStorage.removeItem(key);
}

/** Forget what was another person's: this phone has that wallet now, and the other tabs are told. */
export async function replace(wallet) {
  await purge(wallet);
  channel?.postMessage("replaced");
}

async function unsubscribe() {
  const worker = await navigator.serviceWorker?.getRegistration();
  await (await worker?.pushManager?.getSubscription())?.unsubscribe();
}

// One tab at a time, where the browser can tell.
function alone(options, act) {
  return navigator.locks ? navigator.locks.request("wallet", options, act) : act({});
}

// A proxy that compresses calls the tag a weak one.
const tagOf = ({ headers }) => headers.get("ETag")?.replace(/^W\//, "") ?? "";

async function ask(kept) {
  const tag = kept && isWhole(kept) ? kept.tag : "";
  const { answer, text } = await call(CONTENTS, { headers: tag ? { "If-None-Match": tag } : {} });
  if (!answer) return { kind: "offline" };
  if (answer.status === 304 && tag && tagOf(answer) === tag) {
    const checkedAt = new Date(answer.headers.get("Date")).toISOString();
    return keep({ ...kept, checkedAt });
  }
  const contents = readJson(answer, text);
  const refused = answer.status === 401 && contents?.code;
  if (refused === "wallet_not_connected") return { kind: "gone" };
  if (refused === "wallet_copy_removed") return { kind: "removed" };
  const isOurs = /^[0-9a-f]{16}$/.test(contents?.wallet) && Array.isArray(contents.tickets);
  if (!answer.ok || !isOurs) return { kind: "failed" };
  return fill(contents, tagOf(answer), kept?.wallet === contents.wallet ? kept : null);
}

function readJson({ headers }, text) {
  try {
    return /json/.test(headers.get("Content-Type")) ? JSON.parse(text) : null;
  } catch {
    return null;
  }
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
  if (isStopped) return { kind: "failed" };
  if (isComplete) return keep({ wallet, tag, checkedAt: checked_at, tickets, documents });
  await write({ wallet, tag: "", checkedAt: kept?.checkedAt ?? null, tickets, documents });
  return { kind: "failed", record: await read() };
}

const keep = async (record) => ({ kind: (await write(record)) ? "fresh" : "full", record });

// Throws when the document is of another wallet: then this phone's was replaced a moment ago.
async function fetchDocument(path, version, wallet) {
  const { answer, text } = await call(path, { headers: { Accept: "text/html" } });
  const says = (name) => answer.headers.get(name) ?? "";
  const isDocument =
    answer?.status === 200 &&
    answer.type === "basic" &&
    !answer.redirected &&
    says("Content-Type").startsWith("text/html") &&
    /^(ticket|list)$/.test(says("X-Wallet-Document"));
  if (!isDocument) return null;
  if (says("X-Wallet") !== wallet) throw new Error("another wallet");
  const headers = [...answer.headers].filter(([name]) => !PASSING.test(name));
  return text && { version, headers, html: text };
}

/**
 * Ask the server: {answer, text}, a redirect unfollowed. Without an answer in time `answer` is
 * null; `text` is empty unless all of it came.
 */
export async function call(path, options) {
  const patience = new AbortController();
  const { signal } = patience;
  const within = (ms) => setTimeout(() => patience.abort(), ms);
  let timer = within(PATIENCE_MS);
  let answer = null;
  let text = "";
  if (isStopped) patience.abort();
  running.add(patience);
  try {
    answer = await fetch(path, { cache: "no-store", redirect: "manual", signal, ...options });
    clearTimeout(timer);
    timer = within(BODY_PATIENCE_MS);
    text = await answer.text();
  } catch {
    // No answer, or only its beginning.
  }
  clearTimeout(timer);
  running.delete(patience);
  return { answer, text };
}

// Every path of a wallet with the version that it should have.
function pathsOf({ tag, tickets }) {
  return new Map([["/wallet", tag], ...tickets.map(({ url, version }) => [url, version])]);
}

/** Whether every document is there, however old. */
export function isWhole(record) {
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
  const isHeal = [row, shelf].every((store) => print(store) === print(record));
  if (isHealing && !isHeal) await write(record);
  return record;
}

// Keep a record; whether at least one store took it. Other wallets are gone before. A store that
// has no room for it is emptied: what is older must not be shown before what is newer.
async function write(record) {
  if (await purge(record.wallet)) localStorage.removeItem(REMOVING);
  const done = await Promise.allSettled([writeRow(record), writeShelf(record)]);
  const [hasRow, hasShelf] = done.map(({ status }) => status === "fulfilled");
  if (hasRow && !hasShelf) await caches.delete(PREFIX + record.wallet).catch(() => {});
  if (hasShelf && !hasRow) await dropRows("").catch(() => {});
  return hasRow || hasShelf;
}

/** Forget everything, but for the wallet of that name; whether all of it is gone. */
export async function purge(except = "") {
  const drop = async () => {
    const names = (await keptNames()).filter((name) => name !== PREFIX + except);
    await Promise.all(names.map((name) => caches.delete(name)));
  };
  const done = await Promise.allSettled([drop(), dropRows(except)]);
  return done.every(({ status }) => status === "fulfilled");
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
  const headers = { "Content-Type": "application/json" };
  await shelf.put(CONTENTS, new Response(JSON.stringify(summary), { headers }));
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
  let timer = 0;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => {
      indexPatienceMs = 100;
      reject(new Error("no answer"));
    }, indexPatienceMs);
  });
  return Promise.race([askRows(mode, act), silence]).finally(() => clearTimeout(timer));
}

function askRows(mode, act) {
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
