// Fills [data-local-time] with the reader's own time, where it differs from that of the place it
// names. Only the browser knows the reader's zone; the line's room is kept, so nothing moves.
const language = document.documentElement.lang || undefined;

function formatFor(timeZone, more = {}) {
  return new Intl.DateTimeFormat(language, {
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZone,
    ...more,
  });
}

function readersTime(starts, ends) {
  return formatFor(undefined, { timeZoneName: "short" }).formatRange(starts, ends);
}

for (const line of document.querySelectorAll("[data-local-time]")) {
  const starts = new Date(line.dataset.starts);
  const ends = new Date(line.dataset.ends);
  try {
    const there = formatFor(line.dataset.localTime);
    const here = formatFor(undefined);
    const isSame = [starts, ends].every((moment) => there.format(moment) === here.format(moment));
    if (!isSame) line.textContent = line.dataset.text.replace("{time}", readersTime(starts, ends));
  } catch (error) {
    // A zone that this browser does not know: the time of the place still stands above.
    if (!(error instanceof RangeError)) throw error;
  }
}
