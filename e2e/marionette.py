"""Firefox for Selenium without geckodriver, which Debian does not carry.

Firefox itself speaks Marionette: the commands of WebDriver as JSON over a
socket. geckodriver only translates HTTP into it, and so does this, for the few
commands that the tests need.
"""

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

from tests.box_office import free_port
from tests.waiting import wait_until

# Selenium's name of a command, and Marionette's.
COMMANDS = {
    "newSession": "WebDriver:NewSession",
    "get": "WebDriver:Navigate",
    "getCurrentUrl": "WebDriver:GetCurrentURL",
    "findElement": "WebDriver:FindElement",
    "findElements": "WebDriver:FindElements",
    "clickElement": "WebDriver:ElementClick",
    "clearElement": "WebDriver:ElementClear",
    "sendKeysToElement": "WebDriver:ElementSendKeys",
    "getElementText": "WebDriver:GetElementText",
    "w3cGetActiveElement": "WebDriver:GetActiveElement",
    "w3cExecuteScript": "WebDriver:ExecuteScript",
    "setWindowRect": "WebDriver:SetWindowRect",
    "quit": "Marionette:Quit",
}
# Nothing is fetched, and nothing asked, but what the pages ask for.
PREFERENCES: dict[str, bool | int | str] = {
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "en-US",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.prefs.recommended": True,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
PATIENCE_S = 60


class Marionette:
    """A running Firefox; stands where Selenium keeps its connection to a driver."""

    def __init__(self, binary: str, *, profile: Path) -> None:
        port = free_port()
        preferences = PREFERENCES | {"marionette.port": port}
        (profile / "user.js").write_text(
            "".join(
                f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
                for name, value in preferences.items()
            )
        )
        self._process = subprocess.Popen(
            [binary, "--headless", "--marionette", "--no-remote", "--profile", str(profile)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._socket = wait_until(
            lambda: _connect(port), seconds=PATIENCE_S, what="Firefox to listen"
        )
        self._reader = self._socket.makefile("rb")
        self._read()
        self._last_id = 0

    def execute(self, command: str, params: dict[str, Any] | None) -> dict[str, Any]:
        """Do one command of Selenium's; an error comes back as a driver would send it."""
        self._last_id += 1
        values = _arguments(command, params or {})
        message = json.dumps([0, self._last_id, COMMANDS[command], values]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._read()
        if error:
            return {"status": 500, "value": json.dumps({"value": error})}
        if command == "newSession":
            return {"value": result}
        return {"value": result.get("value", result) if isinstance(result, dict) else result}

    def close(self) -> None:
        """Wait for Firefox to be gone, as "quit" asked it to."""
        self._reader.close()
        self._socket.close()
        self._process.wait(PATIENCE_S)

    def _read(self) -> Any:
        length = b""
        while (digit := self._reader.read(1)) != b":":
            length += digit
        return json.loads(self._reader.read(int(length)))


def _connect(port: int) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    except ConnectionRefusedError:
        return None


def _arguments(command: str, params: dict[str, Any]) -> dict[str, Any]:
    """What Marionette names differently."""
    values = {name: value for name, value in params.items() if name != "sessionId"}
    if command == "newSession":
        return dict(values["capabilities"]["alwaysMatch"])
    if command == "quit":
        return {"flags": ["eForceQuit"]}
    return values
