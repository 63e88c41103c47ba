// A pairing code runs out, and its page says so: what works no longer is not shown.
const code = document.querySelector("[data-lives-seconds]");
const left = document.getElementById("wallet-code-left");
const over = document.getElementById("wallet-code-over");
// From when the page came: whether the phone's clock is right does not matter.
const endsAt = Date.now() + code.dataset.livesSeconds * 1000;

function tick() {
  const seconds = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
  const isOver = seconds === 0;
  code.hidden = left.hidden = isOver;
  left.lastElementChild.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (isOver) over.textContent = over.dataset.words;
  else setTimeout(tick, 1000);
}

tick();
document.addEventListener("visibilitychange", tick);
