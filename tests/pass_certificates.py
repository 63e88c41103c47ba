"""Self-made certificates of the shape that Apple's have. No phone would take them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from tests.factories import NOW
from webapp.pass_ports import ApplePassKeys, GoogleWalletKeys

PASS_TYPE = "pass.org.example.tickets"
TEAM = "EXAMPLE123"
ISSUER_ID = "3388000000012345678"
CLIENT_EMAIL = "wallet@example-project.iam.gserviceaccount.com"


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """One key a name, made once a run."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def name_of(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


@dataclass(frozen=True)
class Authority:
    """Signs certificates as Apple's intermediate authority does."""

    name: str = "Example Intermediate"
    ends_at: datetime = NOW + timedelta(days=2000)

    @property
    def certificate(self) -> x509.Certificate:
        subject = name_of((NameOID.COMMON_NAME, self.name))
        return self._sign(subject, private_key(self.name), ends_at=self.ends_at, is_authority=True)

    def pass_certificate(
        self, *, ends_at: datetime = NOW + timedelta(days=365), key: str = "pass"
    ) -> x509.Certificate:
        subject = name_of(
            (NameOID.USER_ID, PASS_TYPE),
            (NameOID.COMMON_NAME, f"Pass Type ID: {PASS_TYPE}"),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, TEAM),
        )
        return self._sign(subject, private_key(key), ends_at=ends_at)

    def server_certificate(self) -> x509.Certificate:
        subject = name_of((NameOID.COMMON_NAME, "localhost"))
        return self._sign(
            subject, private_key("server"), ends_at=datetime(2100, 1, 1, tzinfo=NOW.tzinfo)
        )

    def _sign(
        self,
        subject: x509.Name,
        key: rsa.RSAPrivateKey,
        *,
        ends_at: datetime,
        is_authority: bool = False,
    ) -> x509.Certificate:
        own = private_key(self.name)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name_of((NameOID.COMMON_NAME, self.name)))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2020, 1, 1, tzinfo=NOW.tzinfo))
            .not_valid_after(ends_at)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(own.public_key()),
                critical=False,
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=is_authority,
                    crl_sign=is_authority,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
            .sign(own, SHA256())
        )


def apple_keys(*, ends_at: datetime = NOW + timedelta(days=365)) -> ApplePassKeys:
    authority = Authority()
    return ApplePassKeys(
        pass_type_identifier=PASS_TYPE,
        team_identifier=TEAM,
        certificate=authority.pass_certificate(ends_at=ends_at),
        key=private_key("pass"),
        intermediate=authority.certificate,
    )


def google_keys() -> GoogleWalletKeys:
    return GoogleWalletKeys(
        issuer_id=ISSUER_ID, client_email=CLIENT_EMAIL, key=private_key("google")
    )


def pem_of_certificate(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def pem_of_key(name: str, *, password: str = "") -> str:
    lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return private_key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode()
