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

// What goes on in the background is nothing to interrupt anybody for. The asker is named by its
// request: the event itself may come from elsewhere.
const isQuiet = ({ requestConfig }) => Boolean(requestConfig?.elt.matches("[data-quiet]"));

function unlessQuiet(act) {
  return ({ detail }) => {
    if (!isQuiet(detail)) act(detail);
  };
}

document.addEventListener("htmx:sendError", unlessQuiet(() => say(alerts.dataset.offline)));
document.addEventListener("htmx:timeout", unlessQuiet(() => say(alerts.dataset.offline)));
document.addEventListener("htmx:responseError", unlessQuiet(() => say(alerts.dataset.failed)));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (isQuiet(detail) && detail.xhr.status >= 400) detail.shouldSwap = false;
});
// Good news clears old news, but only news of something that was done: a page that looks by itself
// would take away what nobody has read yet.
document.addEventListener("htmx:afterRequest", unlessQuiet(({ successful, xhr }) => {
  if (successful && xhr.status < 400) alerts.replaceChildren();
}));
