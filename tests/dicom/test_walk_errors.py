"""What a walk refuses: which error, at which path and byte. It never guesses."""

import pytest

from dicomveil.dicom.forms import Form
from dicomveil.dicom.walk import walk, walk_element
from dicomveil.errors import InvalidDicom, Malformed, TooDeep, Truncated
from tests.builders import El, Ends, Item, dicom, encode
from tests.dicom.test_walk import nested

CASES = [
    pytest.param("08 00 18 00  55 49", Truncated, "", 0, id="a head that is cut"),
    pytest.param("08 00 40 11  53 51 00 00  08 00", Truncated, "", 0, id="a long head that is cut"),
    pytest.param(
        '08 00 18 00 "UI" 06 00 "1.2."', Truncated, "(0008,0018)", 0, id="a value that is cut"
    ),
    pytest.param(
        '08 00 18 00 "UI" FF FF "1.2."', Truncated, "(0008,0018)", 0, id="a length beyond the end"
    ),
    pytest.param('08 00 18 00 "UI" 05 00 "1.2.3"', Malformed, "(0008,0018)", 0, id="an odd length"),
    pytest.param(
        'E0 7F 10 00 "OB" 00 00 03 00 00 00 "abc"', Malformed, "(7FE0,0010)", 0, id="odd, long"
    ),
    pytest.param(
        '08 00 18 00 "UI" 00 00  08 00 18 00 "UI" 00 00', Malformed, "(0008,0018)", 8, id="twice"
    ),
    pytest.param(
        '10 00 10 00 "PN" 00 00  08 00 18 00 "UI" 00 00',
        Malformed,
        "(0008,0018)",
        8,
        id="out of order",
    ),
    pytest.param('08 00 18 00 "zz" 00 00', Malformed, "(0008,0018)", 0, id="no VR"),
    pytest.param(
        "FE FF 0D E0 00 00 00 00", Malformed, "(FFFE,E00D)", 0, id="a delimiter at the root"
    ),
    pytest.param("FE FF 00 E0 00 00 00 00", Malformed, "(FFFE,E000)", 0, id="an item at the root"),
    pytest.param(
        '08 00 40 11 "SQ" 00 00 FF FF FF FF', Truncated, "(0008,1140)", 12, id="a sequence's end"
    ),
    pytest.param(
        '08 00 40 11 "SQ" 00 00 08 00 00 00  08 00 18 00 "UI" 00 00',
        Malformed,
        "(0008,1140)",
        12,
        id="no item in a sequence",
    ),
    pytest.param(
        '08 00 40 11 "SQ" 00 00 08 00 00 00  FE FF DD E0 00 00 00 00',
        Malformed,
        "(0008,1140)",
        12,
        id="a delimiter in a sequence of defined length",
    ),
    pytest.param(
        '08 00 40 11 "SQ" 00 00 08 00 00 00  FE FF 00 E0 02 00 00 00',
        Truncated,
        "(0008,1140)[0]",
        12,
        id="an item longer than its sequence",
    ),
    pytest.param(
        '08 00 40 11 "SQ" 00 00 FF FF FF FF  FE FF DD E0 02 00 00 00',
        Malformed,
        "(0008,1140)",
        12,
        id="a delimiter with a length",
    ),
    pytest.param(
        '08 00 40 11 "SQ" 00 00 FF FF FF FF  FE FF 00 E0 FF FF FF FF',
        Truncated,
        "(0008,1140)[0]",
        20,
        id="an item's end",
    ),
    pytest.param(
        '08 00 40 11 "SQ" 00 00 FF FF FF FF  FE FF 00 E0 FF FF FF FF  FE FF 0D E0 01 00 00 00',
        Malformed,
        "(0008,1140)[0]",
        20,
        id="an item's delimiter with a length",
    ),
    pytest.param(
        '08 00 40 11 "SQ" 00 00 10 00 00 00  FE FF 00 E0 08 00 00 00  FE FF 0D E0 00 00 00 00',
        Malformed,
        "(0008,1140)[0] > (FFFE,E00D)",
        20,
        id="a delimiter in an item of defined length",
    ),
    pytest.param(
        '08 00 40 11 "SQ" 00 00 12 00 00 00  FE FF 00 E0 0A 00 00 00 08 00 55 11 "UI" 04 00 31 31',
        Truncated,
        "(0008,1140)[0] > (0008,1155)",
        20,
        id="an element longer than its item",
    ),
    pytest.param(
        'E0 7F 10 00 "OB" 00 00 FF FF FF FF  FE FF 00 E0 04 00 00 00 "ab"',
        Truncated,
        "(7FE0,0010)",
        24,
        id="a fragment that is cut",
    ),
    pytest.param(
        'E0 7F 10 00 "OB" 00 00 FF FF FF FF  FE FF 00 E0 02 00 00 00 "ab"',
        Truncated,
        "(7FE0,0010)",
        22,
        id="the end of the fragments",
    ),
    pytest.param(
        'E0 7F 10 00 "OB" 00 00 FF FF FF FF  FE FF 00 E0 FF FF FF FF',
        Truncated,
        "(7FE0,0010)",
        None,
        id="a fragment without a length",
    ),
    pytest.param(
        '10 00 00 40 "UT" 00 00 FF FF FF FF  FE FF DD E0 00 00 00 00',
        Malformed,
        "(0010,4000)",
        0,
        id="a text without a length",
    ),
    pytest.param(
        '08 00 18 00 "UI" 00 00  00 00 00 01',
        Truncated,
        "",
        8,
        id="a few bytes that are no padding",
    ),
]


