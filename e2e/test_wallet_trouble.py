"""Where the phone or the network lets the wallet down, it says so, and nothing waits for ever."""

import pytest
from playwright.sync_api import Page, expect

from e2e.network import BUSY
from tests.waiting import wait_until
from webapp.models import EventStatus

# A database that never answers, as some phones have after a start; and caches that take nothing
# away. They last until another page is opened.
_SILENT_INDEX = "IDBFactory.prototype.open = () => ({});"
_SILENT_CACHES = "CacheStorage.prototype.delete = () => new Promise(() => {});"
_FULL_CACHES = (
    "Cache.prototype.put = async () => { throw new DOMException('', 'QuotaExceededError'); };"
)
_FULL_INDEX = """IDBObjectStore.prototype.put = function () {
  this.transaction.abort();
  return {};
};"""
# iOS has it from 17 on.
_NO_STATIC_JSON = "delete Response.json;"
_HAS_SUMMARY = "async () => Boolean(await caches.match('/wallet/contents'))"
_COUNT_SHELL = """async () => {
  const name = (await caches.keys()).find(each => each.startsWith('shell-'));
  return (await (await caches.open(name)).keys()).length;
}"""
_FORGET_DOCUMENT = """async path => {
  for (const name of await caches.keys()) await (await caches.open(name)).delete(path);
  await new Promise(done => {
    const opening = indexedDB.open('yardpass-wallet', 1);
    opening.onsuccess = () => {
      const rows = opening.result.transaction('wallets', 'readwrite').objectStore('wallets');
      const walk = rows.openCursor();
      walk.onsuccess = () => {
        const record = walk.result.value;
        delete record.documents[path];
        walk.result.update(record);
      };
      rows.transaction.oncomplete = () => { opening.result.close(); done(); };
    };
  });
}"""
_OPENING = 'const opening = indexedDB.open("yardpass-wallet", 1);'


def tap_remove(page: Page) -> None:
    page.locator("summary", has_text="Remove from this phone").click()
    page.get_by_role("button", name="Remove everything from this phone").click()


def test_removal_waits_for_no_answer(phone, tickets):
    phone.keep(tickets.buy().link)
    with phone.network.stalling("/wallet/contents"):
        phone.go("/wallet")
        expect(phone.state).to_contain_text("Checked with the box office")

        tap_remove(phone.page)

        expect(phone.heading("Removed from this phone")).to_be_visible()
        phone.expect_nothing_kept()


def test_removal_that_was_cut_short_is_finished_by_the_next_page(phone, tickets):
    bought = tickets.buy(2)
    phone.keep(bought.link)
    phone.go("/wallet")
    expect(phone.state).to_contain_text("Saved on this phone")
    phone.page.evaluate(f"() => {{ {_SILENT_INDEX} {_SILENT_CACHES} }}")
    with phone.network.dead():
        tap_remove(phone.page)
        expect(phone.heading("Removed from this phone")).to_be_visible()

        phone.go(bought.path())

        expect(phone.heading("Removed from this phone")).to_be_visible()
        expect(phone.qr).to_have_count(0)
        phone.expect_nothing_kept()


def test_tickets_come_back_to_a_phone_whose_removal_was_cut_short(phone, tickets):
    first, second = tickets.buy(), tickets.buy()
    phone.keep(first.link)
    phone.go("/wallet")
    expect(phone.state).to_contain_text("Saved on this phone")
    phone.page.evaluate(f"() => {{ {_SILENT_INDEX} {_SILENT_CACHES} }}")
    with phone.network.dead():
        tap_remove(phone.page)
        expect(phone.heading("Removed from this phone")).to_be_visible()

    phone.keep(second.link)

    phone.go("/wallet")
    expect(phone.page.get_by_role("heading", name=second.show.title)).to_be_visible()
    expect(phone.state).to_contain_text("Saved on this phone")
    assert set(phone.documents()) == {"/wallet", second.path()}
    assert len(phone.rows()) == 1


def test_index_that_never_answers_keeps_nothing_from_being_saved(new_phone, tickets):
    bought = tickets.buy()
    phone = new_phone()
    phone.context.add_init_script(_SILENT_INDEX)

    phone.keep(bought.link)

    phone.go("/wallet")
    expect(phone.state).to_contain_text("Saved on this phone")
    with phone.network.dead():
        phone.go(bought.path())
        expect(phone.qr).to_be_visible()


def test_worker_asks_the_server_when_no_store_answers(phone, tickets):
    silence = "const opening = {/*" + " " * (len(_OPENING) - 23) + "*/};"
    phone.network.rewrite(_OPENING.encode(), silence.encode())
    bought = tickets.buy()
    phone.keep(bought.link)
    phone.lose("cache_storage")

    phone.go(bought.path())

    expect(phone.qr).to_be_visible()


def test_nothing_is_called_saved_without_a_worker(phone, tickets):
    with phone.network.stalling("/sw.js"):
        phone.go(tickets.buy().link)
        expect(phone.page.locator("[data-wallet-keep-state]")).to_contain_text(
            "could not be saved just now"
        )
        expect(phone.page.get_by_role("link", name="Open your tickets")).to_be_visible()

        phone.go("/wallet")

        expect(phone.state).to_contain_text("Not every ticket is saved on this phone yet")


