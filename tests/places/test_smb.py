"""A share of a real Samba: what comes and goes, and what can go wrong."""

import logging
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from time import monotonic

import pytest

from dicomveil.errors import Failed, NothingFound, PlaceBusy, PlaceFailed, PlaceRefuses
from dicomveil.places.manners import Limits, Manners
from dicomveil.places.place import Arrival, Asked
from dicomveil.places.smb import SmbPlace
from dicomveil.places.smb_line import Login
from dicomveil.places.smb_paths import Share, share_of
from tests.contracts.smb import QUICK, place_of
from tests.servers.network import Network, free_port, missing
from tests.servers.samba import OTHER, PASSWORD, SHARE, USER, Samba, running

MANY = {f"DOE/IM{number:05}": os.urandom(3000) for number in range(40)}
WRONG = "not-the-word"
LARGE = os.urandom(5 << 20)


def test_a_folder_above_the_listed_one_is_refused(samba: Samba) -> None:
    place = place_of(samba)
    inner = SmbPlace(place.login, (share_of("hospital", f"{samba.unc}\\in"),), place.manners)

    with pytest.raises(PlaceRefuses, match="list"):
        inner.find(Asked(below=samba.unc))


def test_a_share_that_the_server_has_and_the_list_has_not_is_refused(samba: Samba) -> None:
    with pytest.raises(PlaceRefuses, match="list"):
        place_of(samba).find(Asked(below=f"\\\\127.0.0.1\\{OTHER}"))


def test_a_whole_path_in_any_case_is_fetched(samba: Samba, tmp_path: Path) -> None:
    samba.put(MANY)

    came = sorted(
        place_of(samba).fetch(
            Asked(below=f"\\\\127.0.0.1\\{SHARE.upper()}\\doe"), tmp_path / "spool"
        )
    )

    assert [path.read_bytes() for path in came] == [MANY[name] for name in sorted(MANY)]


def test_a_large_file_comes_whole_and_goes_back(samba: Samba, tmp_path: Path) -> None:
    samba.put({"in/large": LARGE, "in/empty": b""})
    place = place_of(samba)

    came = sorted(place.fetch(Asked(below="in"), tmp_path / "spool"))
    names = [path.name for path in came]
    delivered = list(place.deliver(tmp_path / "spool", names))

    assert [path.read_bytes() for path in came] == [b"", LARGE]
    assert [samba.held()[name] for name in names] == [b"", LARGE]
    assert [arrival for _, arrival in delivered] == [Arrival.DELIVERED] * 2


def test_a_fetched_file_has_the_time_of_its_original(samba: Samba, tmp_path: Path) -> None:
    samba.put({"in/a": b"a"})
    os.utime(samba.folder / "in" / "a", (1_600_000_000, 1_600_000_000))

    (path,) = place_of(samba).fetch(Asked(below="in"), tmp_path / "spool")

    assert path.stat().st_mtime == 1_600_000_000


