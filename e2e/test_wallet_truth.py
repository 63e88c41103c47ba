"""The wallet is as true as it says, and nothing but the box office changes it."""

import json

import pytest
from playwright.sync_api import expect

from e2e.buyer import Buyer
from e2e.network import BUSY, PORTAL, SIGN_IN
from e2e.phone import Phone
from tests.waiting import wait_until
from webapp.clock import utc_now

_UPDATE = "async () => (await navigator.serviceWorker.ready).update()"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (PORTAL, "We could not check just now"),
        (SIGN_IN, "We could not check just now"),
        (BUSY, "We could not check just now"),
    ],
    ids=["a hotel's page", "a redirect", "an error"],
)
def test_no_foreign_answer_replaces_a_ticket(phone, tickets, programme, answer, says):
    bought = tickets.buy(2)
    phone.keep(bought.link)
    phone.go_and_check(bought.path())
    kept = phone.documents()
    programme.void_ticket(bought.ids[0])

    with phone.network.answering(answer):
        phone.go(bought.path())

        expect(phone.state).to_contain_text(says)
        expect(phone.state).to_contain_text("Checked with the box office")
        expect(phone.qr).to_be_visible()
        assert phone.documents() == kept

    phone.ask_now()
    expect(phone.page.get_by_text("No longer valid")).to_be_visible()


def test_withdrawn_ticket_changes_by_itself_in_every_tab(phone, tickets, programme):
    bought = tickets.buy(2)
    phone.page.clock.install()
    phone.keep(bought.link)
    other = phone.new_tab()
    other.go_and_check("/wallet")
    phone.go_and_check(bought.path())
    programme.void_ticket(bought.ids[0])

    def notices_later() -> bool:
        """Whether a while later it says so; at once it may not have set its clock yet."""
        phone.page.clock.fast_forward(90_000)
        try:
            expect(phone.page.get_by_text("No longer valid")).to_be_visible(timeout=3000)
        except AssertionError:
            return False
        return True

    wait_until(notices_later, what="the page to ask by itself")
    expect(phone.qr).to_have_count(0)
    expect(phone.state).to_contain_text("Your tickets changed")
    expect(other.page.get_by_text("No longer valid")).to_be_visible()
    with phone.network.dead():
        phone.go(bought.path())
        expect(phone.page.get_by_text("No longer valid")).to_be_visible()
        expect(phone.qr).to_have_count(0)


def test_tickets_stay_when_the_server_knows_the_phone_no_longer(phone, tickets, programme):
    bought = tickets.buy()
    phone.keep(bought.link)
    phone.go_and_check(bought.path())
    programme.end_wallet_copies()

    phone.ask_now()

    expect(phone.state).to_contain_text("not connected to your tickets any more")
    expect(phone.page.get_by_role("link", name="Connect it again")).to_be_visible()
    phone.page.reload()
    expect(phone.qr).to_be_visible()
    assert len(phone.documents()) == 2


def test_only_what_changed_is_fetched_again(phone, tickets, programme):
    bought = tickets.buy(3)
    phone.keep(bought.link)
    phone.go_and_check("/wallet")
    programme.void_ticket(bought.ids[1])
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url))

    phone.ask_now()

    expect(phone.state).to_contain_text("Your tickets changed")
    paths = [url.removeprefix(phone.network.url) for url in asked]
    assert paths[0] == "/wallet/contents"
    assert sorted(paths[1:]) == sorted(["/wallet", bought.path(2)])


def test_another_persons_tickets_are_never_mixed_in_silently(phone, tickets):
    first, second = tickets.buy(), tickets.buy()
    phone.keep(first.link)
    kept = phone.documents()

    phone.go(second.link)

    expect(phone.page.get_by_text("Somebody else's tickets are on this phone")).to_be_visible()
    assert phone.documents() == kept
    phone.page.get_by_role("button", name="Keep on this phone").click()
    phone.page.get_by_role("button", name="Remove the others first").click()
    expect(phone.page.get_by_role("heading", name=second.show.title)).to_be_visible()
    expect(phone.page.get_by_text(first.show.title)).to_have_count(0)
    expect(phone.state).to_contain_text("Saved on this phone")
    assert set(phone.documents()) == {"/wallet", second.path()}
    assert len(phone.wallets()) == len(phone.rows()) == 1
    assert first.show.title not in json.dumps(phone.rows())


def test_a_new_worker_keeps_every_ticket_and_breaks_no_open_tab(phone, tickets):
    bought = tickets.buy()
    phone.keep(bought.link)
    old_shell, new_shell = release_worker(phone)
    kept = phone.documents()
    phone.go(bought.path())
    phone.page.evaluate(_UPDATE)
    expect(phone.qr).to_be_visible()
    assert phone.wait_for_shells({old_shell, new_shell})

    # The tab that was open goes on with what it was made with, offline, too.
    with phone.network.dead():
        phone.go("/wallet")
        expect(phone.page.locator(".wallet-line")).to_be_visible()
    later = phone.new_tab()
    phone.page.close()
    later.wait_for_next_worker()

    later.go(bought.path())

    assert set(later.shells()) == {new_shell}
    expect(later.qr).to_be_visible()
    assert later.documents() == kept


def test_a_new_worker_does_not_disturb_a_checkout(phone, tickets, programme):
    phone.keep(tickets.buy().link)
    shells = release_worker(phone)
    show = programme.put_on()
    checkout = Buyer(phone.new_tab().page, site_url=phone.network.url)
    checkout.hold(show.slug)
    checkout.page.get_by_label("Name").fill("Ada Example")

    checkout.page.evaluate(_UPDATE)

    assert phone.wait_for_shells(set(shells))
    checkout.type_email("ada@example")
    checkout.page.get_by_label("Name").click()
    expect(checkout.page.locator("#contact-faults .alert")).to_be_visible()
    expect(checkout.page.get_by_label("Name")).to_have_value("Ada Example")
    assert programme.typed_name(checkout.reference) == "Ada Example"
    # The worker of before is in charge until the last tab is closed.
    assert set(phone.shells()) == set(shells)


def release_worker(phone: Phone) -> tuple[str, str]:
    """From now on the site has another release's worker; answers the caches of both."""
    [shell] = phone.shells()
    version = shell.removeprefix("shell-")
    newer = version[::-1] if version[::-1] != version else "0" * len(version)
    # The same length, so that the answer stays whole.
    phone.network.rewrite(f'"version": "{version}"'.encode(), f'"version": "{newer}"'.encode())
    return shell, f"shell-{newer}"


def test_moment_is_the_servers_whatever_the_phones_clock_says(phone, tickets):
    phone.page.clock.install(time="2031-05-05T12:00:00Z")
    phone.keep(tickets.buy().link)

    phone.go_and_check("/wallet")

    expect(phone.state.locator("time")).to_contain_text(str(utc_now().year))
    expect(phone.state.locator("time")).not_to_contain_text("2031")
