"""A pairing code on the screen: it counts down, and is not shown once it works no longer."""

from playwright.sync_api import Browser, expect

from e2e.chromium import ARGUMENTS, whole_chromium
from e2e.network import Network

_IS_APP = "() => matchMedia('(display-mode: standalone)').matches"


def test_code_is_shown_for_as_long_as_it_works(phone, tickets):
    phone.keep(tickets.buy().link)
    phone.page.clock.install()
    phone.go("/wallet/pairing")
    phone.page.get_by_role("button", name="Make a code").click()
    code = phone.page.locator(".wallet-pairing-code")
    timer = phone.page.get_by_role("timer")
    expect(code).to_be_visible()
    expect(timer).to_contain_text("9:")

    phone.page.clock.fast_forward("09:30")
    expect(timer).to_contain_text("0:")
    expect(code).to_be_visible()

    phone.page.clock.fast_forward("00:31")
    expect(phone.page.get_by_text("This code works no longer. Make a new one.")).to_be_visible()
    expect(code).to_be_hidden()
    phone.page.get_by_role("link", name="Make a new code").click()
    expect(phone.page.get_by_role("button", name="Make a code")).to_be_visible()


def test_wrong_code_typed_into_the_empty_wallet_is_said_at_the_field(phone):
    phone.go("/wallet")
    phone.page.get_by_label("Pairing code").fill("ABCD 1234")
    phone.page.get_by_role("button", name="Show the tickets here").click()

    field = phone.page.get_by_label("Pairing code")
    expect(field).to_have_value("ABCD 1234")
    expect(field).to_be_focused()
    expect(phone.page.get_by_text("This code does not work.")).to_be_visible()


def test_empty_app_on_the_home_screen_asks_for_nothing_but_a_code(
    browser: Browser, network: Network, tmp_path
):
    """Links in mails open in the browser, whose tickets the app cannot see."""
    app = browser.browser_type.launch_persistent_context(
        tmp_path,
        executable_path=whole_chromium(),
        args=[*ARGUMENTS, f"--app={network.url}/wallet"],
    )
    page = app.pages[0]
    expect(page.get_by_role("heading", name="No tickets on this phone yet")).to_be_visible()
    assert page.evaluate(_IS_APP)

    expect(page.get_by_label("Pairing code")).to_be_in_viewport()
    expect(page.get_by_text("Open the link in the mail")).to_be_hidden()
    expect(page.get_by_text("choose “Put them on another phone”")).to_be_visible()
    app.close()


def test_empty_wallet_in_a_browser_names_the_mail_first(phone):
    phone.go("/wallet")

    mail = phone.page.get_by_role("heading", name="With your mail").bounding_box()
    code = phone.page.get_by_role("heading", name="With a code").bounding_box()
    assert mail["y"] < code["y"]
    expect(phone.page.get_by_text("choose “Put them on another phone”")).to_be_hidden()
    expect(phone.page.get_by_role("button", name="Show the tickets here")).to_be_in_viewport()
