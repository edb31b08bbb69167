"""Overlays in unused bits of the pixels: those bits go, and every other bit is as it was."""

import random
import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

import dicomveil
from dicomveil import PixelTrust
from dicomveil.dicom.splice import Masked
from dicomveil.engine.cleaner import Cleaner, Options, Templates
from dicomveil.engine.comparison import compare
from dicomveil.engine.fate import MASKED, What, fates_of
from dicomveil.engine.original import BytesOriginal
from dicomveil.engine.side import Side
from dicomveil.errors import Refused
from dicomveil.policy.profile import load_profile
from tests.builders import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, JPEG, KEY, El, part10, without
from tests.engine.roads import roads_of, slice_of

BASIC = load_profile("basic")
RANDOM = random.Random(20260102)
BULKY = 1 << 17  # more than is taken into memory


def overlaid(
    bits: Sequence[int],
    *,
    word: tuple[int, int] = (16, 12),
    pixels: bytes = bytes(range(64)),
    syntax: str = EXPLICIT,
    number: int = 1,
) -> bytes:
    """A slice whose overlays lie in these bits of its words: bits allocated, and stored."""
    allocated, stored = word
    overlays = [
        El(0x60000000 + 0x20000 * at | low, "US", (value,))
        for at, bit in enumerate(bits)
        for low, value in ((0x0010, 4), (0x0011, 4), (0x0100, allocated), (0x0102, bit))
    ]
    about = ((0x0100, allocated), (0x0101, stored), (0x0102, max(stored - 1, 0)))
    return part10(
        slice_of(
            number,
            *overlays,
            *(El(0x00280000 | low, "US", (value,)) for low, value in about),
            El(0x7FE00010, "OW", pixels),
        ),
        syntax,
    )


def cleaned(data: bytes, pixels: PixelTrust = PixelTrust.UNPROVEN) -> bytes:
    options = Options(templates=Templates.OFF, pixels=pixels)
    return dicomveil.joined(dicomveil.deidentify(data, BASIC, KEY, options=options), data)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED])
@pytest.mark.parametrize("size", [64, BULKY], ids=["small", "bulky"])
@pytest.mark.parametrize(
    ("allocated", "stored", "bits"),
    [(16, 12, [12]), (16, 12, [15, 13]), (16, 8, [9]), (8, 4, [7]), (8, 7, [7]), (32, 20, [31])],
)
def test_the_bits_of_overlays_go_and_every_other_bit_stays(
    allocated: int, stored: int, bits: Sequence[int], size: int, syntax: str
) -> None:
    pixels = RANDOM.randbytes(size)
    count, code = size // (allocated // 8), {8: "B", 16: "H", 32: "L"}[allocated]
    words = struct.Struct(f"{'>' if syntax == BIG_ENDIAN else '<'}{count}{code}")

    output = cleaned(overlaid(bits, word=(allocated, stored), pixels=pixels, syntax=syntax))

    before = words.unpack(pixels)
    after = words.unpack(pydicom.dcmread(BytesIO(output)).PixelData)
    lost = sum(1 << bit for bit in bits)
    assert any(word & lost for word in before)
    assert after == tuple(word & ~lost for word in before)


def test_the_overlays_themselves_go() -> None:
    output = pydicom.dcmread(BytesIO(cleaned(overlaid([12, 13]))))

    assert [tag for tag in output.keys() if tag.group >> 8 == 0x60] == []  # noqa: SIM118 - tags


def test_the_bits_go_of_pixels_that_are_accepted_unseen_too() -> None:
    pixels = b"\xff" * 64

    output = cleaned(overlaid([15], pixels=pixels), PixelTrust.ACCEPTED)

    assert pydicom.dcmread(BytesIO(output)).PixelData == b"\xff\x7f" * 32


def test_an_overlay_with_data_of_its_own_and_a_bit_position_goes_from_both() -> None:
    elements = slice_of(
        1,
        *(El(0x00280100 + n, "US", (v,)) for n, v in enumerate((16, 12, 11))),
        El(0x60000010, "US", (4,)),
        El(0x60000102, "US", (12,)),
        El(0x60003000, "OW", b"\xff\xff"),
        El(0x7FE00010, "OW", b"\xff" * 32),
    )

    output = pydicom.dcmread(BytesIO(cleaned(part10(elements))))

    assert output.PixelData == b"\xff\xef" * 16


