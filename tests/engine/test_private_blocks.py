"""Who owns a private element, and what an object declares of its own blocks."""

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form
from dicomveil.dicom.part10 import open_part10
from dicomveil.dicom.tags import is_private, is_private_creator
from dicomveil.dicom.walk import walk
from dicomveil.engine.private_blocks import Blocks, declared_of
from dicomveil.engine.scene import Scene
from dicomveil.errors import InvalidDicom
from dicomveil.policy.private import Judgement, judge
from dicomveil.policy.private_tables import Disposition, Source, Step
from tests.builders import El, Item, encode
from tests.real import real_files

SIEMENS = El(0x00190010, "LO", "SIEMENS MR HEADER")
B_VALUE = El(0x0019100C, "IS", "1000")


def scene_of(elements: Sequence[El], form: Form = Form.EXPLICIT_LE) -> Scene:
    data = encode(elements, form)
    return Scene(data, walk(data, form))


def found(scene: Scene, tag: int) -> Element:
    return next(e for e in scene.elements if e.tag == tag and e.vr)


def test_an_element_is_known_by_its_creator_and_low_byte() -> None:
    scene = scene_of([SIEMENS, B_VALUE])

    path = Blocks(scene).path(found(scene, 0x0019100C))

    assert path == (Step(0x0019, "SIEMENS MR HEADER", 0x0C),)
    assert Blocks(scene).creator(found(scene, 0x0019100C)) == "SIEMENS MR HEADER"


def test_a_path_leads_through_sequences_private_and_standard() -> None:
    inner = Item((SIEMENS, B_VALUE))
    scene = scene_of(
        [
            El(0x00290010, "LO", "ACME"),
            El(0x00291001, "SQ", [Item((El(0x00081140, "SQ", [inner]),))]),
        ]
    )

    path = Blocks(scene).path(found(scene, 0x0019100C))

    assert path is not None
    assert [str(step) for step in path] == [
        "(0029,ACME,01)",
        "(0008,1140)",
        "(0019,SIEMENS MR HEADER,0C)",
    ]


@pytest.mark.parametrize(
    "elements",
    [
        [B_VALUE],
        [SIEMENS, El(0x0019110C, "IS", "1000")],
        [SIEMENS, El(0x00190105, "IS", "1000")],
        [El(0x00190010, "LO", ""), B_VALUE],
        [El(0x00190010, "OB", b"SIEMENS MR HEADER\0"), B_VALUE],
        [SIEMENS, El(0x00291001, "SQ", [Item((B_VALUE,))])],
        [El(0x00291001, "SQ", [Item((SIEMENS, B_VALUE))])],
    ],
    ids=["no creator", "another block", "no block", "empty", "bytes", "outside the item", "above"],
)
def test_an_orphan_has_no_path(elements: list[El]) -> None:
    scene = scene_of(elements)
    last = [e for e in scene.elements if e.vr and e.tag & 0x10000 and e.vr != "SQ"][-1]

    assert Blocks(scene).path(last) is None


def test_a_creator_stays_with_an_element_of_its_block_and_goes_without() -> None:
    scene = scene_of([SIEMENS, El(0x00190011, "LO", "ACME"), B_VALUE, El(0x00191101, "LO", "X")])
    kept = [found(scene, 0x0019100C)]

    assert Blocks(scene).staying(kept) == {found(scene, 0x00190010)}
    assert Blocks(scene).staying([]) == frozenset()
    assert Blocks(scene).staying([found(scene, 0x00191101)]) == {found(scene, 0x00190011)}


def test_a_creator_stays_in_its_own_item_alone() -> None:
    item = Item((SIEMENS, B_VALUE))
    scene = scene_of([El(0x00081140, "SQ", [item, item])])
    second = [e for e in scene.elements if e.tag == 0x0019100C][1]

    staying = Blocks(scene).staying([second])

    assert [e.path for e in staying] == ["(0008,1140)[1] > (0019,0010)"]


@pytest.mark.parametrize(
    ("creator", "tag", "value", "vr"),
    [
        ("SIEMENS MR HEADER", 0x0019100C, b"1000", "IS"),
        ("SIEMENS MR HEADER", 0x0019100C, b"MILLER", "UN"),
        ("SIEMENS MR HEADER", 0x0019100D, b"NONE", "CS"),
        ("GEMS_IDEN_01", 0x00191027, b"\1\2\3\4", "UN"),
        ("ACME", 0x00191027, b"\1\2\3\4", "UN"),
        ("GEMS_ACQU_01", 0x0019109E, b"EPI\1\2\3", "UN"),
        ("GEMS_ACQU_01", 0x0019109E, b"EPI ", "LO"),
    ],
)
def test_an_element_in_un_is_judged_by_the_vr_that_it_is_known_to_have(
    creator: str, tag: int, value: bytes, vr: str
) -> None:
    scene = scene_of([El(0x00190010, "LO", creator), El(tag, "UN", value)])

    assert Blocks(scene).vr(found(scene, tag)) == vr


