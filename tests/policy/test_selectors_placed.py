"""A placed selector speaks of elements by where they lie, whose they are and what holds."""

import pytest

from dicomveil.policy.recipe.selectors import read_selector
from dicomveil.policy.selectors_placed import Condition, Place, Placed
from dicomveil.policy.selectors_placed import Test as Asked

ITEM = ((0x00081110, ""),)  # Referenced Study Sequence
DEEPER = ((0x00400275, ""), *ITEM)
MODALITY = 0x00080060


def asked(test: Asked, *values: str) -> Condition:
    return Condition(MODALITY, test, values, f"Modality {test.name} {values}")


def placed(text: str, *conditions: Condition) -> Placed:
    return read_selector(text, 1)._replace(conditions=conditions)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        pytest.param(
            "ReferencedStudySequence/PatientID",
            Place(0x00100020, "LO", "", ITEM),
            Place(0x00100020, "LO"),
            id="a path is not the root",
        ),
        pytest.param(
            "ReferencedStudySequence/PatientID",
            Place(0x00100020, "LO", "", DEEPER),
            Place(0x00100020, "LO", "", ((0x00081110, ""), (0x00400275, ""))),
            id="a path is the nearest sequences",
        ),
        pytest.param(
            "/ReferencedStudySequence/PatientID",
            Place(0x00100020, "LO", "", ITEM),
            Place(0x00100020, "LO", "", DEEPER),
            id="a path from the root",
        ),
        pytest.param(
            "/PatientID",
            Place(0x00100020, "LO"),
            Place(0x00100020, "LO", "", ITEM),
            id="the root alone",
        ),
        pytest.param(
            "ReferencedStudySequence/*",
            Place(0x00080018, "UI", "", ITEM),
            Place(0x00080018, "UI"),
            id="every element of an item",
        ),
        pytest.param(
            '(0019,"ACME",0C)',
            Place(0x0019420C, "DS", "ACME"),
            Place(0x0019420C, "DS", "ACME2"),
            id="a private element by its creator, in any block",
        ),
        pytest.param(
            '(0019,"ACME",xx)',
            Place(0x00191055, "DS", "ACME"),
            Place(0x00190010, "LO", "ACME"),
            id="a block is not its creator",
        ),
        pytest.param(
            "vr:DA", Place(0x00080020, "DA"), Place(0x00080020, "LO"), id="a VR as it is written"
        ),
        pytest.param(
            "regex:Patient(Sex|Age)",
            Place(0x00100040, "CS"),
            Place(0x00100030, "DA"),
            id="keywords that match whole",
        ),
    ],
)
def test_a_selector_speaks_of_the_elements_that_it_says(
    text: str, inside: Place, outside: Place
) -> None:
    selector = placed(text)

    assert selector.matches(inside)
    assert not selector.matches(outside)


def test_specific_beats_general_by_tags_then_path_then_conditions() -> None:
    narrowest_first = [
        placed("/ReferencedStudySequence/PatientID"),
        placed("ReferencedStudySequence/PatientID"),
        placed("PatientID", asked(Asked.EQUALS, "ct"), asked(Asked.PRESENT)),
        placed("PatientID", asked(Asked.EQUALS, "ct")),
        placed("PatientID"),
        placed("regex:Patient(ID|Name)"),
        placed('(0019,"ACME",xx)'),
        placed("(0010,xxxx)"),
        placed("vr:LO"),
        placed("ReferencedStudySequence/*"),
    ]

    assert sorted(narrowest_first, key=lambda each: each.rank) == narrowest_first


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("PatientID", "(0010,0020)", id="one tag"),
        pytest.param("regex:Patient(Sex|Size)", "regex:Patient(Sex|Age)", id="expressions"),
        pytest.param("(60xx,0010)", "(6x0x,0010)", id="families"),
        pytest.param("*/PatientID", "ReferencedStudySequence/PatientID", id="any sequence"),
        pytest.param('(0019,"A",xx)', '(0019,"A",xx)', id="a block"),
    ],
)
def test_equally_specific_selectors_that_can_meet_tie(one: str, other: str) -> None:
    assert placed(one).ties(placed(other))
    assert placed(other).ties(placed(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(placed("PatientID"), placed("PatientName"), id="other tags"),
        pytest.param(
            placed("ReferencedStudySequence/PatientID"),
            placed("RequestAttributesSequence/PatientID"),
            id="other sequences",
        ),
        pytest.param(
            placed("/PatientID"), placed("ReferencedStudySequence/PatientID"), id="root and item"
        ),
        pytest.param(
            placed("PatientID", asked(Asked.EQUALS, "ct")),
            placed("PatientID", asked(Asked.EQUALS, "mr", "us")),
            id="values that exclude each other",
        ),
        pytest.param(
            placed("PatientID", asked(Asked.ABSENT)),
            placed("PatientID", asked(Asked.PRESENT)),
            id="absent and present",
        ),
        pytest.param(
            placed("PatientID", asked(Asked.EQUALS, "ct")),
            placed("PatientID", asked(Asked.NOT_EQUALS, "ct", "mr")),
            id="equal and not equal",
        ),
        pytest.param(
            placed('(0019,"A",0C)'), placed('(0019,"B",0C)'), id="other creators of one group"
        ),
        pytest.param(placed("vr:DA"), placed("vr:TM"), id="other VRs"),
    ],
)
def test_equally_specific_selectors_that_never_meet_are_no_tie(one: Placed, other: Placed) -> None:
    assert one.rank == other.rank
    assert not one.ties(other)
    assert not other.ties(one)


@pytest.mark.parametrize(
    ("test", "values", "holding", "failing"),
    [
        (Asked.EQUALS, ("ct",), ["CT "], ["CTA"]),
        (Asked.EQUALS, ("axial",), ["ORIGINAL", "Axial"], ["ORIGINAL"]),
        (Asked.NOT_EQUALS, ("ct",), None, ["CT"]),
        (Asked.STARTS, ("siemens",), ["SIEMENS Healthineers"], ["the SIEMENS"]),
        (Asked.CONTAINS, ("ge",), ["Image"], ["Philips"]),
        (Asked.PRESENT, (), [""], None),
        (Asked.ABSENT, (), None, [""]),
        (Asked.EMPTY, (), [" "], None),
        (Asked.EMPTY, (), [], ["x"]),
    ],
)
def test_a_condition_holds_of_the_values_that_it_says(
    test: Asked, values: tuple[str, ...], holding: list[str] | None, failing: list[str] | None
) -> None:
    condition = asked(test, *values)

    assert condition.holds(holding)
    assert not condition.holds(failing)
