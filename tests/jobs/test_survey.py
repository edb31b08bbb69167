"""A source is looked through once, and what is remembered of it stays small."""

import pickle
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomveil.jobs.called import Called
from dicomveil.jobs.survey import Survey, survey
from dicomveil.places.scan import Found, Links, Scan
from tests.builders import El
from tests.jobs.estate import ct


def looked(folder: Path) -> Survey:
    return survey(Scan((bytes(folder),), Links.IGNORE))


def test_a_patient_is_called_what_any_of_the_objects_says(tmp_path: Path) -> None:
    for number in range(3):
        content = ct("4711", f"1.2.{number}", El(0x00080050, "SH", f"A-{number}"))
        (tmp_path / f"{number}.dcm").write_bytes(content)

    (patient,) = looked(tmp_path).patients.values()

    assert patient.objects == 3
    called = [patient.is_called(name) for name in ("4711", "0004711 ", "A-0", "a-2")]
    assert called == [True] * 4
    assert not patient.is_called("A-3")
    assert not patient.is_called("")


def test_what_a_survey_tells_another_process_names_nobody_but_by_id(tmp_path: Path) -> None:
    (tmp_path / "1.dcm").write_bytes(ct("4711", "1.2.3", El(0x00080050, "SH", "ORDER-12345")))

    sent = pickle.dumps(looked(tmp_path))

    assert b"order-12345" not in sent.lower()
    read = pickle.loads(sent)  # noqa: S301 - our own, made above
    assert read.patients.popitem()[1].is_called("ORDER-12345")


def test_memory_does_not_grow_with_the_objects_of_patients(tmp_path: Path) -> None:
    """Forty patients, then forty times as many objects of theirs, in turns."""
    for number in range(40):
        (tmp_path / f"{number}.dcm").write_bytes(ct(f"P{number}", f"1.2.{number}"))
    files = list(Scan((bytes(tmp_path),), Links.IGNORE))

    peak(one for _ in range(40) for one in files)  # what is remembered anyway

    few = peak(iter(files))
    many = peak(one for _ in range(40) for one in files)

    assert many < few + 40_000  # bytes


def peak(files: Iterator[Found]) -> int:
    """The most memory that looking through the files takes."""
    tracemalloc.start()
    survey(files)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("step", [1, 1000], ids=["one at a time", "by thousands"])
def test_twenty_thousand_texts_are_held_in_little_room(step: int) -> None:
    names = [f"order-{number:09}" for number in range(20_000)]
    tracemalloc.start()
    called = Called()
    for at in range(0, len(names), step):
        called.add(names[at : at + step])
        if at % 1000 == 0:
            called.rest()
    called.fold()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(called) == len(names)
    assert held < 24 * len(names)
    assert all(name in called for name in names[::97])
    assert "order-1" not in called


def test_a_text_that_is_held_is_not_held_twice() -> None:
    called = Called()
    for _ in range(3):
        called.add(["a", "b"])
        called.fold()

    assert len(called) == 2


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param(b"notes.txt", "notes.txt", id="plain"),
        pytest.param(b"\xff.txt", r"\xff.txt", id="no UTF-8"),
        pytest.param(b"a\nb.txt", r"a\x0ab.txt", id="a line break"),
        pytest.param("é.txt".encode(), "é.txt", id="another alphabet"),
    ],
)
def test_names_of_files_that_are_not_dicom_can_be_written_down(
    tmp_path: Path, name: bytes, shown: str
) -> None:
    (Path(tmp_path) / "x").mkdir()
    with open(bytes(tmp_path / "x") + b"/" + name, "wb") as file:
        file.write(b"nothing like DICOM" * 10)

    assert looked(tmp_path / "x").names == [shown]
