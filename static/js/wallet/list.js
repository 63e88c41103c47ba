// How to have the wallet on the home screen: said only where it can be done, and not again to
// somebody who said no.
const DISMISSED = "wallet-install-dismissed";
const hint = document.getElementById("wallet-install");
const [install, dismiss] = hint.querySelectorAll("button");

// Safari on an iPhone or iPad, which calls itself a Mac, and since 16.4 the others that offer it;
// not what only shows pages within another app.
function canAddOnIos() {
  const { userAgent, maxTouchPoints } = navigator;
  const version = Number(userAgent.match(/(?:iPhone|iPad|iPod).* OS (\d+_\d+)/)?.[1].replace("_", "."));
  const isPad = /Macintosh/.test(userAgent) && maxTouchPoints > 1;
  if (/CriOS|FxiOS|EdgiOS/.test(userAgent)) return isPad || version >= 16.4;
  return (isPad || version) && /Version.* Safari/.test(userAgent) && !/GSA|OPT\//.test(userAgent);
}

function offer(kind) {
  const isApp = matchMedia("(display-mode: standalone)").matches || navigator.standalone;
  hint.hidden = isApp || !!localStorage.getItem(DISMISSED);
  hint.dataset.kind = kind;
}

let prompt = null;
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  prompt = event;
  offer("button");
});
window.addEventListener("appinstalled", () => (hint.hidden = true));
install.addEventListener("click", async () => {
  await prompt.prompt();
  hint.hidden = true;
});
dismiss.addEventListener("click", () => {
  localStorage.setItem(DISMISSED, "1");
  hint.hidden = true;
  document.getElementById("main").focus();
});
if (canAddOnIos()) offer("ios");

// What is over by the phone's clock goes down to the past, where no server could say so.
function putAway({ detail }) {
  const [coming, nothing, past] = ["coming", "nothing", "past"].map((name) =>
    document.getElementById(`wallet-${name}`),
  );
  const isAlone = /offline|failed|gone/.test(detail);
  const over = [...(coming?.children ?? [])].filter(({ dataset }) => Date.parse(dataset.ends) <= Date.now());
  if (!isAlone || !over.length) return;
  past.lastElementChild.prepend(...over.reverse());
  past.hidden = false;
  coming.hidden = past.open = !coming.children.length;
  nothing.hidden = !coming.hidden;
}
document.addEventListener("wallet:said", putAway);

// Messages to this phone: switched on by a tap and by nothing else.
const ADDRESS = "/wallet/push-subscriptions";
const box = document.getElementById("wallet-push");
const [on, off] = box.querySelectorAll("button");
const said = box.querySelector("[role=status]");
const manager = async () => (await navigator.serviceWorker.ready).pushManager;

function show(subscription, kind) {
  const hadFocus = box.contains(document.activeElement);
  on.hidden = !!subscription;
  off.hidden = !subscription;
  if (hadFocus) (subscription ? off : on).focus();
  if (kind) said.textContent = said.dataset[kind];
}

async function tell(method, body) {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  const answer = await fetch(ADDRESS, { method, headers, body });
  if (!answer.ok) throw new Error(answer.status);
}

async function subscribe() {
  const options = { userVisibleOnly: true, applicationServerKey: box.dataset.pushKey };
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

async function look() {
  if (!box.dataset.pushKey || !navigator.serviceWorker || !window.PushManager) return;
  box.hidden = false;
  if (!(await (await manager()).getSubscription())) return;
  // Told again each time: the wallet may have been removed, and come back.
  show(true);
  await subscribe().catch(() => {});
}

// Asked within the tap itself: Safari takes no later question for its own.
on.addEventListener("click", () => {
  switchOn(Notification.requestPermission()).catch(() => show(null, "failed"));
});
off.addEventListener("click", () => {
  switchOff().catch(() => show(true, "failed"));
});
look();
