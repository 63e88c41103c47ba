// The worker that opens tickets without a connection. blueprints/pwa.py serves it at the root and
// puts one line before this file:
//
//   const WORKER = {version, files, headers, pages: {offline, lost}};
//
// `files` are the styles, faces and scripts of the wallet with the digests of their content, and
// `version` is a digest of everything together: another release is another worker. `pages` are
// here and not in a cache, because caches are what a browser throws away.
//
// It only reads what the wallet's pages keep (static/js/wallet/stores.js), and writes nothing but
// its own files: what is no ticket cannot become one here. A store that fails or is silent counts
// as empty: there is another one, and then the network. No skipWaiting: an open tab keeps the
// files that it was made with until it is closed. No navigation preload: a kept document wants no
// request, and a page that is not kept waits for the network anyway.
const SHELL = `shell-${WORKER.version}`;
const KEPT = "wallet-";
const DOCUMENT = /^\/wallet(\/tickets\/\d+)?$/;
// A file's address without the digest of its content, which is in the query or in the path.
const bare = (path) => path.split("?")[0].replace(/^\/wallet-(scripts|styles)\/\w+/, "");
const FILES = new Map(WORKER.files.map((file) => [bare(file), file]));
const RELEASE = /^\/wallet-\w+\/\w+/;
const PATIENCE_MS = 2000;
const INDEX_PATIENCE_MS = 1000;
// Where a page gets the files of another release from: promises of whether the network has them.
const sources = new Map();
let making = null;

const late = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

self.addEventListener("install", (event) => event.waitUntil(keepShell()));
self.addEventListener("activate", (event) => event.waitUntil(dropOldShells()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    const isKept = DOCUMENT.test(pathname);
    event.respondWith(isKept ? openDocument(request, pathname, search) : openPage(request));
  } else if (FILES.has(bare(pathname))) event.respondWith(openFile(event, pathname + search));
  // Everything else is private or must be fresh: it is never touched.
});

// A file itself: not an error, a sign-in page, or today's file at the address of another release.
async function fetchFile(file) {
  const answer = await fetch(file);
  const says = (name) => answer.headers.get(name) ?? "";
  const isPage = says("Content-Type").startsWith("text/html");
  const isExact = !says("Cache-Control").includes("no-cache");
  if (!answer.ok || answer.redirected || isPage) throw new Error(`${file} is not there`);
  return { answer, isExact };
}

async function keepShell() {
  const shell = await caches.open(SHELL);
  await Promise.all(
    WORKER.files.map(async (file) => {
      const { answer, isExact } = await fetchFile(file);
      if (!isExact) throw new Error(`${file} is of another release`);
      await shell.put(file, answer);
    }),
  );
}

// The tickets of every version stay.
async function dropOldShells() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("shell-") && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
}

// What is kept opens at once, and its script looks for news. With a query, after a form or another
// language, the server is asked first.
async function openDocument(request, pathname, search) {
  const kept = await findDocument(pathname);
  if (kept && !search) return kept;
  try {
    return await fetch(request);
  } catch {
    return kept ?? ownPage("lost");
  }
}

async function openPage(request) {
  try {
    return await fetch(request);
  } catch {
    return ownPage("offline");
  }
}

async function openFile(event, path) {
  const { request } = event;
  const own = FILES.get(bare(path));
  const shell = await caches.open(SHELL).catch(() => null);
  const find = (file) => shell?.match(file).catch(() => undefined);
  const exact = await find(path);
  if (exact) return exact;
  const spare = path !== own && (await find(own));
  if (spare) return openOther(event, path, spare);
  // A browser made room: all of it once more.
  making ??= keepShell()
    .catch(() => {})
    .then(() => (making = null));
  event.waitUntil(making);
  return fetch(request);
}

// A kept document may name files of another release. They come from the network or, where that has
// none or is slow, from here; but all of a release's on one page, as scripts of two do not fit.
async function openOther({ request, clientId }, path, spare) {
  const source = clientId + (RELEASE.exec(path)?.[0] ?? path);
  if (sources.has(source) && !(await sources.get(source))) return spare;
  const asked = fetchFile(request).then(
    ({ answer }) => answer,
    () => null,
  );
  if (!sources.has(source)) {
    sources.set(source, Promise.race([asked.then(Boolean), late(PATIENCE_MS)]));
  }
  return (await sources.get(source)) ? ((await asked) ?? Response.error()) : spare;
}

function ownPage(name) {
  return new Response(WORKER.pages[name], { headers: WORKER.headers });
}

async function findDocument(pathname) {
  const inCaches = await findInCaches(pathname).catch(() => undefined);
  return inCaches ?? Promise.race([findInIndex(pathname), late(INDEX_PATIENCE_MS)]);
}

async function findInCaches(pathname) {
  const name = (await caches.keys()).find((each) => each.startsWith(KEPT));
  return name && (await caches.open(name)).match(pathname);
}

// The same documents once more, for when the caches were thrown away.
function findInIndex(pathname) {
  return new Promise((resolve) => {
    const opening = indexedDB.open("yardpass-wallet", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("wallets", { keyPath: "wallet" });
    opening.onerror = () => resolve(undefined);
    opening.onsuccess = () => {
      const database = opening.result;
      const finding = database.transaction("wallets").objectStore("wallets").getAll();
      finding.onerror = () => resolve(undefined);
      finding.onsuccess = () => {
        database.close();
        const kept = finding.result[0]?.documents[pathname];
        resolve(kept && new Response(kept.html, { headers: kept.headers }));
      };
    };
  }).catch(() => undefined);
}
