"""Flask's extensions, and typed access to what the factory put on the application."""

from typing import cast

from flask import current_app
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from webapp.catalogues import SourceBabel
from webapp.config import Settings
from webapp.sealing import KeySeal
from webapp.signing import Signer

babel = SourceBabel()
csrf = CSRFProtect()
login_manager = LoginManager()
migrate = Migrate()


def settings() -> Settings:
    """The settings of the running application."""
    return cast("Settings", current_app.extensions["settings"])


def signer() -> Signer:
    """The signer of the running application."""
    return cast("Signer", current_app.extensions["signer"])


def key_seal() -> KeySeal:
    """What seals the signing keys of the running application."""
    return cast("KeySeal", current_app.extensions["key_seal"])


def limiter() -> Limiter:
    """The rate limiter of the running application."""
    return cast("Limiter", current_app.extensions["rate_limiter"])
