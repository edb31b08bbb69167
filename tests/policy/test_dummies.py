"""Every dummy is legal where it stands, by the eyes of another library."""

from collections.abc import Iterator

import pytest
from pydicom.config import RAISE
from pydicom.valuerep import VALIDATORS, validate_value

from dicomveil.dicom.dictionary import vr_of
from dicomveil.dicom.forms import VRS
from dicomveil.dicom.tags import parse_tag
from dicomveil.policy import dummies, tables
from dicomveil.policy.compounds import Code, choose
from dicomveil.policy.dummies import DummyElement
from dicomveil.policy.standard import confidentiality_table

SIZES = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "UV": 8, "SV": 8, "FL": 4, "FD": 8, "AT": 4}
WORDS = {"OB": 2, "OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8, "UN": 2}


def replaced_sequences() -> list[int]:
    """The sequences of Table E.1-1 that action D leaves with one item."""
    return [
        row.selector.pattern
        for row in confidentiality_table().rows
        if choose(row.code, None) is Code.D and vr_of(row.selector.pattern) == "SQ"
    ]


def is_allowed(value: bytes, vr: str) -> bool:
    """Whether pydicom, which shares no code with ours, takes the value for one of the VR."""
    if vr in VALIDATORS and vr not in SIZES | WORDS:
        validate_value(vr, value.decode("ascii"), RAISE)
    return len(value) % SIZES.get(vr, WORDS.get(vr, 1)) == 0


def elements(item: dummies.Item) -> Iterator[DummyElement]:
    for element in item:
        yield element
        for inner in element.items:
            yield from elements(inner)


@pytest.mark.parametrize("vr", sorted(set(VRS.values()) - {"SQ", "UI"}))
def test_every_vr_has_a_dummy_that_it_allows(vr: str) -> None:
    value = dummies.value_for(vr)

    assert is_allowed(value, vr)
    assert len(value) == SIZES.get(vr, WORDS.get(vr, len(value))) > 0


@pytest.mark.parametrize("vr", ["SQ", "UI", "??"])
def test_what_has_no_constant_has_no_dummy(vr: str) -> None:
    with pytest.raises(KeyError):
        dummies.value_for(vr)


OWN = [(tag, vr) for tag, vr, *_ in tables.read_rows(dummies.BY_TAG)]


@pytest.mark.parametrize(("tag", "vr"), OWN)
def test_the_dummy_of_an_attribute_is_allowed_by_its_vr(tag: str, vr: str) -> None:
    value = dummies.value_at(parse_tag(tag), vr)

    assert vr_of(parse_tag(tag)) == vr
    assert all(
        is_allowed(part, vr) for part in (value.split(b"\\") if vr in ("CS", "IS") else [value])
    )
    assert value != dummies.value_for(vr)


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        pytest.param(0x00200032, "DS", b"0\\0\\0", id="3"),
        pytest.param(0x00280030, "DS", b"0\\0", id="2"),
        pytest.param(0x00700010, "FL", bytes(8), id="2 in binary"),
        pytest.param(0x00281050, "DS", b"0", id="1-n"),
        pytest.param(0x00091010, "LO", b"DEIDENTIFIED", id="not known"),
    ],
)
def test_the_dummy_of_a_vr_is_given_as_often_as_there_must_be_values(
    tag: int, vr: str, value: bytes
) -> None:
    assert dummies.value_at(tag, vr) == value


def test_an_attribute_in_another_vr_gets_the_dummy_of_that_vr() -> None:
    assert dummies.value_at(0x00080060, "LO") == dummies.value_for("LO")
    assert dummies.value_at(0x00080080, "LO") == dummies.value_for("LO")


def test_the_dummy_of_a_colour_profile_is_of_the_length_it_says() -> None:
    profile = dummies.value_at(0x00282000, "OB")

    assert int.from_bytes(profile[:4]) == len(profile)
    assert profile[12:20] == b"scnrRGB "  # PS3.3 C.11.15: an input device's


def test_an_address_leads_nowhere() -> None:
    assert dummies.value_for("UR").startswith(b"http://")
    assert dummies.value_for("UR").endswith(b".invalid/")  # RFC 6761 §6.4


def test_every_sequence_that_is_replaced_has_its_item() -> None:
    sequences = replaced_sequences()

    assert len(sequences) == 9
    assert [tag for tag in sequences if not dummies.has_item(tag)] == []


@pytest.mark.parametrize("tag", replaced_sequences(), ids=lambda tag: f"{tag:08X}")
def test_an_item_is_written_as_the_dictionary_says(tag: int) -> None:
    for element in elements(dummies.item_for(tag)):
        assert element.vr == vr_of(element.tag)


@pytest.mark.parametrize("tag", replaced_sequences(), ids=lambda tag: f"{tag:08X}")
def test_an_item_is_in_ascending_order_at_each_level(tag: int) -> None:
    items = [dummies.item_for(tag)]
    items += [inner for e in elements(items[0]) for inner in e.items]

    for item in items:
        tags = [element.tag for element in item]
        assert tags == sorted(set(tags))


@pytest.mark.parametrize("tag", replaced_sequences(), ids=lambda tag: f"{tag:08X}")
def test_the_values_of_an_item_are_legal(tag: int) -> None:
    for element in elements(dummies.item_for(tag)):
        assert is_allowed(element.value("little"), element.vr)
        assert element.items or element.text or element.vr == "SQ"


def test_numbers_of_an_item_follow_the_byte_order() -> None:
    channels = next(e for e in dummies.item_for(0x0040B020) if e.vr == "US")

    assert channels.value("little") == bytes.fromhex("0100 0000")
    assert channels.value("big") == bytes.fromhex("0001 0000")


def test_a_sequence_of_type_2_inside_an_item_has_no_items() -> None:
    code = next(e for e in dummies.item_for(0x0040A073) if e.tag == 0x0040A088)

    assert code.items == ()


def test_a_sequence_that_is_not_replaced_has_no_item() -> None:
    assert not dummies.has_item(0x00081140)
