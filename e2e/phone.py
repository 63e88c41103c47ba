"""A phone with a wallet on it, looked at from outside and from inside."""

import re
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Locator, Page, expect

from e2e.network import Network
from tests.waiting import wait_until

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
        """Open a page and wait until it has asked for news."""
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
