"""Where the data of the embedded PostgreSQL lies, and how it is made."""

import os
import shutil
from pathlib import Path

from webapp.embedded.account import Account
from webapp.embedded.server import EmbeddedServerError
from webapp.embedded.shared_folder import claim_shared_folder, make_shared_folder

# A superuser of its own server: tests and tools make databases there.
ROLE = "yardpass"
DATABASE = "yardpass"


def locate_cluster(data_dir: Path) -> tuple[Path, Account]:
    """The folder of the data, made or not, and the account that it belongs to.

    That is `data_dir/cluster`, or a link there to a folder that the account can reach. Raises
    :class:`EmbeddedServerError` if the data is there but cannot be used.
    """
    entry = data_dir / "cluster"
    if entry.is_symlink():
        cluster = entry.readlink()
        if not cluster.parent.is_dir():
            raise EmbeddedServerError(
                f"{entry} says that the data is in {cluster}, which is gone; "
                "bring it back, or remove the link to start with an empty database"
            )
        if not claim_shared_folder(cluster.parent, entry):
            raise EmbeddedServerError(
                f"{entry} is a copied link to data that another folder uses; "
                "remove it to start with an empty database"
            )
    else:
        cluster = entry
    if cluster.is_dir():
        return cluster, _owner(cluster)

    account = Account.unprivileged()
    if not entry.is_symlink() and not (account.is_current() or account.can_search(data_dir)):
        cluster = make_shared_folder(entry) / "cluster"
        entry.symlink_to(cluster)
    return cluster, account


def discard_cluster(data_dir: Path) -> None:
    """Delete the data, wherever it lies, and the folder itself."""
    entry = data_dir / "cluster"
    if entry.is_symlink():
        shutil.rmtree(entry.readlink().parent, ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)


def _owner(cluster: Path) -> Account:
    owner = Account.owner_of(cluster)
    if owner.uid == 0 or not (owner.is_current() or os.geteuid() == 0):
        raise EmbeddedServerError(
            f"{cluster} belongs to user {owner.uid}, and PostgreSQL runs only as the owner of its "
            "data (never as root); run Yardpass as the user who made it"
        )
    if not owner.is_current() and not owner.can_search(cluster.parent):
        raise EmbeddedServerError(
            f"{cluster} belongs to user {owner.uid}, who cannot reach it there; "
            "move it to a folder whose parents everybody may enter"
        )
    return owner


def make_draft(cluster: Path, account: Account) -> Path:
    """An empty folder beside the cluster, to be renamed to it once it is complete."""
    draft = cluster.with_name("cluster.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    os.chown(draft, account.uid, account.gid)
    return draft


def initdb_command(programs: Path, draft: Path) -> list[str]:
    """Fills an empty folder with a cluster that nobody can reach over TCP."""
    return [
        str(programs / "initdb"),
        f"--pgdata={draft}",
        f"--username={ROLE}",
        "--encoding=UTF8",
        # The same order and case rules on every machine, whatever locales it has.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        # The socket's folder decides who gets in; over TCP nobody does.
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
    ]


def create_database_command(programs: Path, draft: Path) -> list[str]:
    """The server without clients: reads statements from its input and ends."""
    return [str(programs / "postgres"), "--single", "-D", str(draft), "postgres"]
