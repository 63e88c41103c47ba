"""The unprivileged account that a server runs as when Yardpass itself runs as root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self

# In order of preference; both exist for exactly this on the systems that have them.
PREFERRED_NAMES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user id and its group. Supplementary groups are dropped, so they do not count here."""

    uid: int
    gid: int

    @classmethod
    def current(cls) -> Self:
        return cls(uid=os.geteuid(), gid=os.getegid())

    @classmethod
    def unprivileged(cls) -> Self:
        """Whoever runs this process, or an existing account without privileges instead of root.

        Raises :class:`LookupError` as root on a system that has none.
        """
        if os.geteuid() != 0:
            return cls.current()
        for name in PREFERRED_NAMES:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            if entry.pw_uid != 0:
                return cls(uid=entry.pw_uid, gid=entry.pw_gid)
        raise LookupError(
            f"PostgreSQL refuses to run as root and none of the accounts {PREFERRED_NAMES} exists; "
            "run Yardpass as an ordinary user or set DATABASE_URL"
        )

    @classmethod
    def owner_of(cls, path: Path) -> Self:
        """Raises :class:`FileNotFoundError` if nothing is there."""
        status = path.stat()
        return cls(uid=status.st_uid, gid=status.st_gid)

    def is_current(self) -> bool:
        """Whether nothing has to be changed to act as this account."""
        return self.uid == os.geteuid()

    def can_search(self, folder: Path) -> bool:
        """Whether the account can get at names inside the folder, through all of its parents."""
        resolved = folder.resolve()
        return all(self._may(path, stat.S_IXOTH) for path in (resolved, *resolved.parents))

    def can_run(self, program: Path) -> bool:
        """Whether the account can reach, read and execute the file, wherever links lead."""
        resolved = program.resolve()
        return self.can_search(resolved.parent) and self._may(resolved, stat.S_IROTH | stat.S_IXOTH)

    def _may(self, path: Path, wanted: int) -> bool:
        """Whether the mode of a file grants the account all wanted bits, given as those of others.

        Computed, not tried: trying would need a forked process under that account.
        """
        status = path.stat()
        if self.uid == status.st_uid:
            granted = status.st_mode >> 6
        elif self.gid == status.st_gid:
            granted = status.st_mode >> 3
        else:
            granted = status.st_mode
        return granted & wanted == wanted
