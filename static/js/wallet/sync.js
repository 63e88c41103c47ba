// Brings what is kept up to what the server says. Only the server's own whole answer changes
// anything: an error, a sign-in page, a redirect or a page of the hotel's network never does.
import { CONTENTS, DOCUMENT, PREFIX, REMOVING, isWhole, pathsOf, purge, read, write } from "./stores.js";

const HERE = "yardpass-wallet-here";
// For the first word of an answer, then for all of it.
const PATIENCE_MS = 15_000;
const BODY_PATIENCE_MS = 60_000;
// What belongs to one transfer, not to the document.
const PASSING = /^(vary|date|connection|content-(length|encoding)|transfer-encoding)$/;

const channel = "BroadcastChannel" in window ? new BroadcastChannel("wallet") : null;

const running = new Set();
let isStopped = false;

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