def test_order_page_waits_for_another_tab_before_it_says_saved(phone, tickets):
    bought = tickets.buy()
    phone.keep(bought.link)
    order = phone.new_tab()
    with phone.network.stalling("/wallet/contents"):
        phone.go("/wallet")
        wait_until(
            lambda: phone.page.evaluate("async () => (await navigator.locks.query()).held.length"),
            what="the first tab to ask",
        )

        order.go(f"/orders/{bought.order_number}")

        assert order.has_page_that_waits()
        expect(order.page.locator("[data-wallet-keep-state]")).to_be_empty()
    expect(order.page.locator("[data-wallet-keep-state]")).to_contain_text("saved on this phone")


def test_a_ticket_that_is_not_saved_is_not_called_saved(phone, tickets):
    bought = tickets.buy(2)
    phone.keep(bought.link)
    other = phone.new_tab()
    other.go_and_check("/wallet")
    with phone.network.answering(BUSY, at=bought.path(2)):
        phone.page.evaluate(_FORGET_DOCUMENT, bought.path(2))

        phone.go_and_check("/wallet")

        expect(phone.state).to_contain_text("Not every ticket is saved on this phone yet")
        expect(other.state).to_contain_text("Not every ticket is saved on this phone yet")
    phone.ask_now()
    expect(phone.state).to_contain_text("Saved on this phone")


def test_ticket_that_left_the_wallet_leaves_the_screen(phone, tickets, programme):
    bought = tickets.buy()
    phone.keep(bought.link)
    phone.go_and_check(bought.path())
    programme.change_event(bought.show, status=EventStatus.DRAFT)

    phone.ask_now()

    expect(phone.qr).to_have_count(0)
    expect(phone.heading("Page not found")).to_be_visible()


def test_proxy_that_compresses_changes_nothing(phone, tickets):
    phone.network.weaken_tags()
    phone.keep(tickets.buy().link)

    phone.go_and_check("/wallet")
    phone.go_and_check("/wallet")

    expect(phone.state).to_contain_text("Saved on this phone")


@pytest.mark.parametrize("full", [_FULL_CACHES, _FULL_INDEX], ids=["caches", "index"])
def test_store_without_room_for_news_does_not_show_what_was(phone, tickets, programme, full):
    bought = tickets.buy(2)
    phone.keep(bought.link)
    phone.go_and_check(bought.path())
    programme.void_ticket(bought.ids[0])
    phone.page.evaluate(f"() => {{ {full} }}")

    phone.ask_now()

    expect(phone.page.get_by_text("No longer valid")).to_be_visible()
    expect(phone.state).to_contain_text("Your tickets changed")
    in_caches = phone.documents()
    in_index = [row["documents"][bought.path()]["html"] for row in phone.rows()]
    found = [*in_index, *([in_caches[bought.path()]] if in_caches else [])]
    assert ["No longer valid" in each for each in found] == [True]
    with phone.network.dead():
        phone.go(bought.path(2))
        expect(phone.qr).to_be_visible()


def test_phone_without_any_room_says_that_it_keeps_nothing(phone, tickets, programme):
    bought = tickets.buy()
    phone.keep(bought.link)
    phone.go_and_check(bought.path())
    programme.void_ticket(bought.ids[0])
    phone.page.evaluate(f"() => {{ {_FULL_CACHES} {_FULL_INDEX} }}")

    phone.ask_now()

    expect(phone.page.get_by_text("No longer valid")).to_be_visible()
    phone.ask_now()
    expect(phone.state).to_contain_text("This browser keeps nothing for later")


def test_older_iphones_keep_the_tickets_in_both_stores(new_phone, tickets):
    phone = new_phone()
    phone.context.add_init_script(_NO_STATIC_JSON)

    phone.keep(tickets.buy().link)

    assert phone.page.evaluate(_HAS_SUMMARY)
    assert len(phone.documents()) == len(phone.rows()[0]["documents"]) == 2


def test_thrown_away_shell_is_made_again(phone, tickets):
    phone.keep(tickets.buy().link)
    shells = set(phone.shells())
    files = phone.page.evaluate(_COUNT_SHELL)
    phone.lose("cache_storage")

    phone.go("/wallet")

    assert phone.wait_for_shells(shells)
    wait_until(lambda: phone.page.evaluate(_COUNT_SHELL) == files, what="all files")


def test_error_in_place_of_another_releases_script_is_not_taken(phone, tickets):
    """A kept page names scripts that the worker has not, and the server is in trouble."""
    phone.go("/wallet")
    script = phone.page.locator("script[src*='/wallet-scripts/']").first.get_attribute("src")
    digest = script.split("/")[2]
    other = digest[::-1] if digest[::-1] != digest else "0" * len(digest)
    phone.network.rewrite(
        f'src="/wallet-scripts/{digest}/'.encode(), f'src="/wallet-scripts/{other}/'.encode()
    )
    phone.keep(tickets.buy().link)

    with phone.network.answering(BUSY, at=f"/wallet-scripts/{other}"):
        phone.go("/wallet")

        expect(phone.state).to_contain_text("Saved on this phone")


def test_switching_the_language_leaves_no_word_of_the_other(phone, tickets):
    phone.keep(tickets.buy().link)
    phone.go_and_check("/wallet")

    phone.page.get_by_role("link", name="Deutsch").click()

    expect(phone.page.locator("html")).to_have_attribute("lang", "de")
    expect(phone.heading("Deine Tickets")).to_be_visible()
    expect(phone.page.locator("#wallet-elsewhere")).not_to_contain_text("Remove")
    expect(phone.state).not_to_contain_text("Checked")
