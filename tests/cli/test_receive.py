"""`dicomveil receive` as a process, with DCMTK's storescu as the sender."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from dicomveil.dicom.part10 import open_part10
from tests.builders import KEY
from tests.contracts.rig import OBJECTS, an_object
from tests.servers.dcmtk import storescu, until
from tests.servers.network import Network, free_port, wait_for_port
from tests.servers.orthanc import TITLE, Orthanc
from tests.servers.sender import CALLED, CALLER, associate, body, store


class Place:
    """The settings of a receiver, in a folder of its own."""

    def __init__(self, folder: Path, quiet: float, keep_free: int) -> None:
        self.port = free_port()
        self.spool, self.destination = folder / "spool", folder / "out"
        self.settings = folder / "receive.toml"
        key = folder / "key"
        key.write_bytes(KEY)
        key.chmod(0o600)
        self.settings.write_text(
            f'spool = "{self.spool}"\nkeep_free_mb = {keep_free}\n'
            f"[listen]\nport = {self.port}\n"
            f'[[project]]\ncalled = "{CALLED}"\ncallers = ["{CALLER}"]\nfrom = ["127.0.0.1"]\n'
            f'key_file = "{key}"\ndestination = "{self.destination}"\n'
            f"accept_pixels = true\nquiet_seconds = {quiet}\n"
        )

    def outputs(self) -> list[Path]:
        """What was delivered."""
        return sorted(self.destination.rglob("*.dcm"))

    def kept(self) -> list[Path]:
        """What was received and not yet delivered."""
        return sorted(p for p in self.spool.glob("*/*/objects/*") if p.is_file())


@pytest.fixture
def place(tmp_path: Path, inside: None) -> Place:  # noqa: ARG001 - for its effect
    return Place(tmp_path, quiet=1.0, keep_free=1)


@contextmanager
def receiving(place: Place, network: Network) -> Iterator[subprocess.Popen[bytes]]:
    """The command, while the block runs; killed at its end."""
    command = [sys.executable, "-m", "dicomveil", "receive", str(place.settings)]
    with network.inside():
        process = subprocess.Popen(command, stderr=subprocess.PIPE)
        wait_for_port(place.port)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def files(folder: Path, count: int = 3, study: int = 1) -> list[Path]:
    """Objects of one study, as files."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{study}-{n}.dcm" for n in range(1, count + 1)]
    for number, path in enumerate(paths, 1):
        path.write_bytes(an_object(number, study=study))
    return paths


def test_a_study_that_was_sent_is_delivered_de_identified(
    place: Place, network: Network, tmp_path: Path
) -> None:
    sent = files(tmp_path / "in")
    with receiving(place, network):
        assert storescu(place.port, CALLED, sent) == 0
        until(lambda: len(place.outputs()) == 3 and not place.kept())

    for output in place.outputs():
        content = output.read_bytes()
        assert open_part10(content).prefixed
        assert b"Doe" not in content


def test_what_deid_makes_of_the_same_files_is_what_is_delivered(
    place: Place, network: Network, tmp_path: Path
) -> None:
    sent = files(tmp_path / "in")
    with receiving(place, network):
        storescu(place.port, CALLED, sent)
        until(lambda: len(place.outputs()) == 3)
    deid = [sys.executable, "-m", "dicomveil", "deid", str(tmp_path / "in"), str(tmp_path / "deid")]
    subprocess.run(
        [*deid, "--key-file", str(tmp_path / "key"), "--accept-pixels"],
        check=True,
        capture_output=True,
    )

    expected = sorted((tmp_path / "deid").rglob("*.dcm"))
    assert [p.name for p in place.outputs()] == [p.name for p in expected]
    assert [p.read_bytes() for p in place.outputs()] == [p.read_bytes() for p in expected]


@pytest.mark.parametrize(
    ("called", "caller"), [("OTHER", CALLER), (CALLED, "OTHER")], ids=["called", "calling"]
)
def test_an_ae_title_that_is_not_listed_sends_nothing(
    place: Place, network: Network, tmp_path: Path, called: str, caller: str
) -> None:
    with receiving(place, network):
        refused = storescu(place.port, called, files(tmp_path / "in"), caller)

        assert refused != 0
        assert place.kept() == []


def test_nothing_acknowledged_is_lost_when_the_receiver_is_killed(
    place: Place, network: Network, tmp_path: Path
) -> None:
    sent = files(tmp_path / "in", 8)
    with receiving(place, network) as process:
        assert storescu(place.port, CALLED, sent) == 0
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert len(place.kept()) == 8

    with receiving(place, network):
        until(lambda: len(place.outputs()) == 8 and not place.kept())


