"""What `dicomveil inspect` prints."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from dicomveil.cli.exits import Exit
from dicomveil.cli.main import run
from tests.cli.files import packaged, real_files

Captured = pytest.CaptureFixture[str]
PLANTED = "Planted-Person"
SEQUENCE = "(0008,1140)"


def inspected(path: Path, captured: Captured, *options: str) -> dict[str, Any]:
    """What `inspect --json` says of the file."""
    run(["inspect", "--json", *options, str(path)])
    found: dict[str, Any] = json.loads(captured.readouterr().out)
    return found


def planted(folder: Path, text: str) -> Path:
    """A file that holds the text in the data set, an item, a private block and the file meta."""
    item = Dataset()
    item.ReferencedSOPInstanceUID = "1.2.3"
    item.PatientComments = text
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationVersionName = PLANTED
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, "1.2.3.4"
    ds.ReferencedImageSequence = [item]
    ds.PatientName = text
    ds.private_block(0x0011, text, create=True).add_new(1, "LO", text)
    ds.private_block(0x0011, "SIEMENS CSA HEADER", create=True).add_new(2, "UN", text.encode())
    ds.save_as(folder / "planted.dcm", enforce_file_format=True)
    return folder / "planted.dcm"


def places_in(ds: Dataset, path: str = "", base: int = 0) -> Iterator[tuple[str, int]]:
    """The path and the offset of the value of each leaf, as pydicom tells them.

    In a sequence of defined length, which it keeps as bytes, they count from the first of these.
    """
    for tag in ds.keys():  # noqa: SIM118 - a data set's iterator gives decoded elements
        found: Any = ds.get_item(tag)
        here = f"{path}({tag.group:04X},{tag.element:04X})"
        kept = isinstance(found, RawDataElement)
        offset = base + (found.value_tell if kept else found.file_tell)
        element = ds[tag]
        if element.VR != "SQ":
            yield here, offset
        for number, item in enumerate(element.value or [] if element.VR == "SQ" else []):
            yield from places_in(item, f"{here}[{number}] > ", offset if kept else base)


@pytest.mark.filterwarnings("ignore:VR lookup failed")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("CT_small.dcm", id="explicit"),
        pytest.param("MR_small_implicit.dcm", id="implicit"),
        pytest.param("ExplVR_BigEnd.dcm", id="big endian"),
        pytest.param("image_dfl.dcm", id="deflated"),
        pytest.param("rtplan.dcm", id="nested, implicit"),
        pytest.param("reportsi.dcm", id="nested, explicit"),
        pytest.param("JPEG2000.dcm", id="encapsulated"),
    ],
)
def test_the_offsets_are_those_that_pydicom_reads_at(name: str, capsys: Captured) -> None:
    found = inspected(packaged(name), capsys)

    offsets = {e["path"]: e["value_offset"] for e in found["elements"]}
    theirs = dict(places_in(dcmread(packaged(name), force=True)))
    assert theirs
    assert {path: offsets[path] for path in theirs} == theirs


def test_offsets_count_from_the_first_byte_of_a_file_without_file_meta(
    tmp_path: Path, capsys: Captured
) -> None:
    whole = inspected(packaged("rtplan.dcm"), capsys)["elements"]
    start = next(e["offset"] for e in whole if not e["tag"].startswith("(0002"))
    (tmp_path / "bare").write_bytes(packaged("rtplan.dcm").read_bytes()[start:])

    bare = inspected(tmp_path / "bare", capsys)["elements"]

    shifted = {e["path"]: e["offset"] - start for e in whole if e["offset"] >= start}
    assert {e["path"]: e["offset"] for e in bare} == shifted


def test_nesting_is_shown_by_the_path_and_by_the_indent(tmp_path: Path, capsys: Captured) -> None:
    file = planted(tmp_path, PLANTED)

    paths = [e["path"] for e in inspected(file, capsys)["elements"]]
    run(["inspect", str(file)])
    lines = capsys.readouterr().out.splitlines()

    assert f"{SEQUENCE}[0] > (0008,1155)" in paths
    columns = [line[12:].rstrip() for line in lines]
    at = next(i for i, line in enumerate(columns) if line.startswith(SEQUENCE))
    assert columns[at + 1].startswith("  [0]")
    assert columns[at + 2].startswith("    (0008,1155)")


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["people", "programs"])
def test_a_value_is_printed_only_when_asked_for(
    tmp_path: Path, capsys: Captured, options: tuple[str, ...]
) -> None:
    file = planted(tmp_path, PLANTED)

    run(["inspect", *options, str(file)])
    masked = capsys.readouterr()
    run(["inspect", "--values", *options, str(file)])
    shown = capsys.readouterr()

    assert PLANTED not in masked.out + masked.err
    assert shown.out.count(PLANTED) == 8  # six values, and the creator of two elements


def test_no_name_of_a_real_file_is_printed_masked(capsys: Captured) -> None:
    looked_for = 0
    for path in real_files():
        code = run(["inspect", str(path)])
        said = capsys.readouterr()
        assert code in {Exit.DONE, Exit.INCOMPLETE}, path.name
        if len(name := name_in(path)) > 6:
            looked_for += 1
            assert name not in said.out + said.err, path.name

    assert looked_for > 50


def name_in(path: Path) -> str:
    """The patient's name as pydicom reads it; "" where it cannot read the file."""
    try:
        found = dcmread(path, force=True, specific_tags=["PatientName"], stop_before_pixels=True)
        return str(found.get("PatientName", ""))
    except Exception:  # noqa: BLE001 - pydicom raises anything over a broken file
        return ""


