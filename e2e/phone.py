"""A phone with a wallet on it, looked at from outside and from inside."""

import re
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Locator, Page, expect

from e2e.network import Network
from tests.waiting import wait_until

READABLE = "yardpass-wallet-here"
Store = Literal["cache_storage", "indexeddb", "local_storage"]
_WALLETS = """async () => (await caches.keys()).filter(name => name.startsWith('wallet-'))"""
_SHELLS = """async () => (await caches.keys()).filter(name => name.startsWith('shell-'))"""
_DOCUMENTS = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    if (!name.startsWith('wallet-')) continue;
    const cache = await caches.open(name);
    for (const {url} of await cache.keys()) {
      const path = new URL(url).pathname;
      if (path !== '/wallet/contents') found[path] = await (await cache.match(path)).text();
    }
  }
  return found;
}"""
_ROWS = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('yardpass-wallet', 1);
  opening.onupgradeneeded = () =>
    opening.result.createObjectStore('wallets', {keyPath: 'wallet'});
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const all = database.transaction('wallets').objectStore('wallets').getAll();
    all.onsuccess = () => { database.close(); resolve(all.result); };
  };
})"""
_WAITING = """async () => (await navigator.locks.query()).pending.length"""
_WORKER_RUNS = "async () => Boolean((await navigator.serviceWorker.ready).active)"


class Phone:
    """One browser with one page, on its own way to the site."""

    def __init__(self, context: BrowserContext, network: Network) -> None:
        self.context = context
        self.network = network
        self.page = context.pages[0] if context.pages else context.new_page()

    def go(self, path: str) -> None:
        self.page.goto(f"{self.network.url}{path}")

    def new_tab(self) -> "Phone":
        """Another page of the same browser."""
        other = Phone(self.context, self.network)
        other.page = self.context.new_page()
        return other

    def keep(self, link: str) -> None:
        """Open the order once, which is all that a person has to do."""
        self.go(link)
        expect(self.page.locator("[data-wallet-keep-state]")).to_contain_text("saved on this phone")
        assert self.page.evaluate(_WORKER_RUNS)

    def go_and_check(self, path: str) -> None:
        """Open a page and wait until it has asked for news, whatever the answer."""
        # Not the moment that is kept: it has whole seconds, and a page before this asks, too.
        with self.page.expect_response("**/wallet/contents"):
            self.go(path)
        # Both stores are written under it.
        self.page.evaluate("() => navigator.locks.request('wallet', () => {})")

    def set_offline(self, is_offline: bool = True) -> None:
        self.context.set_offline(is_offline)

    @property
    def qr(self) -> Locator:
        return self.page.get_by_role("img", name=re.compile("^QR code of ticket"))

    @property
    def state(self) -> Locator:
        """What the page says about how true it is."""
        return self.page.locator("#wallet-state")

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, level=1)

    def ask_now(self) -> None:
        """As when the network comes back: the page looks for news."""
        self.page.evaluate("() => window.dispatchEvent(new Event('online'))")

    def has_page_that_waits(self) -> bool:
        """Whether a page waits until another one has done with the stores."""
        return wait_until(lambda: self.page.evaluate(_WAITING), what="a page to wait")

    def expect_nothing_kept(self) -> None:
        """Nothing of the tickets is left, or will be as soon as the page is through."""
        wait_until(lambda: not self.left(), what=lambda: str(self.left()))

    def left(self) -> list[str]:
        """What a removal still has to do."""
        cookies = [cookie["name"] for cookie in self.context.cookies()]
        keys: list[str] = self.page.evaluate("() => Object.keys(localStorage)")
        rows = [row["wallet"] for row in self.rows()]
        return [*self.wallets(), *rows, *keys, *(name for name in cookies if name == READABLE)]

    def lose(self, *stores: Store) -> None:
        """What a browser does when it makes room."""
        session = self.context.new_cdp_session(self.page)
        session.send(
            "Storage.clearDataForOrigin",
            {"origin": self.network.url, "storageTypes": ",".join(stores)},
        )
        session.detach()

    def wait_for_shells(self, names: set[str]) -> bool:
        """Whether exactly these caches of releases are there, sooner or later."""
        return wait_until(lambda: set(self.shells()) == names, what=lambda: str(self.shells()))

    def wait_for_next_worker(self) -> None:
        """Wait at no page of the site until the worker that waits for that is in charge.

        A page that Chromium opens in the moment of the change may stay blank until
        another one is opened.
        """
        session = self.context.new_cdp_session(self.page)
        states: dict[str, str] = {}

        def note(event: dict[str, Any]) -> None:
            states.update({each["versionId"]: each["status"] for each in event["versions"]})

        session.on("ServiceWorker.workerVersionUpdated", note)
        session.send("ServiceWorker.enable")

        def is_in_charge() -> bool:
            self.page.evaluate("() => 0")
            return "activated" in states.values() and "installed" not in states.values()

        self.page.goto("about:blank")
        wait_until(is_in_charge, what=lambda: str(states))
        session.detach()

    def wallets(self) -> list[str]:
        """The names of the kept wallets."""
        names: list[str] = self.page.evaluate(_WALLETS)
        return names

    def shells(self) -> list[str]:
        """The names of the caches that releases of the worker made."""
        names: list[str] = self.page.evaluate(_SHELLS)
        return names

    def documents(self) -> dict[str, str]:
        """The kept documents by path."""
        found: dict[str, str] = self.page.evaluate(_DOCUMENTS)
        return found

    def rows(self) -> list[dict[str, Any]]:
        """The records of the index."""
        found: list[dict[str, Any]] = self.page.evaluate(_ROWS)
        return found


def page_box(page: Page) -> dict[str, int]:
    """The window's size in CSS pixels."""
    size: dict[str, int] = page.evaluate("() => ({width: innerWidth, height: innerHeight})")
    return size
