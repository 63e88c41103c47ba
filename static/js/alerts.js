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

document.addEventListener("htmx:sendError", () => say(alerts.dataset.offline));
document.addEventListener("htmx:timeout", () => say(alerts.dataset.offline));
document.addEventListener("htmx:responseError", () => say(alerts.dataset.failed));
// Good news clears old news, unless the alert is what was just put there.
document.addEventListener("htmx:beforeRequest", () => alerts.replaceChildren());
