"""``python -m paysandbox --port 5001 --data instance/sandbox.db``."""

import argparse
import ipaddress
import sys
from collections.abc import Sequence

from paysandbox.server import SandboxServer


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="paysandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=5001, help="0 takes any free port")
    parser.add_argument("--data", required=True, help="path of the sandbox's own SQLite file")
    parser.add_argument("--bind", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--site-url", help="the shop's address, for links back to it")
    options = parser.parse_args(arguments)
    if not _is_loopback(options.bind):
        parser.error(f"--bind {options.bind}: the sandbox serves loopback addresses only")
    SandboxServer(
        bind=options.bind, port=options.port, data_path=options.data, site_url=options.site_url
    ).run()


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
