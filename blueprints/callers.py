"""Who asks, as far as the network tells, and with what kind of device."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request

from blueprints.language import current_language
from webapp.domain.checkouts import Origin
from webapp.domain.hold_caps import HoldCaps
from webapp.extensions import settings, signer
from webapp.tracing import current_trace_id

# One household or phone usually owns a whole /64 of IPv6 addresses.
IPV6_PREFIX = 64


def caller_network() -> str:
    """The caller's IPv4 address, or the /64 network of its IPv6 address."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    return _network(address)


def caller_key() -> str:
    """A keyed digest of the caller's network: it tells callers apart and names nobody."""
    return signer().digest("client-key", f"network:{caller_network()}")


def caller_origin(*, client_key: str, source: str, campaign: str) -> Origin:
    """Where the caller comes from, as far as it says; never an address."""
    return Origin(
        client_key=client_key,
        network_key=caller_key(),
        trace_id=current_trace_id(),
        source=source,
        campaign=campaign,
        device=caller_device(),
        locale=current_language(),
    )


def hold_caps() -> HoldCaps:
    """How much one caller may hold at once."""
    return HoldCaps(
        checkouts=settings().open_checkouts_per_client,
        pool_percent=settings().held_percent_per_client,
    )


def caller_device() -> str:
    """``mobile`` or ``web``, as the browser itself says."""
    hint = request.headers.get("Sec-CH-UA-Mobile")
    if hint is not None:
        return "mobile" if hint == "?1" else "web"
    return "mobile" if "Mobi" in request.headers.get("User-Agent", "") else "web"


def _network(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address.packed, IPV6_PREFIX), strict=False))
    return str(address)