def test_a_private_creator_is_named_when_vendors_are_known_to_write_it(
    tmp_path: Path, capsys: Captured
) -> None:
    found = inspected(planted(tmp_path, PLANTED), capsys)

    names = {e["tag"]: e["name"] for e in found["elements"]}
    assert names["(0011,1001)"] == "[••••]"
    assert names["(0011,1102)"] == "[SIEMENS CSA HEADER]"


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["people", "programs"])
@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("\x1b]0;mine\x07", "x1b]0;mine", id="a title for the window"),
        pytest.param("\x9b31mred", "x9b31mred", id="a colour by a C1 control"),
        pytest.param("\u202egnp\u202c", "u202egnp", id="text turned around"),
        pytest.param("one\x7f\u2028two", "u2028two", id="another line"),
    ],
)
def test_a_value_cannot_write_to_the_terminal(
    tmp_path: Path, capsys: Captured, text: str, seen: str, options: tuple[str, ...]
) -> None:
    run(["inspect", "--values", *options, str(planted(tmp_path, text))])

    said = capsys.readouterr().out
    assert said.count(seen) >= 5
    assert {c for c in said if not c.isprintable()} == {"\n"}


def test_text_is_decoded_by_the_character_set_of_its_item(capsys: Captured) -> None:
    found = inspected(packaged("../charset_files/chrH32.dcm"), capsys, "--values")

    assert "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう" in [e["value"] for e in found["elements"]]


CUT = packaged("rtplan.dcm").read_bytes()
DEFLATED = packaged("image_dfl.dcm").read_bytes()


@pytest.mark.parametrize(
    ("data", "code", "walked"),
    [
        pytest.param(CUT[:150], "truncated", 1, id="in the file meta"),
        pytest.param(CUT[:1000], "truncated", 22, id="in a sequence"),
        pytest.param(DEFLATED[:-20], "truncated", 5, id="in a deflate stream"),
        pytest.param(
            CUT.replace(b"1.2.840.10008.1.2\0", b"1.2.840.10008.9.9\0"), "unknown-syntax", 5
        ),
        pytest.param(b"no DICOM" * 40, "not-dicom", 0, id="no DICOM"),
    ],
)
def test_a_broken_file_is_printed_up_to_its_fault(
    tmp_path: Path, capsys: Captured, data: bytes, code: str, walked: int
) -> None:
    file = tmp_path / "broken"
    file.write_bytes(data)

    ending = run(["inspect", "--json", str(file)])

    said = capsys.readouterr()
    found = json.loads(said.out)
    assert ending == Exit.INCOMPLETE
    assert found["error"]["code"] == code
    assert len(found["elements"]) >= walked
    assert found["error"]["problem"] in said.err


def test_the_fault_names_the_path_and_the_byte(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "cut"
    ds = dcmread(packaged("reportsi.dcm"))
    at = dict(places_in(ds))["(0040,A730)[0] > (0040,A010)"]
    file.write_bytes(packaged("reportsi.dcm").read_bytes()[: at + 2])

    run(["inspect", str(file)])

    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == f"truncated at byte {at - 8}: nothing after this was read"
    assert said.err.startswith("dicomveil: (0040,A730)[0] > (0040,A010) at byte")


@pytest.mark.parametrize("made", ["folder", "pipe", "nothing"])
def test_what_is_no_file_is_refused_without_its_name(
    tmp_path: Path, capsys: Captured, made: str
) -> None:
    place = tmp_path / PLANTED
    if made == "folder":
        place.mkdir()
    elif made == "pipe":
        os.mkfifo(place)

    code = run(["inspect", str(place)])

    assert code == Exit.REFUSED
    assert capsys.readouterr().err.startswith("dicomveil: FILE ")


def test_a_link_is_followed(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "link").symlink_to(packaged("CT_small.dcm"))

    assert run(["inspect", str(tmp_path / "link")]) == Exit.DONE
    assert "PixelData" in capsys.readouterr().out


def test_a_reader_who_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    ds = dcmread(packaged("CT_small.dcm"))
    ds.ReferencedImageSequence = [Dataset() for _ in range(5000)]
    ds.save_as(tmp_path / "long.dcm")

    command = [sys.executable, "-m", "dicomveil", "inspect", str(tmp_path / "long.dcm")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()

        assert process.stderr.read() == b""
        assert process.wait() == Exit.DONE


def test_pixel_data_is_not_read(tmp_path: Path) -> None:
    head = packaged("CT_small.dcm").read_bytes()
    at = head.rindex(b"\xe0\x7f\x10\x00") + 8
    with (tmp_path / "huge.dcm").open("wb") as file:
        file.write(head[:at] + (3 << 30).to_bytes(4, "little"))
        file.truncate(at + 4 + (3 << 30))  # a hole: the file takes no space

    program = (
        "import sys; from dicomveil.cli.main import run\n"
        "code = run(['inspect', sys.argv[1]])\n"
        "print(code, open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "huge.dcm")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    code, peak = map(int, said.splitlines()[-1].split())
    assert code == Exit.DONE
    assert peak < 64 << 10  # kilobytes
