"""Where templates, static files and migrations are, in a checkout and in a wheel."""

from pathlib import Path

_PACKAGE_DIR = Path(__file__).resolve().parent
_ASSET_ROOT = _PACKAGE_DIR if (_PACKAGE_DIR / "templates").is_dir() else _PACKAGE_DIR.parent

TEMPLATES_DIR = _ASSET_ROOT / "templates"
STATIC_DIR = _ASSET_ROOT / "static"
MIGRATIONS_DIR = _ASSET_ROOT / "migrations"
TRANSLATIONS_DIR = _PACKAGE_DIR / "translations"
# The code that words and formats pages. The catalogues lie in the first folder.
CODE_DIRS = (_PACKAGE_DIR, _PACKAGE_DIR.parent / "blueprints")
