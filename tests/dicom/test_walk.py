"""What a walk finds: every construct of PS3.5 §7, as spans."""

import pytest

from dicomveil.dicom.forms import Form
from dicomveil.dicom.walk import fragments_end, walk, walk_element
from tests.builders import El, Ends, Item, dicom, encode
from tests.dicom.walks import lines, paths

UID = dicom('08 00 18 00  "UI" 06 00  "1.2.3" 00')  # (0008,0018)
DEFINED = dicom("""
    08 00 40 11  "SQ" 00 00  26 00 00 00        # (0008,1140), 38 bytes
      FE FF 00 E0  0E 00 00 00                  # item of 14
        08 00 55 11  "UI" 06 00  "1.2.3" 00
      FE FF 00 E0  08 00 00 00                  # item of 8
        08 00 55 11  "UI" 00 00
""")
UNDEFINED = dicom("""
    08 00 40 11  "SQ" 00 00  FF FF FF FF
      FE FF 00 E0  FF FF FF FF
        08 00 55 11  "UI" 00 00
      FE FF 0D E0  00 00 00 00
    FE FF DD E0  00 00 00 00
""")
FRAGMENTS = dicom("""
    E0 7F 10 00  "OB" 00 00  FF FF FF FF
      FE FF 00 E0  00 00 00 00                  # an empty offset table
      FE FF 00 E0  04 00 00 00  "abcd"
    FE FF DD E0  00 00 00 00
""")


def test_an_element_is_a_span() -> None:
    assert lines(UID) == ["(0008,0018) UI 0:8:14:14"]


def test_a_walk_begins_where_it_is_told() -> None:
    assert lines(b"junk" + UID, start=4) == ["(0008,0018) UI 4:12:18:18"]


def test_a_sequence_of_defined_length_is_walked() -> None:
    assert lines(DEFINED) == [
        "(0008,1140) SQ 0:12:50:50",
        "(0008,1140)[0] item 12:20:34:34",
        "(0008,1140)[0] > (0008,1155) UI 20:28:34:34",
        "(0008,1140)[1] item 34:42:50:50",
        "(0008,1140)[1] > (0008,1155) UI 42:50:50:50",
    ]


def test_a_sequence_of_undefined_length_ends_after_its_delimiter() -> None:
    assert lines(UNDEFINED + UNDEFINED[:0]) == [
        "(0008,1140) SQ 0:12:36:44",
        "(0008,1140)[0] item 12:20:28:36",
        "(0008,1140)[0] > (0008,1155) UI 20:28:28:28",
    ]


def test_fragments_are_one_value() -> None:
    assert lines(FRAGMENTS) == ["(7FE0,0010) OB 0:12:32:40"]


def test_fragments_end_after_their_delimiter() -> None:
    assert fragments_end(FRAGMENTS + b"tail", 12, lambda: None) == 40


def test_a_walk_of_many_fragments_takes_breaths() -> None:
    breaths: list[int] = []
    pixels = encode([El(0x7FE00010, "OB", [b""] * 9000, Ends.DELIMITER)])

    walk(pixels, Form.EXPLICIT_LE, breathe=lambda: breaths.append(1))

    assert len(breaths) == 2


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("ends", Ends)
@pytest.mark.parametrize("item_ends", Ends)
def test_every_form_and_kind_of_length_says_the_same(
    form: Form, ends: Ends, item_ends: Ends
) -> None:
    inner = El(0x0040A170, "SQ", [Item((El(0x00080104, "LO", "x"),), item_ends)], ends)
    outer = El(0x00081140, "SQ", [Item((El(0x00080100, "SH", "y"), inner), item_ends)], ends)

    found = paths(
        encode([El(0x00080018, "UI", "1.2"), outer, El(0x00280010, "US", (1,))], form), form
    )

    assert found == [
        "(0008,0018) UI",
        "(0008,1140) SQ",
        "(0008,1140)[0] > (0008,0100) SH",
        "(0008,1140)[0] > (0040,A170) SQ",
        "(0008,1140)[0] > (0040,A170)[0] > (0008,0104) LO",
        "(0028,0010) US",
    ]


@pytest.mark.parametrize("ends", Ends)
@pytest.mark.parametrize("tag", [0x00081140, 0x00091001], ids=["known", "private"])
def test_a_sequence_sent_as_un_is_implicit_inside(ends: Ends, tag: int) -> None:
    sequence = El(tag, "SQ", [Item((El(0x00280010, "US", (1,)),), ends)], ends, wire="UN")

    found = paths(encode([sequence]))

    if tag == 0x00091001 and ends is Ends.LENGTH:
        assert found == ["(0009,1001) UN"]  # nothing says that it is a sequence
    else:
        assert found[1].endswith("[0] > (0028,0010) US")


