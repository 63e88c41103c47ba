// Offers messages where there can be any. What switches them is fetched with the tap.
const box = () => document.getElementById("wallet-push");
const script = () => import("./push.js");

async function look() {
  if (!box()?.dataset.pushKey || !navigator.serviceWorker || !window.PushManager) return;
  box().hidden = false;
  const { pushManager } = await navigator.serviceWorker.ready;
  if (await pushManager.getSubscription()) (await script()).look();
}

document.addEventListener("click", async ({ target }) => {
  const isOn = target.matches("[data-push-on]");
  if (!isOn && !target.matches("[data-push-off]")) return;
  // Asked within the tap itself: Safari takes no later question for its own.
  const permission = isOn && Notification.requestPermission();
  (await script()).turn(permission);
});
document.addEventListener("wallet:shown", look);
look();
