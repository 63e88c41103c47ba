// The worker that opens tickets without a connection. blueprints/pwa.py serves it at the root and
// puts one line before this file:
//
//   const WORKER = {version, files, headers, pages: {offline, lost}};
//
// `files` are the styles, faces and scripts of the wallet with the digests of their content, and
// `version` is a digest of everything together: another release is another worker. `pages` are
// here and not in a cache, because caches are what a browser throws away.
//
// It only reads what the wallet's pages keep (static/js/wallet/sync.js), and writes nothing but
// its own files: what is no ticket cannot become one here. No skipWaiting: an open tab keeps the
// files that it was made with until it is closed. No navigation preload: a kept document wants no
// request, and a page that is not kept waits for the network anyway.
const SHELL = `shell-${WORKER.version}`;
const KEPT = "wallet-";
const DOCUMENT = /^\/wallet(\/tickets\/\d+)?$/;
// A file's address without the digest of its content, which is in the query or in the path.
const bare = (path) => path.split("?")[0].replace(/^\/wallet-(scripts|styles)\/\w+/, "");
const FILES = new Map(WORKER.files.map((file) => [bare(file), file]));
const PATIENCE_MS = 2000;

self.addEventListener("install", (event) => event.waitUntil(keepShell()));
self.addEventListener("activate", (event) => event.waitUntil(dropOldShells()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    const isKept = DOCUMENT.test(pathname);
    event.respondWith(isKept ? openDocument(request, pathname, search) : openPage(request));
  } else if (FILES.has(bare(pathname))) event.respondWith(openFile(request, bare(pathname)));
  // Everything else is private or must be fresh: it is never touched.
});

async function keepShell() {
  const shell = await caches.open(SHELL);
  await Promise.all(
    WORKER.files.map(async (file) => {
      const answer = await fetch(file);
      const isPage = answer.headers.get("Content-Type")?.startsWith("text/html");
      if (!answer.ok || answer.redirected || isPage) throw new Error(`${file} could not be kept`);
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

// A kept document may name files of an earlier release: better today's than none.
async function openFile(request, name) {
  const shell = await caches.open(SHELL);
  const exact = await shell.match(request);
  if (exact) return exact;
  const spare = await shell.match(FILES.get(name));
  if (!spare) return fetch(request);
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, spare));
  return Promise.race([fetch(request).catch(() => spare), patience]);
}

function ownPage(name) {
  return new Response(WORKER.pages[name], { headers: WORKER.headers });
}

async function findDocument(pathname) {
  return (await findInCaches(pathname)) ?? findInIndex(pathname);
}

async function findInCaches(pathname) {
  const names = await caches.keys().catch(() => []);
  const name = names.find((each) => each.startsWith(KEPT));
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
  });
}
