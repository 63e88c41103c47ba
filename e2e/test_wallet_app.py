"""The wallet as an app: light, installable, awake, and moved through by finger and by key."""

import pytest
from playwright.sync_api import expect

from e2e.phone import Phone
from e2e.weights import expect_light

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
IPHONE_CHROME = IPHONE.replace("Version/18.5", "CriOS/140.0.7339.39")
OLD_IPHONE_CHROME = IPHONE_CHROME.replace("OS 18_5", "OS 16_3_1")
IPHONE_APP = IPHONE.replace("Version/18.5 ", "").replace(" Safari/604.1", "")
# What a browser that can install offers; in tests none does.
_OFFER = """() => {
  const event = new Event('beforeinstallprompt', {cancelable: true});
  event.prompt = () => { window.wasPrompted = true; };
  window.dispatchEvent(event);
  return event.defaultPrevented;
}"""
# Stands for the screen, and notes whether it is kept on.
_SCREEN = """Object.defineProperty(navigator, 'wakeLock', {value: {
  async request() {
    window.wakeLocks = (window.wakeLocks ?? 0) + 1;
    return {released: false, async release() { this.released = true; }};
  },
}})"""

# Notes whether the browser is asked not to throw anything away.
_STORAGE = """Object.defineProperty(navigator.storage, 'persist', {value: async () => {
  window.wasAskedToPersist = true;
  return false;
}})"""


@pytest.mark.parametrize("page", ["wallet", "ticket"])
def test_page_is_light_and_asks_nobody_else(phone, tickets, page):
    bought = tickets.buy(2)
    phone.keep(bought.link)

    scripts = expect_light(phone, "/wallet" if page == "wallet" else bought.path())

    own = "list.js" if page == "wallet" else "ticket.js"
    assert scripts == {"page.js", "sync.js", "stores.js", own}


def test_manifest_and_worker_are_asked_for_every_time(phone):
    manifest = phone.context.request.get(f"{phone.network.url}/manifest.webmanifest")
    worker = phone.context.request.get(f"{phone.network.url}/sw.js")

    assert manifest.headers["cache-control"] == worker.headers["cache-control"] == "no-cache"
    described = manifest.json()
    assert (described["id"], described["start_url"], described["scope"]) == (
        "/wallet",
        "/wallet",
        "/",
    )
    assert described["display"] == "standalone"
    assert {icon["purpose"] for icon in described["icons"]} == {"any", "maskable"}
    for icon in described["icons"]:
        assert phone.context.request.get(f"{phone.network.url}{icon['src']}").ok
    for shortcut in described["shortcuts"]:
        assert phone.context.request.get(f"{phone.network.url}{shortcut['url']}").ok


def test_install_is_offered_once_and_never_again_to_who_said_no(phone, tickets):
    phone.keep(tickets.buy().link)
    phone.go("/wallet")
    hint = phone.page.get_by_role("complementary", name="Keep your tickets on the home screen")
    expect(phone.state).to_contain_text("Saved on this phone")
    expect(hint).to_be_hidden()

    assert phone.page.evaluate(_OFFER)

    expect(hint).to_be_visible()
    expect(hint.get_by_text("Tap Share")).to_be_hidden()
    phone.page.get_by_role("button", name="Add to the home screen").click()
    assert phone.page.evaluate("() => window.wasPrompted")
    phone.page.reload()
    phone.page.evaluate(_OFFER)
    phone.page.get_by_role("button", name="Not now").click()
    expect(hint).to_be_hidden()
    phone.page.reload()
    phone.page.evaluate(_OFFER)
    expect(hint).to_be_hidden()


@pytest.mark.parametrize(
    ("agent", "is_told"),
    [(IPHONE, True), (IPHONE_CHROME, True), (OLD_IPHONE_CHROME, False), (IPHONE_APP, False)],
    ids=["Safari", "Chrome", "Chrome before iOS 16.4", "a page within an app"],
)
def test_browsers_of_an_iphone_that_can_install_are_told_how(new_phone, tickets, agent, is_told):
    phone = new_phone(user_agent=agent)
    phone.keep(tickets.buy().link)
    phone.go("/wallet")
    hint = phone.page.get_by_text("Tap Share")

    expect(hint).to_be_visible(visible=is_told)

    if is_told:
        expect(phone.page.get_by_role("button", name="Add to the home screen")).to_be_hidden()
        phone.page.get_by_role("link", name="Make a code").click()
        expect(phone.heading("Another phone")).to_be_visible()