def test_a_number_in_un_is_one_of_whole_numbers() -> None:
    creator = El(0x00090010, "LO", "GEMS_IDEN_01")
    whole = scene_of([creator, El(0x00091027, "UN", b"\1\2\3\4")])
    half = scene_of([creator, El(0x00091027, "UN", b"\1\2")])

    assert Blocks(whole).vr(found(whole, 0x00091027)) == "SL"
    assert Blocks(half).vr(found(half, 0x00091027)) == "UN"


def test_a_sequence_that_the_walk_did_not_enter_stays_un() -> None:
    """Else a container would stay with all that nobody looked at."""
    inside = b"\xfe\xff\x00\xe0\0\0\0\0"
    scene = scene_of(
        [El(0x01190010, "LO", "SIEMENS Ultrasound SC2000"), El(0x01191002, "UN", inside)]
    )
    blocks, element = Blocks(scene), found(scene, 0x01191002)
    path = blocks.path(element)

    assert path is not None
    assert judge(path, blocks.vr(element), [Source.SAFE]).disposition is not Disposition.CONTAINER


def test_data_of_implicit_vr_are_judged_the_same() -> None:
    scene = scene_of([SIEMENS, B_VALUE], Form.IMPLICIT_LE)
    element = found(scene, 0x0019100C)
    blocks = Blocks(scene)
    path = blocks.path(element)

    assert path is not None
    assert judge(path, blocks.vr(element), [Source.SAFE]).disposition is Disposition.KEEP


def characteristics(form: Form) -> Scene:
    def numbers(tag: int, *values: int) -> El:
        return El(tag, "US", values)

    action = Item((numbers(0x00080306, 0x0D, 0x0E), El(0x00080307, "CS", "D")))
    definition = Item((numbers(0x00080308, 0x0F), El(0x0008030A, "CS", "FD")))
    item = Item(
        (
            numbers(0x00080301, 0x0019),
            El(0x00080302, "LO", "ACME"),
            El(0x00080303, "CS", "MIXED"),
            numbers(0x00080304, 0x0B, 0x0C),
            El(0x00080305, "SQ", [action]),
            El(0x00080310, "SQ", [definition]),
        )
    )
    value = El(0x0019100F, "UN", struct.pack("<d", 1.5))
    return scene_of(
        [El(0x00080300, "SQ", [item]), El(0x00190010, "LO", "ACME"), value],
        form,
    )


@pytest.mark.parametrize("form", list(Form), ids=lambda form: form.name)
def test_an_object_declares_its_own_blocks(form: Form) -> None:
    scene = characteristics(form)

    declared = declared_of(scene)

    dispositions = [declared.disposition(Step(0x0019, "ACME", n)) for n in range(0x0B, 0x10)]
    assert dispositions == [
        Disposition.KEEP,
        Disposition.KEEP,
        Disposition.DUMMY,
        Disposition.DUMMY,
        Disposition.DELETE,
    ]
    assert declared.disposition(Step(0x0021, "ACME", 0x0B)) is None
    assert Blocks(scene).vr(found(scene, 0x0019100F), declared) == "FD"


@pytest.mark.parametrize(
    "elements",
    [
        [],
        [El(0x00080300, "SQ", [])],
        [El(0x00080300, "SQ", [Item(())])],
        [El(0x00080300, "SQ", [Item((El(0x00080301, "LO", "0019"),))])],
    ],
    ids=["absent", "no item", "an empty item", "a group in a text"],
)
def test_an_object_that_declares_nothing_is_left_to_the_tables(elements: list[El]) -> None:
    assert declared_of(scene_of(elements)).disposition(Step(0x0019, "ACME", 1)) is None


def private_elements(path: Path) -> Iterator[tuple[Blocks, Element, Judgement]]:
    """The private elements of a real file that have an owner, and what becomes of them."""
    data = path.read_bytes()
    try:
        frame = open_part10(data, len(data))
        scene = Scene(data, walk(data, frame.syntax.form, frame.start))
    except InvalidDicom:
        return
    blocks, declared = Blocks(scene), declared_of(scene)
    for element in scene.elements:
        place = blocks.path(element) if element.vr and is_private(element.tag) else None
        if place and not is_private_creator(element.tag):
            vr = blocks.vr(element, declared)
            yield blocks, element, judge(place, vr, list(Source), declared)


def test_in_real_files_nothing_private_stays_without_its_creator_or_unread() -> None:
    stays: Counter[str] = Counter()
    for path in real_files():
        for blocks, element, judgement in private_elements(path):
            if judgement.disposition is Disposition.KEEP:
                stays[blocks.vr(element)] += 1
                assert [len(blocks.staying([element])), bool(blocks.creator(element))] == [1, True]

    assert not set(stays) & {"UN", "OB", "OW", "SQ", "UI", "PN", "AE", "DA", "DT", "TM"}
    assert sum(stays.values()) > 100
