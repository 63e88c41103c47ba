// Counts down to the opening of a sale, from the seconds that the server said are left in
// [data-opens-in]. Never spoken. At the end it says so to the page, which asks the server.
const language = document.documentElement.lang || undefined;
const HOUR = 3600;
const DAY = 24 * HOUR;
const loadedAt = Date.now();

const two = (number) => String(number).padStart(2, "0");

function unit(number, name) {
  return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(number);
}

function written(seconds) {
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor((seconds % DAY) / HOUR);
  if (days) return `${unit(days, "day")}, ${unit(hours, "hour")}`;
  const minutes = Math.floor((seconds % HOUR) / 60);
  const clock = `${hours ? two(minutes) : minutes}:${two(seconds % 60)}`;
  return hours ? `${hours}:${clock}` : clock;
}

function tick() {
  for (const element of document.querySelectorAll("[data-opens-in]")) {
    const passed = Math.floor((Date.now() - loadedAt) / 1000);
    const seconds = Number(element.dataset.opensIn) - passed;
    const { text, textNow } = element.dataset;
    element.textContent = seconds > 0 ? text.replace("{time}", written(seconds)) : textNow;
    if (seconds > 0 || "due" in element.dataset) continue;
    element.dataset.due = "";
    document.dispatchEvent(new Event("sale:due"));
  }
}

tick();
setInterval(tick, 1000);
