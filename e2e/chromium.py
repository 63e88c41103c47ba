"""Which Chromium drives the browser tests, and how it is started."""

import os
import shutil

ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def whole_chromium() -> str:
    """The browser that people use: with notifications, an app window, an installation."""
    return os.environ.get("YARDPASS_CHROMIUM", "/usr/bin/chromium")


def quick_chromium() -> str:
    """The same engine without the user interface around pages, where it is installed.

    A browser test takes a third less of the processor's time in it.
    """
    return shutil.which("chromium-headless-shell") or whole_chromium()