def test_a_receiver_killed_while_it_receives_loses_nothing_that_it_acknowledged(
    place: Place, network: Network
) -> None:
    """Only the object on its way may be missing; it was not acknowledged."""
    acknowledged = 0
    with receiving(place, network) as process:
        association = associate(place.port)
        Timer(0.3, process.kill).start()
        while not store(association, body(f"1.2.3.{acknowledged}"), f"1.2.3.{acknowledged}"):
            acknowledged += 1
        association.abort()
        process.wait()
    assert acknowledged > 3

    with receiving(place, network):
        until(lambda: bool(kept_sets(place)) and not list(place.spool.glob("open/*")))

    assert len(place.kept()) + len(place.outputs()) in (acknowledged, acknowledged + 1)


def kept_sets(place: Place) -> list[Path]:
    """The studies that were delivered, or are held."""
    return [*place.outputs(), *place.spool.glob("held/*")]


def test_a_study_sent_twice_is_one(place: Place, network: Network, tmp_path: Path) -> None:
    sent = files(tmp_path / "in")
    with receiving(place, network):
        storescu(place.port, CALLED, sent)
        storescu(place.port, CALLED, sent)
        assert len(place.kept()) in (0, 3)
        until(lambda: len(place.outputs()) == 3 and not place.kept())
        before = [p.read_bytes() for p in place.outputs()]
        storescu(place.port, CALLED, sent)
        until(lambda: not place.kept())

    assert [p.read_bytes() for p in place.outputs()] == before


def test_what_comes_later_joins_the_study(place: Place, network: Network, tmp_path: Path) -> None:
    first, *later = files(tmp_path / "in", 4)
    with receiving(place, network):
        storescu(place.port, CALLED, [first])
        until(lambda: len(place.outputs()) == 1)
        storescu(place.port, CALLED, later)
        until(lambda: len(place.outputs()) == 4)

    assert len({path.parent for path in place.outputs()}) == 1


def test_below_the_watermark_a_sender_is_told_of_no_resources(
    tmp_path: Path,
    network: Network,
    inside: None,  # noqa: ARG001 - for its effect
) -> None:
    full = Place(tmp_path, quiet=1.0, keep_free=1 << 40)
    with receiving(full, network):
        refused = storescu(full.port, CALLED, files(tmp_path / "in"))

        assert refused != 0
        assert full.kept() == []


def test_a_second_receiver_of_one_spool_does_not_start(place: Place, network: Network) -> None:
    with receiving(place, network):
        second = subprocess.run(
            [sys.executable, "-m", "dicomveil", "receive", str(place.settings)],
            capture_output=True,
            check=False,
        )

    assert second.returncode == 4
    assert b"another receiver" in second.stderr


def test_it_ends_in_order_when_it_is_asked_to(place: Place, network: Network) -> None:
    with receiving(place, network) as process:
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0


def test_it_says_nothing_of_whom_it_received(
    place: Place, network: Network, tmp_path: Path
) -> None:
    sent = files(tmp_path / "in")
    with receiving(place, network) as process:
        storescu(place.port, CALLED, sent)
        until(lambda: len(place.outputs()) == 3 and not place.kept())
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=20)[1]

    assert f"for {CALLED}: 3 delivered".encode() in said
    for identity in (b"Doe", b"P1", b"A1", b"1.2.3"):
        assert identity not in said


def test_the_objects_of_the_contract_have_names_to_look_for() -> None:
    assert all(b"Doe^Jane" in content for content in OBJECTS.values())


@pytest.mark.parametrize(
    "text",
    ['spool = "x"', "", 'spool = "x"\nwrong = 1'],
    ids=["no project", "empty", "unknown key"],
)
def test_settings_that_cannot_be_used_are_refused_before_starting(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "receive.toml"
    path.write_text(text)

    done = subprocess.run(
        [sys.executable, "-m", "dicomveil", "receive", str(path)],
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )

    assert done.returncode == 4
    assert list(tmp_path.iterdir()) == [path]


def test_an_archive_is_delivered_to(
    place: Place, network: Network, orthanc: Orthanc, tmp_path: Path
) -> None:
    place.settings.write_text(
        place.settings.read_text().replace(f'destination = "{place.destination}"\n', "")
        + f'[project.pacs]\nhost = "127.0.0.1"\nport = {orthanc.dicom_port}\ncalled = "{TITLE}"\n'
    )
    with receiving(place, network):
        storescu(place.port, CALLED, files(tmp_path / "in"))
        until(lambda: len(orthanc.instances()) == 3 and not place.kept())

    held = [orthanc.file(name) for name in orthanc.instances()]
    assert all(b"Doe" not in content for content in held)