UNSURE = [
    pytest.param(overlaid([11]), id="a bit that is stored"),
    pytest.param(overlaid([0]), id="the lowest bit of those that are stored"),
    pytest.param(overlaid([16]), id="a bit beyond the word"),
    pytest.param(overlaid([13, 3]), id="one of two that is stored"),
    pytest.param(overlaid([10], word=(12, 8)), id="no whole bytes"),
    pytest.param(overlaid([12], word=(16, 17)), id="more stored than allocated"),
    pytest.param(overlaid([12], word=(16, 0)), id="nothing stored"),
    pytest.param(overlaid([12], word=(32, 8), pixels=b"\1\2" * 3), id="no whole word"),
]


@pytest.mark.parametrize("data", UNSURE)
def test_what_is_not_certain_is_kept_back(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        cleaned(data)

    assert refused.value.code == "pixels-unproven"
    assert refused.value.path == "(60xx,0102)"


@pytest.mark.parametrize("tag", [0x00280100, 0x00280101, 0x00280102, 0x60000102])
def test_without_one_of_the_numbers_it_is_kept_back(tag: int) -> None:
    about = [El(0x00280100 + n, "US", (v,)) for n, v in enumerate((16, 12, 11))]
    overlay = [El(0x60000010, "US", (4,)), El(0x60000102, "US", (12,))]
    elements = without(slice_of(1, *about, *overlay), tag)

    with pytest.raises(Refused):
        cleaned(part10(elements))


def test_compressed_pixels_are_kept_back() -> None:
    fragments = struct.pack("<HHLHHL", 0xFFFE, 0xE000, 0, 0xFFFE, 0xE000, 4) + b"\xff\xd8\xff\xd9"
    data = overlaid([12], syntax=JPEG)
    at = data.index(b"\xe0\x7f\x10\0OW")
    framed = data[: at + 4] + b"OB\0\0\xff\xff\xff\xff" + fragments + b"\xfe\xff\xdd\xe0\0\0\0\0"

    with pytest.raises(Refused):
        cleaned(framed)


def test_templates_miss_files_with_such_overlays_and_both_roads_agree() -> None:
    plain = [part10(slice_of(number)) for number in range(1, 7)]
    masked = [overlaid([12], number=number) for number in range(7, 13)]
    mixed = [file for pair in zip(plain, masked, strict=True) for file in pair]

    alone, together = roads_of(masked), roads_of(mixed)

    assert alone.differences == together.differences == []
    assert alone.hits == 0
    assert together.hits > 0


def test_bulky_pixels_are_never_taken_into_memory() -> None:
    data = overlaid([12], pixels=bytes(BULKY))

    segments = Cleaner(BASIC, KEY).clean(BytesOriginal(data)).segments

    assert sum(len(s) for s in segments if isinstance(s, bytes)) < 1 << 12
    assert [type(s) for s in segments if not isinstance(s, bytes)] == [Masked]


def test_the_report_says_that_the_pixels_were_masked() -> None:
    report = dicomveil.deidentify(overlaid([12]), BASIC, KEY).report

    assert report is not None
    assert ("(7FE0,0010)", "OW", "Masked") in report.changes


def test_a_file_on_disk_is_masked_as_one_in_memory(tmp_path: Path) -> None:
    data = overlaid([12], pixels=RANDOM.randbytes(BULKY))
    (tmp_path / "slice").write_bytes(data)

    cleaned_file = dicomveil.deidentify(tmp_path / "slice", BASIC, KEY)

    assert dicomveil.joined(cleaned_file, tmp_path / "slice") == cleaned(data)


def test_explain_says_that_the_bits_go() -> None:
    data = overlaid([12])

    fates = fates_of(BytesOriginal(data), Cleaner(BASIC, KEY).rules).fates

    (pixels,) = (fate for fate in fates if fate.element.tag == 0x7FE00010)
    assert (pixels.what, pixels.origin) == (What.REPLACED, MASKED)


@pytest.mark.parametrize(("after", "rule"), [(0xEFFF, f"Masked [{MASKED}]"), (0xCFFF, "")])
def test_diff_explains_the_bits_of_overlays_and_no_others(after: int, rule: str) -> None:
    before = overlaid([12], pixels=b"\xff" * 64)
    output = cleaned(before).replace(b"\xff\xef" * 32, struct.pack("<H", after) * 32)

    found = compare(Side(BytesOriginal(before)), Side(BytesOriginal(output)), BASIC)

    rules = {one.before.tag: one.rule for one in found.differences if one.before}
    assert rules.pop(0x7FE00010) == rule
    assert all(rules.values())
