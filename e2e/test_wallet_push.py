"""Messages to a phone: asked for by a tap alone, shown by the worker, opened by a tap."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, Worker, expect

from e2e.chromium import ARGUMENTS, whole_chromium
from e2e.phone import Phone
from e2e.weights import expect_light
from tests.phones import AUTH, new_endpoint, public_key
from tests.waiting import wait_until

# The browser's own push service cannot be reached from a test: its answer is written by hand.
BROWSER = """([subscription]) => {
  window.asked = [];
  const kept = {
    options: {applicationServerKey: null},
    toJSON: () => subscription,
    unsubscribe: async () => {
      sessionStorage.clear();
      window.asked.push('unsubscribe');
      return true;
    },
  };
  PushManager.prototype.getSubscription = async () => sessionStorage.isTold ? kept : null;
  PushManager.prototype.subscribe = async ({userVisibleOnly, applicationServerKey}) => {
    window.asked.push(`subscribe ${userVisibleOnly} ${applicationServerKey.length}`);
    sessionStorage.isTold = '1';
    return kept;
  };
  const ask = Notification.requestPermission.bind(Notification);
  Notification.requestPermission = () => { window.asked.push('permission'); return ask(); };
}"""
_CLICK = """async (data) => {
  const opened = [];
  self.clients.openWindow = async (path) => opened.push(path);
  const notification = {data, close: () => opened.push('closed')};
  const event = new Event('notificationclick');
  event.notification = notification;
  let ending;
  event.waitUntil = (promise) => ending = promise;
  self.dispatchEvent(event);
  await ending;
  return opened;
}"""
_IS_AWAKE = """async () =>
  (await navigator.serviceWorker.ready).active.state === 'activated'"""
_NOTE_SHOWING = """() => {
  if (self.shown === undefined) {
    const show = ServiceWorkerRegistration.prototype.showNotification;
    ServiceWorkerRegistration.prototype.showNotification = async function (...words) {
      await show.apply(this, words);
      self.shown += 1;
    };
  }
  self.shown = 0;
}"""
_SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({title, body, tag, lang, data}) => ({title, body, tag, lang, data}))"""


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The whole one: without a user interface there are no notifications."""
    browser = playwright.chromium.launch(executable_path=whole_chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def endpoint() -> str:
    return new_endpoint()


@pytest.fixture
def holder(phone: Phone, tickets, endpoint) -> Phone:
    """A phone with tickets, in a browser with a push service, at its wallet."""
    subscription = {"endpoint": endpoint, "keys": {"p256dh": public_key(), "auth": AUTH}}
    phone.context.add_init_script(f"({BROWSER})({json.dumps([subscription])})")
    phone.context.grant_permissions(["notifications"], origin=phone.network.url)
    bought = tickets.buy(1)
    phone.keep(bought.link)
    phone.go("/wallet")
    return phone


def asked(phone: Phone) -> list[str]:
    found: list[str] = phone.page.evaluate("() => window.asked")
    return found


def deliver(phone: Phone, data: str) -> None:
    """What the push service hands to the browser, and the worker shows."""
    # One that is still being installed hears nothing.
    wait_until(lambda: phone.page.evaluate(_IS_AWAKE), what="the worker to be active")
    worker(phone).evaluate(_NOTE_SHOWING)
    session = phone.context.new_cdp_session(phone.page)
    seen: list[dict[str, Any]] = []

    def note(event: dict[str, Any]) -> None:
        seen.append(event)

    session.on("ServiceWorker.workerRegistrationUpdated", note)
    session.send("ServiceWorker.enable")

    def find() -> str | None:
        phone.page.evaluate("() => 0")
        ids = [each["registrationId"] for event in seen for each in event["registrations"]]
        return ids[-1] if ids else None

    registration = wait_until(find, what="the worker's registration")
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": phone.network.url, "registrationId": registration, "data": data},
    )
    session.detach()
    # Chromium loses a message when it is asked which there are while it shows one.
    wait_until(lambda: worker(phone).evaluate("() => self.shown"), what="the message")


def shown(phone: Phone) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = phone.page.evaluate(_SHOWN)
    return found


def worker(phone: Phone) -> Worker:
    return phone.context.service_workers[-1]


def test_messages_are_switched_on_by_a_tap_and_off_by_another(holder, programme, endpoint):
    on = holder.page.get_by_role("button", name="Tell me before it begins")
    off = holder.page.get_by_role("button", name="Stop the messages")
    expect(on).to_be_visible()
    assert asked(holder) == []
    assert not programme.has_push_subscription(endpoint)

    on.click()

    expect(holder.page.get_by_text("Messages are on.")).to_be_visible()
    expect(off).to_be_focused()
    expect(on).to_be_hidden()
    assert asked(holder) == ["permission", "subscribe true 87"]
    assert programme.has_push_subscription(endpoint)

    off.click()

    expect(holder.page.get_by_text("Messages are off.")).to_be_visible()
    expect(on).to_be_focused()
    assert asked(holder)[2:] == ["unsubscribe"]
    assert not programme.has_push_subscription(endpoint)


def test_page_of_a_phone_with_messages_is_as_light(holder):
    holder.page.get_by_role("button", name="Tell me before it begins").click()
    expect(holder.page.get_by_text("Messages are on.")).to_be_visible()

    scripts = expect_light(holder, "/wallet")

    # It has looked, and told the server again: what that takes was among what was weighed.
    expect(holder.page.get_by_role("button", name="Stop the messages")).to_be_visible()
    assert asked(holder) == ["subscribe true 87"]
    assert scripts == {"page.js", "sync.js", "stores.js", "list.js"}


def test_without_a_network_the_tap_says_so_and_nothing_is_pretended(holder):
    on = holder.page.get_by_role("button", name="Tell me before it begins")
    expect(on).to_be_visible()

    with holder.network.dead():
        on.click()
        expect(holder.page.get_by_text("Try again when you are online")).to_be_visible()

    expect(on).to_be_visible()


def test_a_message_is_shown_while_the_site_is_dead_and_leads_to_the_ticket(holder):
    told = {
        "title": "Rueda Night",
        "body": "Begins at 7:00 PM MST.",
        "url": "/wallet/tickets/7",
        "tag": "a" * 32,
        "lang": "en",
    }

    with holder.network.dead():
        deliver(holder, json.dumps(told))

    (notification,) = shown(holder)
    assert notification == {key: told[key] for key in ("title", "body", "tag", "lang")} | {
        "data": {"url": "/wallet/tickets/7"}
    }
    assert worker(holder).evaluate(_CLICK, notification["data"]) == ["closed", "/wallet/tickets/7"]


def test_the_same_message_again_takes_the_place_of_the_first(holder):
    for body in ("Begins at 7:00 PM.", "Begins at 8:00 PM."):
        deliver(holder, json.dumps({"title": "Rueda Night", "body": body, "tag": "same"}))
        assert [each["body"] for each in shown(holder)] == [body]


@pytest.mark.parametrize("data", ["", "no json", "null", "[]", '"x"'])
def test_a_message_without_words_leads_to_the_tickets(holder, data):
    deliver(holder, data)

    assert [each["title"] for each in shown(holder)] == ["Yardpass"]


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"url": "https://example.net/wallet"},
        {"url": "//example.net/wallet"},
        {"url": "/orders/X-1"},
        {"url": "/wallet/removal"},
        {"url": "javascript:alert(1)"},
    ],
)
def test_a_message_never_leads_anywhere_but_to_the_wallet(holder, data):
    holder.go("/")

    assert worker(holder).evaluate(_CLICK, data) == ["closed", "/wallet"]
