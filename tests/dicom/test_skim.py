"""A skim finds what the walk finds, whatever it remembers of the files before."""

import random

import pytest

from dicomveil.dicom.forms import Form
from dicomveil.dicom.skim import Asked, Skimmed, Skimmer
from dicomveil.dicom.walk import walk
from dicomveil.errors import InvalidDicom
from tests.builders import El, Ends, Item, encode

ASKED = Asked(
    frozenset(
        {
            0x00080005,
            0x00080050,
            0x00080080,
            0x00080096,
            0x00100010,
            0x00100020,
            0x00101040,
            0x00180071,
        }
    ),
    (0x00080050, 0x00100010, 0x00101040, 0x00180071),
)
LONG = "OB"
FILES = 300


def text(draw: random.Random, most: int = 12) -> str:
    return "x" * draw.randrange(0, most)


def items(draw: random.Random, ends: Ends) -> list[Item]:
    inner = El(0x00080100, "SH", text(draw, 4))
    nested = El(0x00081199, "SQ", [Item((inner,), ends)], ends)
    uid = El(0x00081155, "UI", "1.2." + str(draw.randrange(1, 200)))
    return [Item((uid, nested), ends) for _ in range(draw.choice((1, 1, 1, 2)))]


def header(draw: random.Random, *, kind: int) -> list[El]:
    """A header of one of two kinds: its values, some lengths and some elements vary."""
    ends = Ends.DELIMITER if kind else Ends.LENGTH
    elements = [
        El(0x00080005, "CS", "ISO_IR 100"),
        El(0x00080008, "CS", draw.choice(("AXIAL", "ORIGINAL\\PRIMARY"))),
        El(0x00080018, "UI", f"1.2.3.{draw.randrange(1, 1200)}"),
        El(0x00080050, "SH", text(draw)),
        El(0x00080070, "LO", "GE" if kind else "Siemens"),
        El(0x00080080, "LO", draw.choice(("St Elsewhere", "General"))),
        El(0x00080096, "SQ", items(draw, ends), ends),
        El(0x00081140, "SQ", items(draw, Ends.DELIMITER), Ends.DELIMITER),
        El(0x00082112, "SQ", items(draw, Ends.LENGTH)),
        El(0x00090010, "LO", "GEMS_IDEN_01"),
        El(0x00091001, LONG, bytes(2 * draw.randrange(3))),
        El(0x00100010, "PN", text(draw, 20)),
        El(0x00100020, "LO", text(draw)),
        El(0x00101040, "LO", "street"),
        *(El(0x00180000 + n, "DS", draw.choice(("1", "2", "12.5"))) for n in range(0x50, 0x60)),
        El(0x00180070, "IS", "1"),
        El(0x00180072, "DS", "2"),
        El(0x00280010, "US", (512,)),
        El(0x7FE00010, "OW", bytes(64)),
    ]
    changes = draw.random() < 0.3
    kept = [e for e in elements if not changes or draw.random() < 0.9]
    return [e for e in kept if kind or e.tag != 0x00081140]


def bent(draw: random.Random, data: bytes) -> bytes:
    """The bytes; now and then cut, or with one of them another one."""
    if draw.random() < 0.9:
        return data
    at = draw.randrange(len(data))
    return data[:at] if draw.random() < 0.5 else data[:at] + b"\x01" + data[at + 1 :]


def lines(found: Skimmed | None) -> list[str] | None:
    if found is None:
        return None
    elements = [f"{e} {e.value}:{e.stop} {e.form}" for e in found.elements]
    return [*elements, *(f"{tag:08X} at {at}" for tag, at in sorted(found.gaps.items()))]


def walked(data: bytes, form: Form) -> list[str]:
    """The same of the walk."""
    roots = [e for e in walk(data, form) if e.holder is None]
    elements = [f"{e} {e.value}:{e.stop} {e.form}" for e in roots if e.tag in ASKED.tags]
    absent = [tag for tag in ASKED.places if tag not in {e.tag for e in roots}]
    after = {tag: [e.start for e in roots if e.tag > tag] for tag in absent}
    gaps = [f"{tag:08X} at {(after[tag] or [len(data)])[0]}" for tag in absent]
    return [*elements, *gaps]


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("seed", range(4))
def test_a_skim_of_file_after_file_finds_what_the_walk_of_each_finds(form: Form, seed: int) -> None:
    draw = random.Random(seed)
    skimmer = Skimmer(ASKED)
    found = 0

    for number in range(FILES):
        kind = number // 40 % 2 if seed % 2 else 0
        data = bent(draw, encode(header(draw, kind=kind), form))
        here = lines(skimmer.skim(data, len(data), form, 0))
        alone = lines(Skimmer(ASKED).skim(data, len(data), form, 0))
        # A short last element is left to the walk, unless it ends a run.
        assert here == alone or alone is None
        if here is not None:
            try:
                there = walked(data, form)
            except InvalidDicom:
                continue  # the skim steps over what the walk looks into
            assert here == there
            found += 1

    assert found > FILES // 2


@pytest.mark.parametrize("form", list(Form))
def test_a_head_that_ends_early_finds_the_same_or_nothing(form: Form) -> None:
    draw = random.Random(7)
    skimmer = Skimmer(ASKED)

    for _ in range(FILES):
        data = encode(header(draw, kind=1), form)
        cut = data[: draw.randrange(len(data) // 2, len(data))]
        short = lines(skimmer.skim(cut, len(data), form, 0))
        assert short in (None, walked(data, form))


def test_what_is_the_same_in_a_series_is_passed_in_runs() -> None:
    draw = random.Random(3)
    skimmer = Skimmer(ASKED)
    same = header(draw, kind=0)

    for number in range(40):
        named = [e.having("x" * number) if e.tag == 0x00100010 else e for e in same]
        data = encode(named)
        skimmer.skim(data, len(data), Form.EXPLICIT_LE, 0)
    runs = skimmer.runs.by_first

    assert runs is not None
    assert sum(len(run.parts) for kinds in runs.values() for run in kinds[:1]) > len(same) - 5
