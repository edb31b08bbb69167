"""One server at work with a folder at a time: the kernel lets go of the lock with the process."""

import fcntl
import os
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
