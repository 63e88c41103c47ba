// Shares and copies a link where the browser can; the link itself stands on the page.
const share = document.querySelector("[data-share]");
if (share && navigator.share) {
  share.parentElement.hidden = false;
  share.addEventListener("click", () => {
    // A person who closes the sheet has not made a mistake.
    navigator.share({ title: share.dataset.shareTitle, url: share.dataset.share }).catch(() => {});
  });
}

const copy = document.querySelector("[data-copy]");
if (copy && navigator.clipboard) {
  copy.parentElement.hidden = false;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(copy.dataset.copy);
      document.querySelector("[data-copy-status]").textContent = copy.dataset.copied;
    } catch {
      // Not allowed here: mark the link, so that it can be copied by hand.
      getSelection().selectAllChildren(document.querySelector("[data-share-text]"));
    }
  });
}
