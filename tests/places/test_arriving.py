"""A fetch is seen as a scan of the folder that it fills."""

from collections.abc import Iterator
from pathlib import Path

from dicomveil.places.arriving import Arriving
from dicomveil.places.scan import Links, Scan


def test_what_arrived_is_what_a_scan_finds(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number:08}" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(bytes(number))
    scan = Scan([bytes(tmp_path)], Links.IGNORE)
    arriving = Arriving(paths)

    assert list(arriving) == list(scan)
    assert arriving.passed.folders == scan.passed.folders


def test_a_file_is_seen_before_the_next_is_there(tmp_path: Path) -> None:
    def coming() -> Iterator[Path]:
        for number in range(2):
            path = tmp_path / str(number)
            path.write_bytes(b"")
            yield path

    first = next(iter(Arriving(coming())))

    assert first.name == b"0"
    assert not (tmp_path / "1").exists()
