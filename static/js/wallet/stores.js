// What is kept on this phone. It is kept twice, since a browser may throw either away: as
// documents in the Cache API, and as one record in IndexedDB. Each is whole and makes the other
// anew. A record: {wallet, tag, checkedAt, tickets, documents: {path: {version, headers, html}}}.
// `wallet` names the stores, so that two wallets never mix; `checkedAt` is the server's clock, and
// null until all was there.
export const CONTENTS = "/wallet/contents";
/** The addresses of kept pages. */
export const DOCUMENT = /^\/wallet(\/tickets\/\d+)?$/;
/** With what the names of everything begin that is kept, in caches and local storage. */
export const PREFIX = "wallet-";
/** In local storage while a removal goes on, until nothing is left of what was removed. */
export const REMOVING = "wallet-removing";
const VERSION = "X-Wallet-Version";

// Some phones' IndexedDB never answers after a start. It is waited for once on each page.
let indexPatienceMs = 1500;

/** Every path of a wallet with the version that it should have. */
export function pathsOf({ tag, tickets }) {
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

/**
 * Keep a record; whether at least one store took it. Other wallets are gone before. A store that
 * has no room for it is emptied: what is older must not be shown before what is newer.
 */
export async function write(record) {
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
