// The tickets on this phone, kept twice, since a browser may throw either away: as documents in
// the Cache API, and as one record in IndexedDB. Each is whole and makes the other anew.
//
// A record: {wallet, tag, checkedAt, tickets, documents: {path: {version, headers, html}}}. `wallet`
// names the stores, so that two wallets never mix; `checkedAt` is the server's clock, and null
// until everything in it was there at once.
const DATABASE = "yardpass-wallet";
const ROWS = "wallets";
const PREFIX = "wallet-";
const SUMMARY = "/wallet/contents";
const VERSION = "X-Wallet-Version";

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
  if (!isHealing) return record;
  if (print(row) !== print(record)) await writeRow(record).catch(() => {});
  if (print(shelf) !== print(record)) await writeShelf(record).catch(() => {});
  return record;
}

/** Keep a record; whether at least one store took it. Other wallets are gone before. */
export async function write(record) {
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
  const summary = await (await shelf?.match(SUMMARY))?.json();
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
  await shelf.put(SUMMARY, Response.json(summary));
  for (const { url } of await shelf.keys()) {
    const { pathname } = new URL(url);
    if (pathname !== SUMMARY && !(pathname in documents)) await shelf.delete(pathname);
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
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(ROWS, { keyPath: "wallet" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const work = database.transaction(ROWS, mode);
      const request = act(work.objectStore(ROWS));
      work.oncomplete = () => resolve(request.result);
      work.onabort = () => reject(work.error);
      work.addEventListener("complete", () => database.close());
      work.addEventListener("abort", () => database.close());
    };
  });
}