def test_links_are_not_followed_out_of_the_share(samba: Samba, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    samba.put({"in/a": b"a"})
    (samba.folder / "in" / "link").symlink_to(outside)

    with suppress(PlaceFailed):
        list(place_of(samba).fetch(Asked(below="in"), tmp_path / "spool"))

    spooled = [path.read_bytes() for path in (tmp_path / "spool").iterdir()]
    assert b"secret" not in spooled


def test_a_wrong_password_is_refused_at_once_and_not_told(samba: Samba) -> None:
    place = place_of(samba, password=WRONG)

    with pytest.raises(PlaceRefuses, match="the login was refused") as raised:
        place.find(Asked(below="in"))

    assert WRONG not in repr(raised.value) + repr(place)
    assert next(step for step in place.steps() if not step.fine).said == "the login was refused"


def test_a_guest_is_not_let_in_unsigned(samba: Samba) -> None:
    with pytest.raises(PlaceRefuses):
        place_of(samba, user="nobody-known").find(Asked(below="in"))


def test_a_share_that_is_gone_is_refused(samba: Samba) -> None:
    place = place_of(samba)
    gone = SmbPlace(place.login, (share_of("hospital", "\\\\127.0.0.1\\gone"),), place.manners)

    with pytest.raises(PlaceRefuses, match="no such share"):
        gone.find(Asked(below="."))


def test_a_folder_without_files_is_nothing_found(samba: Samba, tmp_path: Path) -> None:
    (samba.folder / "empty").mkdir()
    place = place_of(samba)

    assert place.find(Asked(below="empty")) == ()
    with pytest.raises(NothingFound):
        list(place.fetch(Asked(below="empty"), tmp_path / "spool"))


def test_a_server_that_is_not_there_is_busy_after_every_attempt(samba: Samba) -> None:
    place = place_of(samba, port=free_port())

    with pytest.raises(PlaceBusy, match="cannot be reached"):
        place.find(Asked(below="in"))


def test_a_server_killed_amid_a_fetch_leaves_nothing_half(network: Network, tmp_path: Path) -> None:
    with running(network, tmp_path / "samba") as samba, network.inside():
        samba.put(MANY)
        fetching = place_of(samba).fetch(Asked(below="DOE"), tmp_path / "spool")
        first = next(fetching)
        samba.stop()

        with pytest.raises(PlaceBusy):
            list(fetching)

    assert first.read_bytes() in MANY.values()
    spooled = [path.read_bytes() for path in (tmp_path / "spool").iterdir()]
    assert 0 < len(spooled) < len(MANY)
    assert set(spooled) <= set(MANY.values())


Answering = Callable[[socket.socket, socket.socket], None]


@contextmanager
def between(port: int, answering: Answering) -> Iterator[int]:
    """A port that leads to `port`; what comes back is passed on by `answering`."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=pump, args=(near, far), daemon=True).start()
                threading.Thread(target=answering, args=(far, near), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def pump(source: socket.socket, sink: socket.socket, bound: int = 1 << 40) -> None:
    """Pass bytes on until there are no more, or `bound` have passed."""
    with suppress(OSError):
        while bound > 0 and (piece := source.recv(min(bound, 1 << 16))):
            sink.sendall(piece)
            bound -= len(piece)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    source.close()


def cutting(port: int, after: int, cuts: int) -> AbstractContextManager[int]:
    """A port that leads to `port` and cuts each of its first connections after so many bytes."""
    bounds = iter([after] * cuts)
    return between(port, lambda far, near: pump(far, near, next(bounds, 1 << 40)))


def test_a_connection_cut_amid_a_file_is_made_again(samba: Samba, tmp_path: Path) -> None:
    samba.put({"in/large": LARGE})
    with cutting(samba.port, after=2 << 20, cuts=2) as port:
        place = place_of(samba, Limits(at_once=1, attempts=4, pause=0.01), port=port)

        (path,) = place.fetch(Asked(below="in"), tmp_path / "spool")

    assert path.read_bytes() == LARGE


def test_a_connection_that_is_always_cut_is_busy_and_leaves_nothing(
    samba: Samba, tmp_path: Path
) -> None:
    samba.put({"in/large": LARGE})
    with cutting(samba.port, after=2 << 20, cuts=99) as port:
        place = place_of(samba, port=port)

        with pytest.raises(PlaceBusy):
            list(place.fetch(Asked(below="in"), tmp_path / "spool"))

    assert list((tmp_path / "spool").iterdir()) == []


def test_a_delivery_that_is_cut_is_finished_by_the_next(samba: Samba, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "out" / name).write_bytes(LARGE[: 1 << 20])
    one = Limits(at_once=1, attempts=1)
    with cutting(samba.port, after=1700, cuts=99) as port, pytest.raises(PlaceBusy):
        list(place_of(samba, one, port=port).deliver(tmp_path / "out", ["a", "b", "c"]))

    list(place_of(samba).deliver(tmp_path / "out", ["a", "b", "c"]))

    assert samba.held() == dict.fromkeys(("a", "b", "c"), LARGE[: 1 << 20])


@pytest.mark.usefixtures("inside")
def test_a_server_that_says_nothing_is_busy_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        login = Login("hospital", USER, PASSWORD, silent.getsockname()[1], seconds=1)
        place = SmbPlace(login, (Share("127.0.0.1", SHARE),), Manners("hospital", QUICK))
        began = monotonic()

        with pytest.raises(PlaceBusy):
            place.find(Asked(below="in"))

    assert monotonic() - began < 30


def unsigned(far: socket.socket, near: socket.socket) -> None:
    """Pass on what a server answers, without the signatures (MS-SMB2 2.2.1)."""
    with far, near, suppress(OSError):
        stream = far.makefile("rb")
        while length := stream.read(4):
            message = bytearray(stream.read(int.from_bytes(length, "big")))
            if message[12] > 1:  # neither NEGOTIATE nor SESSION_SETUP
                message[16] &= ~8  # SMB2_FLAGS_SIGNED
                message[48:64] = bytes(16)
            near.sendall(length + message)


def test_answers_without_signatures_end_the_connection(samba: Samba) -> None:
    """The library itself accepts them: whoever sits between could answer as he likes."""
    samba.put(MANY)
    with between(samba.port, unsigned) as port:
        place = place_of(samba, port=port)

        with pytest.raises(PlaceBusy):
            place.find(Asked(below="DOE"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        missing("no file system can be mounted: be root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_here_is_a_failure_that_leaves_nothing(samba: Samba, small_disk: Path) -> None:
    samba.put({f"in/{number}": LARGE[: 3 << 20] for number in range(4)})

    with pytest.raises(Failed, match="space"):
        list(place_of(samba).fetch(Asked(below="in"), small_disk / "spool"))

    assert [path.stat().st_size for path in (small_disk / "spool").iterdir()] == [3 << 20] * 2


def test_a_share_without_space_is_busy_and_what_was_yielded_is_there(
    samba: Samba, tmp_path: Path
) -> None:
    (samba.folder / "small").mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(samba.folder / "small")]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        missing("no file system can be mounted: be root")
    names = [f"{number}" for number in range(4)]
    for name in names:
        (tmp_path / name).write_bytes(LARGE[: 3 << 19])
    place = place_of(samba, Limits(at_once=1, attempts=1))
    small = SmbPlace(place.login, (share_of("h", f"{samba.unc}\\small"),), place.manners)
    done: list[str] = []

    try:
        with pytest.raises(PlaceBusy, match="no space left"):
            done.extend(f"small/{name}" for name, _ in small.deliver(tmp_path, names))

        held = samba.held()
        assert held == dict.fromkeys(("small/0", "small/1"), LARGE[: 3 << 19])
        assert set(done) <= set(held)
    finally:
        subprocess.run(["umount", str(samba.folder / "small")], check=True)


def test_a_referral_to_another_server_is_not_followed(network: Network, tmp_path: Path) -> None:
    more = "host msdfs = yes\n  msdfs root = yes"
    with (
        running(network, tmp_path / "samba", more) as samba,
        network.inside(),
        socket.create_server(("127.0.0.2", 445)) as elsewhere,
    ):
        samba.put({"a": b"a"})
        (samba.folder / "referral").symlink_to(f"msdfs:127.0.0.2\\{SHARE}")
        place = place_of(samba)

        with pytest.raises(PlaceRefuses):
            list(place.fetch(Asked(below="referral"), tmp_path / "spool"))
        (came,) = place.fetch(Asked(below="."), tmp_path / "spool")

        elsewhere.setblocking(False)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert came.read_bytes() == b"a"


def test_nothing_of_a_share_is_logged(
    samba: Samba, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    samba.put(MANY)

    list(place_of(samba).fetch(Asked(below="DOE"), tmp_path / "spool"))
    with pytest.raises(PlaceRefuses):
        place_of(samba, password=WRONG).find(Asked(below="DOE"))

    said = caplog.text
    assert not [word for word in ("DOE", USER, PASSWORD, WRONG, SHARE) if word in said]
