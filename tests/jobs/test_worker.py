"""Large outputs may be written beside the thread that cleans: the results are the same."""

from pathlib import Path

import pytest

from dicomveil.engine.cleaner import Options
from dicomveil.jobs import journal
from dicomveil.jobs.chunks import Chunk, Group
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Alignment, Checksum, Copying, Crosswalk, Delivery, Purpose
from dicomveil.jobs.record import Record
from dicomveil.jobs.worker import Station
from dicomveil.places import copying as copies
from dicomveil.places import folder
from dicomveil.wiring import EngineWorkshop
from tests.builders import EXPLICIT, KEY, El, part10
from tests.engine.roads import slice_of

NAMES = tuple(b"%02d.dcm" % n for n in range(30))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Large files, among them what is cut, empty, missing, twice there or no DICOM."""
    folder = tmp_path / "source"
    folder.mkdir()
    for n, name in enumerate(NAMES):
        pixels = El(0x7FE00010, "OW", bytes([n]) * 200_000)
        data = part10(slice_of(3 if n == 17 else n, pixels), EXPLICIT)
        match n:
            case 5:
                data = data[:-10]
            case 9:
                data = b""
            case 12:
                continue
            case 20:
                data = b"text, and nothing but text"
            case _:
                pass
        (folder / name.decode()).write_bytes(data)
    return folder


def worked(source: Path, work: Path, copying: Copying) -> tuple[list[Record], dict[str, bytes]]:
    """The records and the files that a station makes of the folder."""
    for name in ("out", "journal"):
        (work / name).mkdir(parents=True)
    delivery = Delivery(
        bytes(work / "out"),
        bytes(work / "journal"),
        Layout.UID,
        Checksum.SHA256,
        Alignment.NONE,
        Crosswalk.WRITE,
        Purpose.DELIVER,
        EngineWorkshop("basic", Options(), KEY),
        copying,
    )
    station = Station(delivery)
    station.clean(Chunk(1, len(NAMES), (Group(bytes(source), b"", NAMES),)))
    station.close()
    out = work / "out"
    written = {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    return journal.read(delivery.journal, 1).records, written


def test_what_is_written_beside_is_what_is_written_here(source: Path, tmp_path: Path) -> None:
    here = worked(source, tmp_path / "here", Copying.HERE)
    beside = worked(source, tmp_path / "beside", Copying.BESIDE)

    assert beside == here
    statuses = [record.status for record in here[0]]
    assert [statuses.count(s) for s in (Status.DELIVERED, Status.QUARANTINED, Status.FAILED)] == [
        25,
        4,
        1,
    ]


def test_more_folders_than_are_kept_open_lose_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for n, name in enumerate(NAMES):
        series = [El(0x0020000E, "UI", f"1.2.3.{n}"), El(0x7FE00010, "OW", bytes(200_000))]
        (source / name.decode()).write_bytes(part10(slice_of(n, *series), EXPLICIT))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "_FOLDERS_OPEN", 3)
        records, written = worked(source, tmp_path / "beside", Copying.BESIDE)

    assert {record.status for record in records} == {Status.DELIVERED}
    assert len(written) == len(NAMES)


def test_a_fault_of_copying_costs_its_file_alone(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = copies.copy_stretch

    def breaking(*given: object) -> int:
        faults.append(1)
        if len(faults) == 7:
            raise OSError(5, "input/output error")
        return real(*given)  # type: ignore[arg-type]  # as it was called

    faults: list[int] = []
    monkeypatch.setattr(copies, "copy_stretch", breaking)

    records, written = worked(source, tmp_path / "beside", Copying.BESIDE)

    failed = [record for record in records if record.code == "io-error"]
    assert len(failed) == 1
    assert len(written) == [record.status for record in records].count(Status.DELIVERED)
    assert [record.number for record in records] == list(range(1, len(NAMES) + 1))
