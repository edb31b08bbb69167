"""What `dicomveil diff` shows."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread

import dicomveil
from dicomveil.cli.exits import Exit
from dicomveil.cli.main import run
from tests.cli.files import packaged

Captured = pytest.CaptureFixture[str]
KEY = bytes(range(32))
OLD = "CompressedSamples^CT1"  # the Patient's Name in CT_small.dcm
NEW = "Somebody^Else"
HOSTILE = "\x1b[2J\x1b]0;mine\x07\x7f"


def cleaned(folder: Path, name: str = "CT_small.dcm") -> Path:
    """What `deidentify` makes of a packaged file."""
    original = packaged(name)
    trusted = dicomveil.Options(pixels=dicomveil.PixelTrust.ACCEPTED)
    done = dicomveil.deidentify(original, dicomveil.load_profile("basic"), KEY, options=trusted)
    (folder / "after.dcm").write_bytes(dicomveil.joined(done, original))
    return folder / "after.dcm"


def differing(before: Path, after: Path, captured: Captured) -> dict[str, Any]:
    """What `diff --json` says."""
    run(["diff", "--json", str(before), str(after)])
    found: dict[str, Any] = json.loads(captured.readouterr().out)
    return found


def test_a_file_is_the_same_as_itself(capsys: Captured) -> None:
    file = str(packaged("CT_small.dcm"))

    code = run(["diff", file, file])

    assert code == Exit.DONE
    assert ", 0 removed, 0 emptied, 0 replaced, 0 inserted" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("CT_small.dcm", id="explicit"),
        pytest.param("MR_small_implicit.dcm", id="implicit"),
        pytest.param("MR_small_bigendian.dcm", id="big endian"),
        pytest.param("image_dfl.dcm", id="deflated"),
        pytest.param("JPEG2000.dcm", id="encapsulated"),
    ],
)
def test_every_change_of_the_profile_is_explained_by_it(
    tmp_path: Path, capsys: Captured, name: str
) -> None:
    before = packaged(name)
    after = cleaned(tmp_path, name)

    found = differing(before, after, capsys)

    assert found["same"] is False
    assert found["unexplained"] == 0
    assert found["pixels"] == "same"
    assert {d["rule"].split(" ")[0] for d in found["differences"]} >= {"NewUid", "mark", "file"}


def test_the_differences_stand_under_their_rules(tmp_path: Path, capsys: Captured) -> None:
    code = run(["diff", str(packaged("CT_small.dcm")), str(cleaned(tmp_path))])

    lines = capsys.readouterr().out.splitlines()
    assert code == Exit.DIFFERS
    at = lines.index("Pseudonym [PS3.15 2026d Table E.1-1]: 3")
    assert lines[at + 1].split()[:4] == ["replaced", "PN", "(0010,0010)", "PatientName"]
    assert lines[-1] == "pixel data: the same bytes"


def test_values_are_shown_only_when_asked_for(tmp_path: Path, capsys: Captured) -> None:
    files = [str(packaged("CT_small.dcm")), str(cleaned(tmp_path))]
    new = str(dcmread(files[1]).PatientName)

    run(["diff", *files])
    masked = capsys.readouterr()
    run(["diff", "--json", *files])
    masked_json = capsys.readouterr()
    run(["diff", "--values", *files])
    shown = capsys.readouterr()

    for said in (masked, masked_json):
        assert not any(name in said.out + said.err for name in (OLD, new, "JFK IMAGING"))
    assert all(name in shown.out for name in (OLD, new, "JFK IMAGING"))


def test_a_value_cannot_write_to_the_terminal(tmp_path: Path, capsys: Captured) -> None:
    ds = dcmread(packaged("CT_small.dcm"))
    ds.PatientName = HOSTILE
    ds.private_block(0x0011, HOSTILE, create=True).add_new(1, "UN", HOSTILE.encode())
    ds.save_as(tmp_path / "hostile.dcm")

    run(["diff", "--values", str(tmp_path / "hostile.dcm"), str(packaged("CT_small.dcm"))])

    said = capsys.readouterr().out
    assert "x1b[2J" in said
    assert {c for c in said if not c.isprintable()} == {"\n"}


def renamed(ds: Dataset) -> None:
    ds.PatientName = NEW


def emptied(ds: Dataset) -> None:
    ds.Modality = ""


def removed(ds: Dataset) -> None:
    del ds.Rows


def inserted(ds: Dataset) -> None:
    ds.InstitutionName = NEW


def nested(ds: Dataset) -> None:
    ds.DeidentificationMethodCodeSequence[0].CodeMeaning = NEW


def retyped(ds: Dataset) -> None:
    ds[0x00080060].VR = "SH"


def brushed(ds: Dataset) -> None:
    ds.PixelData = b"\1" + ds.PixelData[1:]


def renumbered(ds: Dataset) -> None:
    ds.StudyInstanceUID = "1.2.3"


@pytest.mark.parametrize(
    ("change", "what", "path"),
    [
        pytest.param(renamed, "replaced", "(0010,0010)", id="a name of one's own"),
        pytest.param(emptied, "emptied", "(0008,0060)", id="emptied"),
        pytest.param(removed, "removed", "(0028,0010)", id="removed"),
        pytest.param(inserted, "inserted", "(0008,0080)", id="inserted"),
        pytest.param(retyped, "replaced", "(0008,0060)", id="another VR"),
        pytest.param(brushed, "replaced", "(7FE0,0010)", id="pixels"),
        pytest.param(renumbered, "replaced", "(0020,000D)", id="a UID that is not ours"),
    ],
)
def test_what_the_profile_does_not_do_is_not_explained(
    tmp_path: Path, capsys: Captured, change: Any, what: str, path: str
) -> None:
    after = cleaned(tmp_path)
    ds = dcmread(after)
    change(ds)
    ds.save_as(after)
    before = packaged("CT_small.dcm")
    if what == "inserted":
        bare = dcmread(before)
        del bare.InstitutionName
        before = tmp_path / "before.dcm"
        bare.save_as(before)

    found = differing(before, after, capsys)

    assert [d["path"] for d in found["differences"] if not d["rule"]] == [path]
    assert [d["what"] for d in found["differences"] if not d["rule"]] == [what]
    assert found["pixels"] == ("different" if change is brushed else "same")


def test_a_difference_in_an_item_is_told_by_its_path(tmp_path: Path, capsys: Captured) -> None:
    before = cleaned(tmp_path)
    ds = dcmread(before)
    nested(ds)
    ds.save_as(tmp_path / "nested.dcm")

    found = differing(before, tmp_path / "nested.dcm", capsys)

    assert [d["path"] for d in found["differences"]] == ["(0012,0064)[0] > (0008,0104)"]


@pytest.mark.parametrize(("broken", "role"), [(0, "BEFORE"), (1, "AFTER")], ids=["before", "after"])
def test_a_broken_file_is_not_compared(
    tmp_path: Path, capsys: Captured, broken: int, role: str
) -> None:
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(packaged("CT_small.dcm").read_bytes()[:3000])
    files = [str(packaged("CT_small.dcm"))] * 2
    files[broken] = str(cut)

    code = run(["diff", *files])

    said = capsys.readouterr()
    assert code == Exit.INCOMPLETE
    assert said.out == ""
    assert said.err.startswith("dicomveil: at byte ")
    assert said.err.endswith(f", in {role}\n")


def test_an_unknown_profile_is_refused(capsys: Captured) -> None:
    file = str(packaged("CT_small.dcm"))

    assert run(["diff", "--profile", "none", file, file]) == Exit.REFUSED
    assert "accepted: basic" in capsys.readouterr().err
