"""How long the operator's certificates still work, for probes and for Prometheus."""

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from webapp.pass_ports import CertificateState


def list_warnings(
    certificates: Sequence[CertificateState], *, now: datetime
) -> list[dict[str, object]]:
    """Those that end soon or have ended; the site works on without them."""
    return [
        {
            "certificate": each.name,
            "days_left": each.days_left(now=now),
            "is_valid": each.is_valid(now=now),
        }
        for each in certificates
        if each.needs_attention(now=now)
    ]


def render_certificate_metrics(certificates: Sequence[CertificateState], *, now: datetime) -> bytes:
    """Days left of each in Prometheus' text format; empty without certificates."""
    if not certificates:
        return b""
    registry = CollectorRegistry()
    days_left = Gauge(
        "certificate_days_left",
        "Days until a certificate ends; negative once it has.",
        ("certificate",),
        registry=registry,
    )
    for each in certificates:
        days_left.labels(each.name).set(each.days_left(now=now))
    return generate_latest(registry)
