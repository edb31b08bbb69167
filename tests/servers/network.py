"""A network namespace with loopback alone, which real servers and the tests of them share.

Debian's Orthanc and DCMTK listen on every address and cannot be told otherwise. In here nothing of
them can be reached from outside, nothing in here reaches out, and no port is taken.
"""

import ctypes
import fcntl
import os
import shutil
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET of linux/sched.h
_HERE = "/proc/thread-self/ns/net"
_SET_FLAGS, _UP = 0x8914, 1  # SIOCSIFFLAGS, IFF_UP of linux/sockios.h and linux/if.h


def missing(what: str) -> NoReturn:
    """Fail where the environment says that it is continuous integration; elsewhere skip."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: continuous integration must have it")
    pytest.skip(what)


def program(name: str) -> str:
    """Where the program is."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    return path or missing(f"{name} is not installed")


class Network:
    """One namespace. A thread, and what it starts, is in it or in that of the machine."""

    def __init__(self) -> None:
        """Make one; OSError where that is not allowed."""
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._outside = os.open(_HERE, os.O_RDONLY)
        if self._libc.unshare(_NEW_NETWORK):
            raise OSError(ctypes.get_errno(), "no network namespace can be made")
        try:
            _raise_loopback()
            self._within = os.open(_HERE, os.O_RDONLY)
        finally:
            self._go(self._outside)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be in it: threads and processes that are started now stay there."""
        before = os.open(_HERE, os.O_RDONLY)
        self._go(self._within)
        try:
            yield
        finally:
            self._go(before)
            os.close(before)

    def close(self) -> None:
        """Let go of it; it ends with the last process in it."""
        os.close(self._within)
        os.close(self._outside)

    def _go(self, namespace: int) -> None:
        if self._libc.setns(namespace, _NEW_NETWORK):
            raise OSError(ctypes.get_errno(), "the network namespace cannot be entered")


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """The namespace of this run."""
    try:
        made = Network()
    except OSError as error:
        missing(f"{error.strerror}: be root")
    yield made
    made.close()


@pytest.fixture
def inside(network: Network) -> Iterator[None]:
    """Have the test in the namespace."""
    with network.inside():
        yield


def wait_for_port(port: int, seconds: float = 60) -> None:
    """Return when something listens at the port of loopback; TimeoutError when nothing does."""
    for _ in range(int(seconds / 0.05)):
        with socket.socket() as tried:
            if not tried.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens at port {port}")


def free_port() -> int:
    """A port of loopback that nothing listens at now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _raise_loopback() -> None:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh22x", b"lo", _UP))
