"""A folder that an unprivileged account can reach, made by us, for what lies out of its reach.

A checkout under `/root` cannot be entered by the account that PostgreSQL runs as, and opening
`/root` for it is not ours to decide. So root keeps a folder elsewhere, and leaves a link.
"""

import hashlib
import os
import tempfile
from pathlib import Path

SHARED_DIR = Path("/var/lib/yardpass")
OWNER_FILE = "belongs-to"


def open_shared_dir() -> Path:
    """The shared folder, made if it is missing.

    Raises :class:`PermissionError` if somebody other than root could have put things there.
    """
    try:
        SHARED_DIR.mkdir()
    except FileExistsError:
        status = SHARED_DIR.lstat()
        if status.st_uid != 0 or status.st_mode & 0o022 or SHARED_DIR.is_symlink():
            raise PermissionError(
                f"{SHARED_DIR} must be a folder that only root can write to; it is not"
            ) from None
    else:
        SHARED_DIR.chmod(0o755)  # just made by us; the umask may have closed it
    return SHARED_DIR


def make_shared_folder(link: Path) -> Path:
    """A new folder inside the shared one, which says which link leads to it."""
    parent = open_shared_dir()
    digest = hashlib.sha256(os.fsencode(link)).hexdigest()[:12]
    folder = Path(tempfile.mkdtemp(prefix=f"{digest}-", dir=parent))
    folder.chmod(0o711)
    (folder / OWNER_FILE).write_text(f"{link}\n")
    return folder


def claim_shared_folder(folder: Path, link: Path) -> bool:
    """Take the folder over for a link that was moved; False if it was copied.

    Two links would be two installations with one database between them.
    """
    try:
        first = Path((folder / OWNER_FILE).read_text().removesuffix("\n"))
    except FileNotFoundError:
        return False
    if first != link:
        if first.is_symlink() and first.readlink() == link.readlink():
            return False
        (folder / OWNER_FILE).write_text(f"{link}\n")
    return True
