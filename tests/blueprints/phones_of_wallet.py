"""Phones that share a wallet: let in by a code, removed by one another."""

import re

from flask import Flask
from werkzeug.test import TestResponse

from tests.blueprints.browser import Browser
from tests.blueprints.wallets import TOKEN_COOKIE, cookies, new_phone
from webapp.database import db
from webapp.domain.wallet_credentials import hash_token
from webapp.models import WalletCopy

SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
BACK = "/wallet/pairing?removed=#wallet-copies"


def make_code(browser: Browser) -> str:
    """The code as the phone with the tickets shows it."""
    browser.open("/wallet/pairing")
    page = browser.send("/wallet/pairing-codes")
    assert page.status_code == 200
    return re.search(r'wallet-pairing-code"[^>]*>([0-9A-Z ]+)<', page.text)[1]


def redeem(browser: Browser, code: str, **fields: str) -> TestResponse:
    browser.open("/wallet/pairing")
    return browser.send("/wallet/pairing", code=code, **fields)


def join(app: Flask, owner: Browser, *, user_agent: str = SAFARI) -> Browser:
    phone = new_phone(app)
    phone.client.environ_base["HTTP_USER_AGENT"] = user_agent
    assert redeem(phone, make_code(owner)).status_code == 303
    return phone


def copy_of(phone: Browser) -> WalletCopy:
    token = hash_token(cookies(phone)[TOKEN_COOKIE])
    query = db.select(WalletCopy).where(WalletCopy.token_hash == token)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def remove(phone: Browser, copy_id: int) -> TestResponse:
    phone.open("/wallet/pairing")
    return phone.send(f"/wallet/copies/{copy_id}/removal")


def code_of(phone: Browser) -> str:
    """What the phone's scripts are told instead of tickets."""
    answer = phone.client.get("/wallet/contents")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    return answer.json["code"]
