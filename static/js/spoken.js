// Says what a swap changed: the text of [data-spoken], or what the attribute says instead. A live
// region that is itself replaced is often not heard, and one around a part that is drawn anew with
// every look is heard again and again.
const status = document.getElementById("spoken");
const said = new Map();

const placeOf = (element) => element.closest("[id]")?.id;
const sentenceOf = (element) => (element.dataset.spoken || element.textContent).replace(/\s+/g, " ").trim();

function note(root) {
  for (const element of root.querySelectorAll("[data-spoken]")) said.set(placeOf(element), sentenceOf(element));
}

// What stands on a page that opens is read with it.
note(document);

document.addEventListener("htmx:afterSwap", ({ detail: { elt, requestConfig } }) => {
  const element = elt.matches("[data-spoken]") ? elt : elt.querySelector("[data-spoken]");
  if (!element) return;
  const sentence = sentenceOf(element);
  const isOld = said.get(placeOf(element)) === sentence;
  said.set(placeOf(element), sentence);
  // Whoever did something twice is answered twice; who only waits is told what is new.
  if (!isOld || !requestConfig?.elt.matches("[data-poll]")) status.replaceChildren(sentence);
});
