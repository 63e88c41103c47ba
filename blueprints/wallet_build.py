"""What a kept wallet document is made with, besides its facts.

A phone fetches its documents anew when this changes. Documents name styles,
scripts and pictures, include parts of other pages, and are worded and formatted
by code and catalogues: rather than follow each of these, a release that changed
any of it makes all documents anew, once.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from blueprints.language import current_language
from blueprints.pass_offers import offered_kinds
from webapp.paths import CODE_DIRS, STATIC_DIR, TEMPLATES_DIR

FOLDERS = (TEMPLATES_DIR, STATIC_DIR, *CODE_DIRS)
# Made by the machine, and different on each.
_MADE_FOLDER = "__pycache__"
_MADE_SUFFIX = ".mo"


def made_with() -> str:
    """What makes a page besides its facts. A release or another language makes all of them anew."""
    offered = "+".join(sorted(offered_kinds()))
    return f"{current_language()}/{offered}/{_build_digest()}"


def digest_folders(folders: Iterable[Path]) -> str:
    """A digest of every file in the folders: its place in them and its content."""
    build = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            is_made = _MADE_FOLDER in path.parts or path.suffix == _MADE_SUFFIX
            if not is_made and path.is_file():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                build.update(f"{path.relative_to(folder)} {content}\n".encode())
    return build.hexdigest()[:16]


@cache
def _build_digest() -> str:
    return digest_folders(FOLDERS)
