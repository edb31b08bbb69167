"""A splice changes what its edits say and the lengths around it, and nothing else."""

from pathlib import Path

import pytest

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import LENGTHS, Form
from dicomveil.dicom.part10 import inflate, open_part10
from dicomveil.dicom.splice import Edit, Span, joined, splice
from dicomveil.dicom.walk import walk
from dicomveil.errors import InvalidDicom, TooLarge
from tests.builders import El, Ends, Item, encode
from tests.real import name, real_files

LARGEST = 4 << 20


def two_deep(uid: str, ends: Ends, more: tuple[El, ...] = ()) -> list[El]:
    """A data set with a UID in an item of a sequence in an item of another."""
    inner = El(0x0040A170, "SQ", [Item((*more, El(0x00081155, "UI", uid)), ends)], ends)
    outer = El(
        0x00081140, "SQ", [Item((), ends), Item((El(0x00080100, "SH", "a"), inner), ends)], ends
    )
    return [El(0x00080018, "UI", "1.2"), outer, El(0x00280010, "US", (1,))]


def found(data: bytes, form: Form, tag: int) -> Element:
    """The one element of the tag."""
    (element,) = (e for e in walk(data, form) if e.tag == tag)
    return element


@pytest.mark.parametrize("path", [p for p in real_files() if p.stat().st_size <= LARGEST], ids=name)
def test_a_real_file_with_no_edits_is_itself(path: Path) -> None:
    data = path.read_bytes()

    assert splice(data, []) == ([Span(0, len(data))] if data else [])
    assert joined(data, splice(data, [])) == data


@pytest.mark.parametrize("path", [p for p in real_files() if p.stat().st_size <= LARGEST], ids=name)
def test_a_real_file_whose_elements_are_put_in_their_own_place_is_itself(path: Path) -> None:
    """Every edit that changes no length leaves every length field alone."""
    data = path.read_bytes()
    try:
        part10 = open_part10(data)
        start = part10.start
        if part10.syntax.deflated:
            data, start = inflate(data[start:]), 0
        elements = walk(data, part10.syntax.form, start)
    except InvalidDicom:
        pytest.skip("not readable, which other tests judge")
    leaves = [e for e in elements if e.vr not in ("SQ", "") and e.end - e.start < 1 << 16]

    edits = [Edit(e.start, e.end, data[e.start : e.end], e.holder) for e in leaves]

    assert joined(data, splice(data, edits)) == data


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("ends", Ends)
def test_a_removal_in_a_nested_item_mends_the_lengths_around_it(form: Form, ends: Ends) -> None:
    extra = El(0x00080104, "LO", "goes")
    data = encode(two_deep("1.2.3", ends, (extra,)), form)
    gone = found(data, form, extra.tag)

    out = joined(data, splice(data, [Edit(gone.start, gone.end, b"", gone.holder)]))

    assert out == encode(two_deep("1.2.3", ends), form)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("ends", Ends)
@pytest.mark.parametrize("new", ["", "1.2", "2.25.123456789012345678901234567890123456789"])
def test_a_longer_or_shorter_value_mends_the_lengths_around_it(
    form: Form, ends: Ends, new: str
) -> None:
    data = encode(two_deep("1.2.3", ends), form)
    old = found(data, form, 0x00081155)
    replacement = encode([El(0x00081155, "UI", new)], form)

    out = joined(data, splice(data, [Edit(old.start, old.end, replacement, old.holder)]))

    assert out == encode(two_deep(new, ends), form)


def test_changes_that_even_out_leave_the_lengths_alone() -> None:
    data = encode(two_deep("1.2.3", Ends.LENGTH, (El(0x00080104, "LO", "ab"),)))
    elements = {e.tag: e for e in walk(data, Form.EXPLICIT_LE)}
    one, other = elements[0x00080104], elements[0x00081155]
    longer = encode([El(0x00080104, "LO", "abcd")])
    shorter = encode([El(0x00081155, "UI", "1.2")])

    segments = splice(
        data,
        [
            Edit(other.start, other.end, shorter, other.holder),
            Edit(one.start, one.end, longer, one.holder),
        ],
    )

    assert len(segments) == 4
    assert joined(data, segments) == encode(
        two_deep("1.2", Ends.LENGTH, (El(0x00080104, "LO", "abcd"),))
    )


def test_insertions_at_one_place_keep_their_order() -> None:
    edits = [Edit(2, 2, b"1", None), Edit(2, 2, b"2", None)]

    assert joined(b"abcd", splice(b"abcd", edits)) == b"ab12cd"


def test_a_part_can_be_spliced() -> None:
    assert splice(b"abcdef", [Edit(2, 3, b"X", None)], 1, 5) == [Span(1, 2), b"X", Span(3, 5)]
    assert splice(b"abcdef", [Edit(1, 5, b"", None)], 1, 5) == []


def test_edits_that_overlap_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="overlap"):
        splice(b"abcdef", [Edit(0, 3, b"", None), Edit(2, 4, b"", None)])


def test_an_item_that_outgrows_its_length_field_is_refused() -> None:
    data = bytearray(encode(two_deep("1.2.3", Ends.LENGTH)))
    old = found(bytes(data), Form.EXPLICIT_LE, 0x00081155)
    item = old.holder
    assert item is not None
    item.stop = item.end = item.value + 0xFFFFFFF0
    data[item.value - 4 : item.value] = LENGTHS[Form.EXPLICIT_LE].pack(0xFFFFFFF0)

    with pytest.raises(TooLarge) as refused:
        splice(bytes(data), [Edit(old.start, old.start, bytes(16), item)])

    assert refused.value.path == "(0008,1140)[1] > (0040,A170)[0]"
