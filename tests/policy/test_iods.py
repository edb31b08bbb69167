"""How strictly an IOD asks for an attribute, by the modules of the object and the place."""

import pytest

from dicomveil.policy.iods import Type, Types, iod

STORAGE = "1.2.840.10008.5.1.4.1.1"
CT = f"{STORAGE}.2"
ENHANCED_MR = f"{STORAGE}.4.1"
COMPREHENSIVE_SR = f"{STORAGE}.88.33"
WAVEFORM_PRESENTATION = f"{STORAGE}.9.100.1"

SHARED, PER_FRAME = 0x52009229, 0x52009230
CONTENT = 0x0040A730
NOTHING: frozenset[int] = frozenset()


def types(sop_class: str, present: frozenset[int] = NOTHING) -> Types:
    found = iod(sop_class)
    assert found is not None
    return found.types(present)


@pytest.mark.parametrize(
    ("tag", "type_"),
    [
        pytest.param(0x00080018, Type.ONE, id="SOP Instance UID"),
        pytest.param(0x00100010, Type.TWO, id="Patient's Name"),
        pytest.param(0x00080080, Type.THREE, id="Institution Name"),
        pytest.param(0x00080023, Type.TWO_C, id="Content Date"),
        pytest.param(0x00080005, Type.ONE_C, id="Specific Character Set"),
        pytest.param(0x00181000, Type.THREE, id="Device Serial Number"),
        pytest.param(0x0040A124, Type.ABSENT, id="UID of a content item"),
        pytest.param(0x00091010, Type.ABSENT, id="private"),
    ],
)
def test_an_attribute_of_a_ct_image_has_the_type_of_its_module(tag: int, type_: Type) -> None:
    assert types(CT).at((), tag) is type_


@pytest.mark.parametrize(
    ("path", "tag", "type_"),
    [
        pytest.param((0x00081140,), 0x00081155, Type.ONE, id="referenced image"),
        pytest.param((0x00400275, 0x00321064), 0x00080100, Type.ONE_C, id="code in a request"),
        pytest.param((0x00400275,), 0x00080050, Type.THREE, id="accession number of a request"),
        pytest.param((0x00081140,), 0x00100010, Type.ABSENT, id="a name in a reference"),
        pytest.param((0x00091010,), 0x00081155, Type.ABSENT, id="in a private sequence"),
    ],
)
def test_the_same_attribute_has_another_type_at_another_path(
    path: tuple[int, ...], tag: int, type_: Type
) -> None:
    assert types(CT).at(path, tag) is type_


def test_the_strictest_of_the_modules_that_count_wins() -> None:
    """Manufacturer: Type 2 in General Equipment, 1 in Enhanced General Equipment."""
    assert types(CT).at((), 0x00080070) is Type.TWO
    assert types(ENHANCED_MR).at((), 0x00080070) is Type.ONE


def test_an_optional_module_counts_when_an_attribute_of_type_1_is_present() -> None:
    sponsor, protocol_name = 0x00120010, 0x00120021

    assert types(CT).at((), protocol_name) is Type.THREE
    assert types(CT, frozenset({protocol_name})).at((), protocol_name) is Type.THREE
    assert types(CT, frozenset({sponsor})).at((), protocol_name) is Type.TWO


def test_a_module_without_attributes_of_type_1_counts_when_any_of_its_own_is_present() -> None:
    """Contrast/Bolus has one attribute of Type 2, and all others of Type 3."""
    agent, route = 0x00180010, 0x00181040

    assert types(CT).at((), agent) is Type.THREE
    assert types(CT, frozenset({route})).at((), agent) is Type.TWO


def test_inside_a_sequence_that_is_there_the_types_of_its_items_hold() -> None:
    device = 0x00500010

    assert types(CT).at((), device) is Type.THREE
    assert types(CT).at((device,), 0x00080100) is Type.ONE_C


@pytest.mark.parametrize("sequence", [0x00081140, 0x00082112])
def test_references_are_required_where_the_object_lists_what_it_refers_to(sequence: int) -> None:
    listing = 0x00081115

    assert types(CT, frozenset({sequence})).at((), sequence) is Type.THREE
    assert types(CT, frozenset({sequence, listing})).at((), sequence) is Type.ONE_C


@pytest.mark.parametrize("group", [0x6000, 0x6002, 0x601E])
def test_every_repeating_overlay_shows_its_module_and_has_its_types(group: int) -> None:
    rows, label = group << 16 | 0x0010, group << 16 | 0x1500

    assert types(CT).at((), rows) is Type.THREE
    assert types(CT, frozenset({rows})).at((), rows) is Type.ONE
    assert types(CT, frozenset({rows})).at((), label) is Type.THREE


@pytest.mark.parametrize("around", [SHARED, PER_FRAME])
def test_macros_of_functional_groups_are_found_in_both_of_their_sequences(around: int) -> None:
    present = frozenset({SHARED, PER_FRAME})

    frame = types(ENHANCED_MR, present).at((around, 0x00209111), 0x00189074)

    assert frame is Type.ONE_C  # Frame Acquisition DateTime


@pytest.mark.parametrize("depth", [1, 2, 7])
def test_a_content_item_has_the_same_types_at_every_depth(depth: int) -> None:
    path = (CONTENT,) * depth
    found = types(COMPREHENSIVE_SR)

    assert found.at(path, CONTENT) is Type.ONE_C
    assert found.at(path, 0x0040A010) is Type.ONE  # Relationship Type
    assert found.at((*path, 0x0040A043), 0x00080104) is Type.ONE


@pytest.mark.parametrize(
    "sop_class",
    [
        pytest.param("1.2.840.113619.4.2", id="private"),
        pytest.param("1.2.840.10008.5.1.4.1.1.6", id="retired"),
        pytest.param("", id="none"),
    ],
)
def test_a_sop_class_that_the_table_does_not_have_has_no_iod(sop_class: str) -> None:
    assert iod(sop_class) is None


def test_what_may_be_of_a_module_that_the_table_lacks_is_not_known() -> None:
    found = types(WAVEFORM_PRESENTATION)

    assert found.at((), 0x00080018) is Type.ONE
    assert found.at((), 0x0040B020) is None


def test_what_is_required_somewhere_is_known_at_once() -> None:
    required = types(CT).required

    assert 0x00100010 in required
    assert 0x00081155 in required  # of Type 1, and only in sequences
    assert 0x00081010 not in required  # Station Name


def test_types_are_remembered_for_each_set_of_modules() -> None:
    ct = iod(CT)
    assert ct is not None

    assert ct.types(NOTHING) is ct.types(frozenset({0x00080080}))
    assert ct.types(NOTHING) is not ct.types(frozenset({0x00120010}))


@pytest.mark.parametrize("type_", Type)
def test_types_1_and_1c_need_a_value(type_: Type) -> None:
    assert type_.needs_value is type_.value.startswith("1")