@pytest.mark.parametrize(("data", "kind", "path", "offset"), CASES)
def test_what_cannot_be_is_refused_where_it_is(
    data: str, kind: type[InvalidDicom], path: str, offset: int | None
) -> None:
    with pytest.raises(kind) as refused:
        walk(dicom(data), Form.EXPLICIT_LE)

    assert type(refused.value) is kind
    assert refused.value.path == path
    assert offset is None or refused.value.offset == offset


@pytest.mark.parametrize(
    ("data", "kind", "path", "offset"),
    [
        pytest.param("10 00 10 00 02", Truncated, "", 0, id="a head that is cut"),
        pytest.param("10 00 10 00 04 00 00 00 41", Truncated, "(0010,0010)", 0, id="a value"),
        pytest.param("10 00 10 00 01 00 00 00 41", Malformed, "(0010,0010)", 0, id="odd"),
        pytest.param(
            "10 00 10 00 00 00 00 00 10 00 10 00 00 00 00 00",
            Malformed,
            "(0010,0010)",
            8,
            id="twice",
        ),
        pytest.param("FE FF DD E0 00 00 00 00", Malformed, "(FFFE,E0DD)", 0, id="a delimiter"),
        pytest.param(
            "10 00 10 00 FF FF FF FF", Malformed, "(0010,0010)", 0, id="a name, no length"
        ),
        pytest.param("08 00 40 11 08 00 00 00", Truncated, "(0008,1140)", 0, id="a sequence"),
    ],
)
def test_what_cannot_be_in_implicit_vr_is_refused(
    data: str, kind: type[InvalidDicom], path: str, offset: int
) -> None:
    with pytest.raises(kind) as refused:
        walk(dicom(data), Form.IMPLICIT_LE)

    assert (type(refused.value), refused.value.path, refused.value.offset) == (kind, path, offset)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("ends", Ends)
def test_the_sixty_fifth_level_is_refused(form: Form, ends: Ends) -> None:
    with pytest.raises(TooDeep) as refused:
        walk(nested(65, form, ends), form)

    assert refused.value.path.count("(0040,A730)") == 65


def test_the_bound_can_be_lower() -> None:
    with pytest.raises(TooDeep):
        walk(nested(3, Form.EXPLICIT_LE, Ends.LENGTH), Form.EXPLICIT_LE, depth=2)


def test_a_thousand_levels_are_refused_and_crash_nothing() -> None:
    deep = dicom('08 00 40 11 "SQ" 00 00 FF FF FF FF  FE FF 00 E0 FF FF FF FF') * 1000

    with pytest.raises(TooDeep):
        walk(deep, Form.EXPLICIT_LE)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("ends", Ends)
def test_every_cut_inside_an_element_is_refused(form: Form, ends: Ends) -> None:
    """A data set that ends inside an element never passes as a shorter, valid one."""
    reference = Item((El(0x00081150, "UI", "1.2"), El(0x00081155, "UI", "1.2.3")), ends)
    data = encode(
        [
            El(0x00080018, "UI", "1.2.3"),
            El(0x00081140, "SQ", [reference, reference], ends),
            El(0x00280010, "US", (1,)),
            El(0x7FE00010, "OW", b"abcd"),
        ],
        form,
    )
    bounds = {0} | {e.end for e in walk(data, form) if e.holder is None}

    passed = {cut for cut in range(len(data)) if _walks(data[:cut], form)}

    assert passed == bounds - {len(data)}


def _walks(data: bytes, form: Form) -> bool:
    try:
        walk(data, form)
    except (Truncated, Malformed):
        return False
    return True


def test_an_error_says_the_place_and_no_value() -> None:
    data = encode([El(0x00100010, "PN", "Secretname^Jane", lie=2)])

    with pytest.raises(Truncated) as refused:
        walk_element(data, 0, Form.EXPLICIT_LE)

    assert str(refused.value) == "(0010,0010) at byte 0: needs 18 bytes, 16 are left"