def test_app_on_the_home_screen_asks_for_a_code_at_once(phone, new_phone, tickets):
    """Its storage is its own: it starts empty, as a browser that was never here."""
    bought = tickets.buy(2)
    phone.keep(bought.link)
    phone.go("/wallet/pairing")
    phone.page.get_by_role("button", name="Make a code").click()
    code = phone.page.locator(".wallet-pairing-code").inner_text()
    app = new_phone()
    app.go("/wallet")

    app.page.get_by_label("Pairing code").fill(code)
    app.page.get_by_role("button", name="Show the tickets here").click()

    expect(app.state).to_contain_text("Saved on this phone")
    with app.network.dead():
        app.go(bought.path(2))
        expect(app.qr).to_be_visible()


def test_screen_stays_on_while_a_ticket_shows(new_phone, tickets):
    bought = tickets.buy()
    phone = new_phone()
    phone.context.add_init_script(_SCREEN)
    phone.keep(bought.link)
    phone.go("/wallet")
    expect(phone.state).to_contain_text("Saved on this phone")
    assert phone.page.evaluate("() => window.wakeLocks") is None

    phone.go(bought.path())

    expect(phone.state).to_contain_text("Saved on this phone")
    assert phone.page.evaluate("() => window.wakeLocks") == 1


def test_browser_is_asked_to_keep_the_tickets_at_the_first_tap(new_phone, tickets):
    phone = new_phone()
    phone.context.add_init_script(_STORAGE)
    phone.keep(tickets.buy().link)
    phone.go("/wallet")
    expect(phone.state).to_contain_text("Saved on this phone")
    assert phone.page.evaluate("() => window.wasAskedToPersist") is None

    phone.heading("Your tickets").tap()

    assert phone.page.evaluate("() => window.wasAskedToPersist")


def test_refused_wake_lock_is_nothing_to_speak_of(phone, tickets):
    """Headless, without the permission: the witness hears of any error."""
    bought = tickets.buy()
    phone.keep(bought.link)
    phone.go(bought.path())

    expect(phone.page.get_by_text("Turn the brightness up")).to_be_visible()
    expect(phone.state).to_contain_text("Saved on this phone")


def test_next_ticket_is_a_swipe_or_an_arrow_away(phone, tickets):
    bought = tickets.buy(3)
    phone.keep(bought.link)
    with phone.network.dead():
        phone.go(bought.path())
        phone.page.keyboard.press("ArrowRight")
        expect(phone.page.get_by_text("Ticket 2 of 3")).to_be_visible()
        swipe(phone, across=-160)
        expect(phone.page.get_by_text("Ticket 3 of 3")).to_be_visible()
        swipe(phone, across=-160)
        swipe(phone, across=160)
        expect(phone.page.get_by_text("Ticket 2 of 3")).to_be_visible()
        phone.page.keyboard.press("ArrowLeft")
        expect(phone.page.get_by_text("Ticket 1 of 3")).to_be_visible()
        # Down is for scrolling.
        swipe(phone, across=-70, down=-300)
        expect(phone.page.get_by_text("Ticket 1 of 3")).to_be_visible()


def swipe(phone: Phone, *, across: int, down: int = 0) -> None:
    """One finger over the code, as the browser's own input sees it."""
    expect(phone.qr).to_be_visible()
    session = phone.context.new_cdp_session(phone.page)
    steps = 8
    start_x, start_y = 195, 330
    points = [
        {"x": start_x + across * step / steps, "y": start_y + down * step / steps}
        for step in range(steps + 1)
    ]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def test_everything_is_reached_by_keyboard(phone, tickets):
    bought = tickets.buy(2)
    phone.keep(bought.link)
    phone.go("/wallet")
    focused = []
    for _ in range(9):
        phone.page.keyboard.press("Tab")
        focused.append(phone.page.evaluate("() => document.activeElement.textContent.trim()"))
    assert [text.split()[0] for text in focused[:2]] == ["Skip", "Yardpass"]
    assert [text for text in focused if "Remove from this phone" in text]
    phone.page.locator(".wallet-line").first.focus()
    phone.page.keyboard.press("Enter")
    expect(phone.qr).to_be_visible()
    phone.page.get_by_role("link", name="Next").press("Enter")
    expect(phone.page.get_by_text("Ticket 2 of 2")).to_be_visible()
