"""A comparison tells what differs, and explains what the profile does and nothing else."""

import os
from pathlib import Path

import pydicom.data
import pytest

import dicomveil
from dicomveil.engine.comparison import Comparison, Frame, Pixels, What, compare
from dicomveil.engine.original import BytesOriginal
from dicomveil.engine.side import Side

KEY = bytes(range(32))
BASIC = dicomveil.load_profile("basic")
TRUSTED = dicomveil.Options(
    pixels=dicomveil.PixelTrust.ACCEPTED,
    templates=dicomveil.Templates.OFF,
    verify=dicomveil.Verify.OFF,
)
PACKAGED = Path(pydicom.data.__file__).parent
CORPUS = Path(os.environ.get("DICOMVEIL_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
CT = (PACKAGED / "test_files" / "CT_small.dcm").read_bytes()
FOLDERS = {
    "test_files": (PACKAGED / "test_files", 60),
    "charset_files": (PACKAGED / "charset_files", 10),
    "corpus": (CORPUS, 50),
}


def cleaned(original: bytes) -> bytes:
    return dicomveil.joined(dicomveil.deidentify(original, BASIC, KEY, options=TRUSTED), original)


def compared(before: bytes, after: bytes) -> Comparison:
    return compare(Side(BytesOriginal(before)), Side(BytesOriginal(after)), BASIC)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_change_to_every_real_file_is_explained(folder: str) -> None:
    place, least = FOLDERS[folder]
    if not place.is_dir():
        pytest.skip("no corpus: set DICOMVEIL_CORPUS to its folder")
    explained = 0

    for path in (p for p in sorted(place.rglob("*")) if p.is_file()):
        before = path.read_bytes()
        try:
            after = cleaned(before)
        except (dicomveil.InvalidDicom, dicomveil.Refused):
            continue
        found = compared(before, after)
        assert [d for d in found.differences if not d.rule] == [], path.name
        assert [f for f in found.frames if not f.rule] == [], path.name
        assert found.pixels is not Pixels.DIFFERENT, path.name
        assert compared(before, before).same, path.name
        explained += 1

    assert explained >= least


def test_a_file_meta_out_of_step_with_its_data_set_is_not_explained() -> None:
    after = cleaned(CT)
    at = after.index(b"2.25.", after.index(b"\x08\x00\x18\x00UI"))
    renumbered = after[:at] + b"2.25." + b"9" * 39 + after[at + 44 :]

    found = compared(CT, renumbered)

    unexplained = {d.before.path for d in found.differences if d.before and not d.rule}
    assert "(0002,0003)" in unexplained


def test_bytes_after_the_last_element_are_compared() -> None:
    bare = CT[: CT.rindex(b"\xfc\xff\xfc\xff")]

    longer = compared(bare, bare + b"a tail of bytes!")
    shorter = compared(bare + b"a tail of bytes!", bare)

    assert [(f.part, bool(f.rule)) for f in longer.frames] == [(Frame.TAIL, False)]
    assert [(f.part, bool(f.rule)) for f in shorter.frames] == [(Frame.TAIL, True)]


def test_a_preamble_is_compared() -> None:
    found = compared(CT, b"Name" + CT[4:])

    assert [(f.part, f.rule) for f in found.frames] == [(Frame.PREAMBLE, "")]
    assert not found.differences


def test_a_sequence_that_is_gone_is_one_difference() -> None:
    at = CT.index(b"\x10\x00\x02\x10SQ")
    length = int.from_bytes(CT[at + 8 : at + 12], "little")

    found = compared(CT, CT[:at] + CT[at + 12 + length :])

    assert [d.what for d in found.differences] == [What.REMOVED]
    assert found.differences[0].rule == "Remove [PS3.15 2026d Table E.1-1]"


def test_no_rule_explains_a_change_inside_what_the_profile_removes() -> None:
    found = compared(CT, CT.replace(b"ABCD1234", b"ABCD9999"))

    assert [d.rule for d in found.differences] == [""]
    assert found.differences[0].before is not None
    assert found.differences[0].before.path.startswith("(0010,1002)[0] > ")


def test_no_rule_explains_an_item_that_is_gone() -> None:
    at = CT.index(b"\x10\x00\x02\x10SQ") + 12
    item = 8 + int.from_bytes(CT[at + 4 : at + 8], "little")
    length = int.from_bytes(CT[at - 4 : at], "little") - item
    kept = length.to_bytes(4, "little") + CT[at : at + length]

    found = compared(CT, CT[: at - 4] + kept + CT[at + length + item :])

    removed = [d for d in found.differences if d.what is What.REMOVED]
    assert [(d.before.path, d.rule) for d in removed if d.before] == [("(0010,1002)[1]", "")]


def test_pages_are_let_go_while_a_large_value_is_compared() -> None:
    large = CT[: CT.rindex(b"\xe0\x7f\x10\x00") + 8] + (16 << 20).to_bytes(4, "little")
    large += bytes(16 << 20)
    breaths: list[int] = []
    watched = BytesOriginal(large)
    watched.release = lambda: breaths.append(1)  # type: ignore[method-assign] # counts the breaths

    found = compare(Side(watched), Side(BytesOriginal(large)), BASIC)

    assert found.same
    assert len(breaths) >= 2


def test_a_broken_file_is_refused() -> None:
    with pytest.raises(dicomveil.InvalidDicom):
        Side(BytesOriginal(CT[:1000]))