@pytest.mark.parametrize(
    ("tag", "vr"),
    [(0x00100010, "PN"), (0x00280010, "US"), (0x00090010, "LO"), (0x00091001, "UN")],
)
def test_a_known_tag_sent_as_un_has_the_dictionarys_vr(tag: int, vr: str) -> None:
    (element,) = walk(encode([El(tag, "UN", b"ab")]), Form.EXPLICIT_LE)

    assert element.vr == vr


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        (0x00090010, "LO"),  # a private creator
        (0x00091001, "UN"),
        (0x00080000, "UL"),  # a group length
        (0x60020010, "US"),  # a repeating group
        (0x00EE0001, "UN"),
    ],
)
def test_implicit_tags_have_the_dictionarys_vr(tag: int, vr: str) -> None:
    (element,) = walk(encode([El(tag, "UN", bytes(4))], Form.IMPLICIT_LE), Form.IMPLICIT_LE)

    assert element.vr == vr


def test_an_unknown_implicit_element_of_undefined_length_is_a_sequence() -> None:
    private = El(0x00091001, "SQ", [Item((El(0x00100010, "PN", "A^B"),))], Ends.DELIMITER)

    found = paths(encode([private], Form.IMPLICIT_LE), Form.IMPLICIT_LE)

    assert found == ["(0009,1001) SQ", "(0009,1001)[0] > (0010,0010) PN"]


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("padding", [1, 2, 7, 8, 9, 100_000])
def test_zeros_after_the_pixels_are_padding(form: Form, padding: int) -> None:
    pixels = encode([El(0x7FE00010, "OW", b"abcd")], form)

    assert walk(pixels + bytes(padding), form)[-1].end == len(pixels)


def test_zeros_after_a_data_set_without_pixels_are_padding() -> None:
    assert walk(UID + bytes(16), Form.EXPLICIT_LE)[-1].end == len(UID)


@pytest.mark.parametrize("tail", [b"JUNK", b"a", b"<xml>more than a head</xml>"])
def test_what_begins_like_no_element_after_the_pixels_is_a_tail(tail: bytes) -> None:
    pixels = encode([El(0x7FE00010, "OW", b"abcd")])

    assert walk(pixels + tail, Form.EXPLICIT_LE)[-1].end == len(pixels)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("tag", [0x7FE10010, 0xFFFAFFFA, 0xFFFCFFFC])
def test_elements_may_come_after_the_pixels(form: Form, tag: int) -> None:
    vr = {0x7FE10010: "LO", 0xFFFAFFFA: "SQ", 0xFFFCFFFC: "OB"}[tag]
    value: bytes | list[Item] = [] if vr == "SQ" else bytes(4)

    found = walk(encode([El(0x7FE00010, "OW", b"abcd"), El(tag, vr, value)], form), form)

    assert found[-1].tag == tag


def test_one_element_can_be_walked_by_itself() -> None:
    data = UID + DEFINED + UID

    assert [e.path for e in walk_element(data, len(UID), Form.EXPLICIT_LE)][:2] == [
        "(0008,1140)",
        "(0008,1140)[0]",
    ]
    assert walk_element(data, 0, Form.EXPLICIT_LE)[0].end == len(UID)
    implicit = encode([El(0x00100010, "PN", "A^B")], Form.IMPLICIT_LE)
    assert walk_element(implicit, 0, Form.IMPLICIT_LE)[0].vr == "PN"


def nested(levels: int, form: Form, ends: Ends) -> bytes:
    """Sequences of one item within each other."""
    inner: tuple[El, ...] = (El(0x00080104, "LO", "x"),)
    for _ in range(levels):
        inner = (El(0x0040A730, "SQ", [Item(inner, ends)], ends),)
    return encode(inner, form)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("ends", Ends)
def test_sixty_four_levels_are_walked(form: Form, ends: Ends) -> None:
    found = walk(nested(64, form, ends), form)

    assert len(found) == 64 * 2 + 1
    assert found[-1].path.count(" > ") == 64


def test_an_element_never_shows_its_value() -> None:
    name = encode([El(0x00100010, "PN", "Secretname^Jane")])
    items = encode([El(0x00081140, "SQ", [Item((El(0x00100010, "PN", "Secretname"),))])])

    shown = [repr(e) + str(e) for data in (name, items) for e in walk(data, Form.EXPLICIT_LE)]

    assert shown[0].startswith("<(0010,0010) PN 0:24>")
    assert "Secret" not in "".join(shown)
