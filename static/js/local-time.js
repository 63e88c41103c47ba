// Fills [data-local-time] with the reader's own time, where it differs from that of the place it
// names. Only the browser knows the reader's zone; the line's room is kept, so nothing moves.
const language = document.documentElement.lang || undefined;

function written(moment, timeZone, more = {}) {
  return new Intl.DateTimeFormat(language, {
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZone,
    ...more,
  }).format(moment);
}

for (const line of document.querySelectorAll("[data-local-time]")) {
  const { starts, localTime, text } = line.dataset;
  const moment = new Date(starts);
  try {
    if (written(moment, localTime) === written(moment, undefined)) continue;
    const time = written(moment, undefined, { timeZoneName: "short" });
    line.textContent = text.replace("{time}", time);
  } catch (error) {
    // A zone that this browser does not know: the time of the place still stands above.
    if (!(error instanceof RangeError)) throw error;
  }
}
