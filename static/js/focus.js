// Puts the focus where the news is: on a page that came back with faults, and after a swap.
const SELECTOR = "[data-autofocus]";

function focusNews(root) {
  const news = root.matches?.(SELECTOR) ? root : root.querySelector?.(SELECTOR);
  news?.focus();
}

focusNews(document.body);
const faults = document.querySelector("[data-autofocus-page]");
faults?.focus();

document.addEventListener("htmx:afterSettle", (event) => focusNews(event.detail.elt));
