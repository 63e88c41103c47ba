// How to have the wallet on the home screen: said only where it can be done, and not again to
// somebody who said no.
const DISMISSED = "wallet-install-dismissed";
const hint = document.getElementById("wallet-install");

const isStandalone = () =>
  matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

// Safari on an iPhone or iPad, which calls itself a Mac; other browsers there install nothing.
function isIosSafari() {
  const { userAgent, maxTouchPoints } = navigator;
  const isIos = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return isIos && /Safari/.test(userAgent) && !/CriOS|FxiOS|EdgiOS|OPT\//.test(userAgent);
}

function offer(kind) {
  if (!hint || isStandalone() || localStorage.getItem(DISMISSED)) return;
  hint.hidden = false;
  for (const part of hint.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== kind;
}

let prompt = null;
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  prompt = event;
  offer("button");
});
window.addEventListener("appinstalled", () => hint && (hint.hidden = true));

hint?.addEventListener("click", async ({ target }) => {
  if (target.closest("[data-dismiss]")) {
    localStorage.setItem(DISMISSED, "1");
    hint.hidden = true;
    document.getElementById("main").focus();
  } else if (target.closest("[data-install]") && prompt) {
    await prompt.prompt();
    hint.hidden = true;
  }
});
if (isIosSafari()) offer("ios");

// Messages to this phone: switched on by a tap and by nothing else.
const ADDRESS = "/wallet/push-subscriptions";
const box = () => document.getElementById("wallet-push");
const manager = async () => (await navigator.serviceWorker.ready).pushManager;

function show(subscription, kind) {
  const place = box();
  if (!place) return;
  const [on, off] = place.querySelectorAll("button");
  const hadFocus = place.contains(document.activeElement);
  place.hidden = false;
  on.parentElement.hidden = !!subscription;
  off.parentElement.hidden = !subscription;
  if (hadFocus) (subscription ? off : on).focus();
  const state = place.querySelector("[role=status]");
  if (kind) state.textContent = state.dataset[kind];
}

async function tell(method, body) {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  const answer = await fetch(ADDRESS, { method, headers, body });
  if (!answer.ok) throw new Error(answer.status);
}

async function subscribe() {
  const options = { userVisibleOnly: true, applicationServerKey: box().dataset.pushKey };
  const push = await manager();
  const subscription = await push.subscribe(options).catch(async () => {
    // The old one is of another key and brings nothing.
    await (await push.getSubscription())?.unsubscribe();
    return push.subscribe(options);
  });
  await tell("POST", JSON.stringify(subscription));
  return subscription;
}

async function switchOn(permission) {
  if ((await permission) !== "granted") return show(null, "denied");
  show(await subscribe(), "on");
}

async function switchOff() {
  const subscription = await (await manager()).getSubscription();
  await tell("DELETE");
  await subscription?.unsubscribe();
  show(null, "off");
}

// On with the promise of a permission, else off.
async function turn(permission) {
  await (permission ? switchOn(permission) : switchOff()).catch(() => show(!permission, "failed"));
}

async function look() {
  if (!box()?.dataset.pushKey || !navigator.serviceWorker || !window.PushManager) return;
  box().hidden = false;
  const { pushManager } = await navigator.serviceWorker.ready;
  if (!(await pushManager.getSubscription())) return;
  // Told again each time: the wallet may have been removed, and come back.
  show(true);
  await subscribe().catch(() => {});
}

document.addEventListener("click", ({ target }) => {
  const isOn = target.matches("[data-push-on]");
  if (!isOn && !target.matches("[data-push-off]")) return;
  // Asked within the tap itself: Safari takes no later question for its own.
  const permission = isOn && Notification.requestPermission();
  turn(permission);
});
document.addEventListener("wallet:shown", look);
look();
