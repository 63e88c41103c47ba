// Says so when an answer never came: htmx alone would stay silent.
const alerts = document.getElementById("alerts");

function say(text) {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  const box = document.createElement("div");
  box.className = "alert";
  box.append(paragraph);
  alerts.replaceChildren(box);
}

// What goes on in the background while somebody types is nothing to interrupt them for.
function unlessQuiet(act) {
  return (event) => {
    if (!event.detail.elt?.matches?.("[data-quiet]")) act();
  };
}

document.addEventListener("htmx:sendError", unlessQuiet(() => say(alerts.dataset.offline)));
document.addEventListener("htmx:timeout", unlessQuiet(() => say(alerts.dataset.offline)));
document.addEventListener("htmx:responseError", unlessQuiet(() => say(alerts.dataset.failed)));
// Good news clears old news, unless the alert is what was just put there.
document.addEventListener("htmx:beforeRequest", unlessQuiet(() => alerts.replaceChildren()));
