"""Yardpass, the core: settings, models, domain, gateways and the factory."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app(environ: Mapping[str, str] | None = None) -> "Flask":
    """Build the application; see :mod:`webapp.factory` for the wiring.

    ``environ`` replaces the process's environment (tests). Raises
    :class:`webapp.config.SettingsError` when a setting is missing or unsafe.
    """
    # Deferred so that `import webapp.domain.holds` never loads the web layer.
    from webapp.factory import build_app  # noqa: PLC0415

    return build_app(environ)
