from playwright.sync_api import expect
import os

SIZES = [(320, 568), (390, 844), (844, 390), (768, 1024), (1280, 800)]


def test_shots(phone, tickets, programme, box_office):
    bought = tickets.buy(
        3,
        title="Rooftop cinema: three short films",
        tagline="x",
        venue_note="Ring twice at the green gate, then take the stairs on the left.",
    )
    two = tickets.buy(1, title="Courtyard jazz")
    phone.keep(bought.link)
    p = phone.page
    phone.go(two.link)
    p.get_by_role("button", name="Keep on this phone").click()
    p.get_by_role("button", name="Add them").click()
    expect(phone.state).to_contain_text("Saved on")
    programme.void_ticket(bought.ids[2])
    os.makedirs("/tmp/shots", exist_ok=True)
    phone.ask_now()
    expect(phone.state).to_contain_text("changed")
    for name, path in {
        "list": "/wallet",
        "ticket": bought.path(2),
        "void": bought.path(3),
        "pairing": "/wallet/pairing",
        "order": f"/orders/{bought.order_number}",
    }.items():
        phone.go(path)
        p.wait_for_timeout(700)
        for w, h in SIZES:
            p.set_viewport_size({"width": w, "height": h})
            for s in ("light", "dark"):
                if s == "dark" and w not in (390, 844):
                    continue
                p.emulate_media(color_scheme=s)
                p.wait_for_timeout(60)
                p.screenshot(
                    path=f"/tmp/shots/{name}-{w}-{s}.png", full_page=(w in (390, 768, 1280))
                )
        p.emulate_media(color_scheme="light")
        p.set_viewport_size({"width": 390, "height": 844})
    phone.go("/wallet")
    p.evaluate("() => window.dispatchEvent(new Event('beforeinstallprompt'))")
    p.locator("summary").click()
    p.wait_for_timeout(200)
    p.screenshot(path="/tmp/shots/hint-390-light.png", full_page=True)
    p.evaluate("()=>0")
