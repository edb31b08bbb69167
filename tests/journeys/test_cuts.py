"""A real file that was cut is refused, or comes out as exactly the part that is left of it.

A cut inside an element, an item, a sequence, a list of fragments or a deflate stream is betrayed
by the bytes, and so is one that leaves Rows without pixel data. A cut between two top-level
elements that nothing betrays gives the elements that the whole file gives, up to the cut.
"""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomveil.dicom.elements import Element
from dicomveil.dicom.part10 import Part10, inflate, open_part10
from dicomveil.dicom.splice import joined
from dicomveil.dicom.tags import PIXEL_TAGS
from dicomveil.dicom.walk import walk
from dicomveil.engine.cleaner import Cleaner, Options, Templates
from dicomveil.engine.gate import PixelTrust
from dicomveil.engine.original import BytesOriginal
from dicomveil.errors import DicomveilError, InvalidDicom, Refused
from tests.builders import KEY
from tests.engine.roads import BASIC
from tests.real import name, real_files

SEED = 20261122
LARGEST = 64 << 10
PLACES = 200
ROWS = 0x00280010
# What the engine itself says of an object, and what depends on who the object says it is about.
OURS = {0x00120062, 0x00120063, 0x00120064, 0x00280303, 0x00100010, 0x00100020}
FILES = [path for path in real_files() if path.stat().st_size < LARGEST]
CLEANER = Cleaner(BASIC, KEY, options=Options(templates=Templates.OFF, pixels=PixelTrust.ACCEPTED))


def cleaned(data: bytes) -> bytes | None:
    """The output of a file; None when it is refused, as what cannot be read or may not leave."""
    try:
        return joined(data, CLEANER.clean(BytesOriginal(data)).segments)
    except (InvalidDicom, Refused):
        return None


def places(data: bytes, elements: list[Element]) -> Iterator[int]:
    """Where to cut: at the bounds of elements, and at places that dice choose."""
    dice = random.Random(f"{SEED} {len(data)}")
    bounds = sorted({at for e in elements for at in (e.start, e.value, e.stop, e.end)})
    yield from dice.sample(bounds, min(PLACES, len(bounds)))
    yield from dice.sample(range(len(data)), min(PLACES, len(data)))


def by_tag(output: bytes) -> dict[int, bytes]:
    """The top-level elements of an output."""
    frame = open_part10(output)
    roots = (e for e in walk(output, frame.syntax.form, frame.start) if e.holder is None)
    return {e.tag: output[e.start : e.end] for e in roots}


def is_betrayed(cut: int, roots: list[Element], frame: Part10, data: bytes) -> bool:
    """Whether the bytes up to the cut say that there was more."""
    if cut in {frame.start} | {e.end for e in roots}:
        left = {e.tag for e in roots if e.end <= cut}
        return ROWS in left and not left & PIXEL_TAGS
    padding = data[max(e.end for e in roots) : cut]  # after the last element nothing matters
    return not padding


def judged(data: bytes, cut: int, roots: list[Element], whole: bytes, frame: Part10) -> str:
    """What became of the file that ends at the cut."""
    output = cleaned(data[:cut])
    if is_betrayed(cut, roots, frame, data):
        return "betrayed and refused" if output is None else f"PASSED at {cut}"
    if output is None:
        return "unbetrayed, refused for another reason"
    left = {e.tag for e in roots if e.end <= cut} - OURS
    expected = {tag: value for tag, value in by_tag(whole).items() if tag in left}
    found = {tag: value for tag, value in by_tag(output).items() if tag not in OURS}
    return "unbetrayed, the part that is left" if found == expected else f"ALTERED at {cut}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_cut_file_is_refused_or_is_the_part_that_is_left(path: Path) -> None:
    data = path.read_bytes()
    whole = cleaned(data)
    if whole is None:
        pytest.skip("refused as a whole, which other tests judge")
    frame = open_part10(data)
    if frame.syntax.deflated:
        stream = data[frame.start :]
        passed = {_inflated(stream[:cut]) for cut in range(len(stream))}
        assert passed <= {None, inflate(stream)}
        return
    elements = walk(data, frame.syntax.form, frame.start)
    roots = [e for e in elements if e.holder is None]

    counts = Counter(judged(data, cut, roots, whole, frame) for cut in places(data, elements))

    print(f"dice {SEED}:", dict(counts))  # noqa: T201 - the counts are the test's report
    assert [fate for fate in counts if fate[:6] in ("PASSED", "ALTERE")] == []


def _inflated(stream: bytes) -> bytes | None:
    try:
        return inflate(stream)
    except DicomveilError:
        return None
