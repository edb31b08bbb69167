"""One server at work with a folder at a time: the kernel lets go of the lock with the process.

The folder has the server's name too: several of one ledger must each know which jobs are theirs.
"""

import fcntl
import os
import secrets
import socket
from pathlib import Path

from dicomveil.errors import CannotStart


def hold(folder: Path) -> int:
    """The lock, held until it is closed; CannotStart while another process has it."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise CannotStart("another server is at work with this folder") from None
    return fd


def name(folder: Path) -> str:
    """What the server of this folder is called in the ledger: its machine, and a random number.

    Two machines, or two containers, may both call themselves localhost.
    """
    file = folder / "server"
    try:
        fd = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text("utf-8")
    made = f"{socket.gethostname()[:40]} {secrets.token_hex(6)}"
    with os.fdopen(fd, "w", encoding="utf-8") as opened:
        opened.write(made)
    return made
