"""What the figures are held against.

Measured with pretix 2026.8.0 (PostgreSQL 15, Redis, gunicorn, Celery, nginx, set up as its guide
recommends) on another machine with two cores, everything and the driver on it, median of three
runs of 20 s. Absolute figures move from machine to machine: the ratios to the limits of the same
run say more than the ratios to these.
"""

from typing import Final

# Clients -> per second.
PRETIX_HOLDS: Final = {1: 4.8, 8: 17.0, 32: 17.0, 64: 15.7}
PRETIX_PAGES: Final = {1: 22.0, 8: 41.5, 64: 41.1}
# Whole checkouts to an order, no external gateway called.
PRETIX_ORDERS: Final = {1: 1.1, 8: 2.2, 32: 1.7, 64: 2.1}

PRETIX: Final = {"holds": PRETIX_HOLDS, "pages": PRETIX_PAGES, "orders": PRETIX_ORDERS}

# Times the best figure of pretix: what must be reached, and what is wanted.
REQUIRED_TIMES: Final = {"holds": 12.0, "pages": 15.0, "orders": 10.0}
WANTED_TIMES: Final = {"holds": 30.0, "pages": 40.0, "orders": 30.0}

# Milliseconds at the 95th percentile: at most this, and wanted.
HOLD_P95_MS: Final = (400.0, 150.0)
NOTICE_P95_MS: Final = (50.0, 15.0)
NOTICE_P95_LOADED_MS: Final = (250.0, 100.0)
# A ticket without a network, after the browser was started anew, on a slow phone.
WALLET_P95_MS: Final = (1000.0, 600.0)

# Holds as a share of a trivial route, wanted.
SHARE_OF_TRIVIAL: Final = 0.25


def best_of_pretix(work: str) -> float:
    """Per second, at the number of clients that suited it best."""
    return max(PRETIX[work].values())
