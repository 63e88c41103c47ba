"""A phone with passes, as Apple's protocol lets it speak."""

import io
import json
import zipfile
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.pass_certificates import PASS_TYPE
from webapp.database import db
from webapp.domain import passes, ticket_names
from webapp.extensions import signer
from webapp.models import Ticket, WalletPass
from webapp.transaction import transaction

TRACE = "0" * 32
APPLE_BUTTON = "Add to Apple Wallet"
GOOGLE_BUTTON = "Save to Google Wallet"


@dataclass
class Phone:
    """One phone with its passes: registers, asks, fetches."""

    client: FlaskClient
    name: str = "0123456789abcdef0123456789abcdef"
    push_token: str = "ab" * 32

    def headers(self, wallet_pass: WalletPass, token: str | None = None) -> dict[str, str]:
        own = passes.pass_token(signer(), wallet_pass)
        return {"Authorization": f"ApplePass {own if token is None else token}"}

    def registrations(self, wallet_pass: WalletPass) -> str:
        base = f"/passes/v1/devices/{self.name}/registrations/{PASS_TYPE}"
        return f"{base}/{wallet_pass.serial}"

    def register(self, wallet_pass: WalletPass, token: str | None = None) -> TestResponse:
        return self.client.post(
            self.registrations(wallet_pass),
            json={"pushToken": self.push_token},
            headers=self.headers(wallet_pass, token),
        )

    def unregister(self, wallet_pass: WalletPass, token: str | None = None) -> TestResponse:
        return self.client.delete(
            self.registrations(wallet_pass), headers=self.headers(wallet_pass, token)
        )

    def list_changed(self, since: str = "") -> TestResponse:
        tag = f"?passesUpdatedSince={since}" if since else ""
        return self.client.get(f"/passes/v1/devices/{self.name}/registrations/{PASS_TYPE}{tag}")

    def fetch(
        self, wallet_pass: WalletPass, token: str | None = None, since: str = ""
    ) -> TestResponse:
        headers = self.headers(wallet_pass, token) | ({"If-Modified-Since": since} if since else {})
        return self.client.get(
            f"/passes/v1/passes/{PASS_TYPE}/{wallet_pass.serial}", headers=headers
        )


def take(ticket: Ticket, clock) -> WalletPass:
    with transaction():
        return passes.take_pass(ticket=ticket, now=clock(), trace_id=TRACE)


def rename(wallet_pass: WalletPass, name: str, clock) -> None:
    with transaction():
        ticket_names.change_ticket_name(
            order_id=wallet_pass.ticket.order_id,
            serial_number=wallet_pass.ticket.serial_number,
            name=name,
            now=clock(),
            trace_id=TRACE,
        )


def change(ticket: Ticket, **values) -> None:
    db.session.query(Ticket).filter_by(id=ticket.id).update(values)
    db.session.commit()


def content_of(package: bytes) -> dict:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return json.loads(archive.read("pass.json"))
