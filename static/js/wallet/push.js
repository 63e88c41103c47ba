// Messages to this phone: switched on by a tap and by nothing else. Fetched by offer.js.
const ADDRESS = "/wallet/push-subscriptions";
const box = () => document.getElementById("wallet-push");
const manager = async () => (await navigator.serviceWorker.ready).pushManager;

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

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
  const key = bytes(box().dataset.pushKey);
  const options = { userVisibleOnly: true, applicationServerKey: key };
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
export async function turn(permission) {
  await (permission ? switchOn(permission) : switchOff()).catch(() => show(!permission, "failed"));
}

// Told again each time: the wallet may have been removed, and come back.
export async function look() {
  show(true);
  await subscribe().catch(() => {});
}
