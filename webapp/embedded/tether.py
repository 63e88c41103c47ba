"""Becomes another program that cannot outlive the process that asked for it.

Run as a script with nothing but the standard library, never imported: the steps below have to
happen between fork and exec, and doing them in a forked copy of a process with threads can
deadlock. Usage: ``tether.py PARENT_PID SIGNAL UID:GID|- PROGRAM [ARGUMENT...]``.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent_pid: int, death_signal: int, account: str, command: list[str]) -> None:
    """Become the command as ``account``; never returns, exits if the parent is dead already."""
    # A shell that starts us in the background makes us ignore SIGINT; our children must not.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(0o077)

    if account != "-":
        uid, gid = (int(part) for part in account.split(":"))
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)

    # After the change of account, which would clear it. Elsewhere than on Linux the next start
    # finds the record of a server left over and ends it.
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent_pid:
        sys.exit("the parent died before this process could be tied to it")

    os.execv(command[0], command)  # noqa: S606 - the point of this script; no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
