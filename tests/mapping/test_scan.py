"""Which files of a folder are DICOM."""

import os
import time
from pathlib import Path

import pytest

from dicomveil.errors import Unreadable
from dicomveil.mapping.scan import HEAD, Check, files_below, is_dicom


def meta_element(element: int, vr: bytes, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    if vr == b"OB":
        length = b"\0\0" + len(value).to_bytes(4, "little")
    else:
        length = len(value).to_bytes(2, "little")
    return b"\2\0" + element.to_bytes(2, "little") + vr + length + value


SYNTAX = meta_element(0x10, b"UI", b"1.2.840.10008.1.2.1")
DATA_SET = b"\x08\0\x05\0CS\x0a\0ISO_IR 100"
DICOM = bytes(128) + b"DICM" + SYNTAX + DATA_SET
LONG_META = bytes(128) + b"DICM" + meta_element(1, b"OB", bytes(HEAD)) + SYNTAX + DATA_SET

DIRECTORY_CLASS = meta_element(2, b"UI", b"1.2.840.10008.1.3.10")
DICOMDIR = bytes(128) + b"DICM" + DIRECTORY_CLASS + SYNTAX + DATA_SET

IS_DICOM = [
    ("plain", DICOM, True),
    ("no preamble", DATA_SET + b"\x08\0\x60\0CS\2\0CT", True),
    ("file meta longer than 4 KB", LONG_META, True),
    ("DICOMDIR", DICOMDIR, False),
    ("empty", b"", False),
    ("text", b"folder,pseudonym\nfolder1,studyA\n" * 50, False),
    ("zeros", bytes(1000), False),
    ("prefix alone", bytes(128) + b"DICM", False),
    ("cut in the file meta", DICOM[:150], False),
    ("an unknown transfer syntax", DICOM.replace(b"1.2.840.10008.1.2.1", b"9" * 19), False),
    ("JPEG", b"\xff\xd8\xff\xe0" + bytes(5000), False),
    ("a longer first element than the file", b"\x08\0\x05\0CS\xff\xffISO", False),
]


@pytest.mark.parametrize(
    ("contents", "expected"), [c[1:] for c in IS_DICOM], ids=[c[0] for c in IS_DICOM]
)
def test_a_file_is_dicom_when_the_reader_can_read_it(
    tmp_path: Path, contents: bytes, expected: bool
) -> None:
    (tmp_path / "file").write_bytes(contents)

    assert is_dicom(tmp_path / "file", Check.CONTENT) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.dcm", True), ("a.DICOM", True), ("IM1", True), ("a.001", True), ("a.txt", False)],
)
def test_without_looking_inside_the_name_decides(tmp_path: Path, name: str, expected: bool) -> None:
    (tmp_path / name).write_bytes(b"")

    assert is_dicom(tmp_path / name, Check.NAME) is expected


def test_a_selection_is_never_selected(tmp_path: Path) -> None:
    (tmp_path / "fileselection.txt").write_bytes(DICOM)

    assert not is_dicom(tmp_path / "fileselection.txt", Check.CONTENT)
    assert not is_dicom(tmp_path / "fileselection.txt", Check.NAME)


def test_files_are_listed_in_order_without_hidden_ones_and_without_following_links(
    tmp_path: Path,
) -> None:
    for name in ("b/2", "b/1", "a", ".hidden/x", "b/.x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "b" / "loop").symlink_to(tmp_path)

    found = [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path)]

    assert found == ["a", "b/1", "b/2"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be listed"):
        list(files_below(tmp_path / "absent"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_opened_stops_the_scan(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DICOM)
    (tmp_path / "file").chmod(0)

    with pytest.raises(Unreadable, match="cannot be opened"):
        is_dicom(tmp_path / "file", Check.CONTENT)


def test_2000_sparse_files_of_500_kb_are_scanned_in_a_tenth_of_the_bound_for_20_000(
    tmp_path: Path,
) -> None:
    for number in range(2000):
        with (tmp_path / str(number)).open("wb") as file:
            file.write(DICOM)
            file.truncate(500_000)

    begun = time.process_time()
    found = sum(is_dicom(path, Check.CONTENT) for path in files_below(tmp_path))
    elapsed = time.process_time() - begun

    assert found == 2000
    assert elapsed < 0.3
