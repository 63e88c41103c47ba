"""Whether the ports are free, asked before anything starts."""

import socket
from collections.abc import Mapping

from webapp.supervisor.errors import CannotStart

HIGHEST_PORT = 65_535


def read_port(environment: Mapping[str, str], name: str, *, default: int) -> int:
    """The port that a variable names. Raises :class:`CannotStart` if it is not a port."""
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise CannotStart(f"Set {name} to a port between 1 and {HIGHEST_PORT}; it is {text!r}.")
    return int(text)


def check_ports(ports: Mapping[str, int]) -> None:
    """Raise :class:`CannotStart` naming every variable whose port is taken."""
    faults = [
        f"Port {port} is in use; set {name} to another one, or stop what listens there."
        for name, port in ports.items()
        if not is_free(port)
    ]
    if len(set(ports.values())) < len(ports):
        faults.append(f"Set {' and '.join(ports)} to different ports.")
    if faults:
        raise CannotStart("\n".join(faults))


def is_free(port: int) -> bool:
    """Whether a server could listen there now, on this machine's own address."""
    with socket.socket() as probe:
        # As the servers do it: a connection that is still closing is not in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
