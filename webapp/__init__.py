"""Yardpass, the core: settings, models, domain, gateways and the factory."""

import gc
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app(environ: Mapping[str, str] | None = None) -> "Flask":
    """Build the application; see :mod:`webapp.factory` for the wiring.

    ``environ`` replaces the process's environment (tests). Raises
    :class:`webapp.config.SettingsError` when a setting is missing or unsafe.
    """
    # Loading makes a million objects that all stay. Looking through them for rubbish again and
    # again would be a fifth of the time.
    gc.disable()
    try:
        # Deferred so that `import webapp.domain.holds` never loads the web layer.
        from webapp.factory import build_app  # noqa: PLC0415

        app = build_app(environ)
        if environ is None:
            # The process's own: it stays as long as the process, and forks share its memory.
            gc.freeze()
    finally:
        gc.enable()
    return app
