// Keeps what is said about each tier true while the page stays open. It rewrites text that has
// room of its own, warns, and lets tiers be chosen that could not be: it never changes a number
// that somebody chose, and nothing moves under a finger.
// Looked up each time: taking a code swaps the whole picker.
const picker = () => document.querySelector("[data-availability]");
const news = () => document.getElementById("availability-news");
const PAUSE_MS = 20_000;
const JITTER_MS = 10_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
// When a sale opens, a whole crowd waits: nobody asks at the very same moment.
const OPENING_MS = 300;
const OPENING_JITTER_MS = 1500;
const MOST_TRIES = 5;
const LONGEST_ANSWER_MS = 15_000;

let tag = "";
let timer = 0;
let failures = 0;
let triesAtOpening = 0;
let hasEnded = false;
let isOver = false;
let isAsking = false;
let isPressed = false;
const openings = new Set();

const rowOf = (id) => document.getElementById(`tier-${id}`);

// Without it, one answer that never comes would end all asking.
function inTime() {
  if (AbortSignal.timeout) return AbortSignal.timeout(LONGEST_ANSWER_MS);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), LONGEST_ANSWER_MS);
  return controller.signal;
}

function plan(pause) {
  clearTimeout(timer);
  if (!isOver && !document.hidden) timer = setTimeout(check, pause);
}

function usualPause() {
  const pause = PAUSE_MS + Math.random() * JITTER_MS;
  return Math.min(pause * 2 ** failures, LONGEST_PAUSE_MS);
}

const openingPause = () => OPENING_MS + Math.random() * OPENING_JITTER_MS;

async function check() {
  if (isAsking || !picker()) return;
  isAsking = true;
  const answer = await ask();
  isAsking = false;
  failures = answer ? 0 : failures + 1;
  if (answer?.availability) {
    tag = answer.tag;
    show(answer.availability);
  }
  const isDue = picker().querySelector("[data-due]") && triesAtOpening < MOST_TRIES;
  if (isDue) triesAtOpening += 1;
  plan(isDue && !failures ? openingPause() : usualPause());
}

// What is left, nothing new, or null: offline, refused, gone in the middle. What the page says
// may then be old, and the server decides anyway.
async function ask() {
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(picker().dataset.availability, { headers, cache: "no-store", signal: inTime() });
    if (answer.status === 304) return {};
    return answer.ok
      ? { availability: await answer.json(), tag: answer.headers.get("ETag") ?? "" }
      : null;
  } catch {
    return null;
  }
}

function show(availability) {
  hasEnded = availability.is_over;
  if (hasEnded) {
    if (!isPressed) close();
    return;
  }
  for (const [id, tier] of Object.entries(availability.tiers)) {
    const row = rowOf(id);
    if (row) showTier(row, id, tier);
  }
  if (openings.size && !isPressed) openRows();
}

function showTier(row, id, tier) {
  if (tier.is_open && !("open" in row.dataset)) {
    openings.add(id);
    return;
  }
  const field = document.getElementById(`quantity-${id}`);
  const chosen = Number(field?.value ?? 0);
  const isShort = chosen > tier.most;
  const text = (isShort && tier.warns) || tier.says;
  const says = row.querySelector("[data-says]");
  if (says.textContent !== text) {
    says.textContent = text;
    if (isShort) news().textContent = `${row.querySelector("h3").textContent.trim()}: ${text}`;
  }
  // The plus button stops at what is left, but what was chosen stays valid until it is sent.
  if (field) field.max = Math.max(tier.most, chosen);
}

// Rows that had nothing to touch get their controls, from the page as the server writes it now.
async function openRows() {
  const ids = [...openings];
  openings.clear();
  const page = await freshPage();
  // Told again, or done once the finger is off the glass.
  if (!page) askAgainSoon();
  else if (isPressed) ids.forEach((id) => openings.add(id));
  else ids.forEach((id) => openRow(rowOf(id), page.getElementById(`tier-${id}`)));
}

function askAgainSoon() {
  tag = "";
  if (triesAtOpening >= MOST_TRIES) return;
  triesAtOpening += 1;
  plan(openingPause());
}

async function freshPage() {
  try {
    const answer = await fetch(picker().dataset.page, { cache: "no-store", signal: inTime() });
    return answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

function openRow(row, freshRow) {
  if (!freshRow || !("open" in freshRow.dataset)) {
    // The page may be a second older than the answer that told us.
    askAgainSoon();
    return;
  }
  keepHeight(row);
  for (const part of ["h3", ".tier-choice"]) {
    row.querySelector(part).replaceWith(document.adoptNode(freshRow.querySelector(part)));
  }
  row.dataset.open = "";
  row.classList.remove("is-closed");
  document.getElementById("picker-bar").hidden = false;
  const note = document.getElementById("sale-note");
  if (note.childElementCount) {
    keepHeight(note);
    const sentence = document.createElement("p");
    sentence.textContent = note.dataset.saysOpen;
    note.replaceChildren(sentence);
  }
  news().textContent = `${row.querySelector("h3").textContent.trim()}: ${note.dataset.saysOpen}`;
}

// Called off or over: what the server says about it takes the place of everything to choose with.
async function close() {
  const fresh = (await freshPage())?.getElementById("sale-note");
  // The page may be a second older than the answer that told us.
  if (!fresh?.childElementCount) return askAgainSoon();
  if (isPressed) return;
  isOver = true;
  clearTimeout(timer);
  document.getElementById("sale-note").replaceChildren(...document.adoptNode(fresh).children);
  document.getElementById("picker-bar").hidden = true;
  for (const control of picker().elements) control.disabled = true;
  news().textContent = document.querySelector(".sale-note-title").textContent;
}

function keepHeight(element) {
  element.style.minBlockSize = `${element.getBoundingClientRect().height}px`;
}

function press(isDown) {
  isPressed = isDown;
  if (isDown || isOver) return;
  if (hasEnded) close();
  else if (openings.size) openRows();
}

if (picker()) {
  document.addEventListener("pointerdown", () => press(true));
  document.addEventListener("pointerup", () => press(false));
  document.addEventListener("pointercancel", () => press(false));
  document.addEventListener("sale:due", () => plan(openingPause()));
  document.addEventListener("visibilitychange", () => plan(openingPause()));
  // Back from the checkout: the page is as it was left, the world may not be.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) plan(openingPause());
  });
  plan(usualPause());
}
