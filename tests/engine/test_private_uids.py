"""UIDs in private texts become those of the objects they mean; the text around them stays."""

import io

import pydicom
import pytest

from dicomveil.dicom.splice import joined
from dicomveil.engine.cleaner import Cleaner
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.policy.profile import load_profile
from tests.builders import EXPLICIT, IMPLICIT, KEY, El, Item, beginning, part10
from tests.engine.roads import roads_of, series, slice_of

STUDY, OTHER, SHORT = "1.2.3.4.5", "1.2.840.113619.2.55.3.604688119.971", "1.2.77"
CREATOR, PRIVATE = El(0x00430010, "LO", "GEMS_PARM_01"), 0x00431098
TCIA = load_profile("tcia")


def new(uid: str) -> str:
    """The UID in place of one, wherever it stands."""
    return Pseudonyms(KEY).uid(uid.encode()).decode()


def left_of(elements: list[El], tag: int, syntax: str = EXPLICIT) -> str | None:
    """What the archive's preset leaves of the element; None where it is gone."""
    data = part10(slice_of(1, *elements), syntax)
    segments = Cleaner(TCIA, KEY).clean(beginning(data, len(data))).segments
    report = pydicom.dcmread(io.BytesIO(joined(data, segments)))
    return str(report[tag].value) if tag in report else None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param(STUDY, new(STUDY), id="the study's own"),
        pytest.param(OTHER, new(OTHER), id="one of another object"),
        pytest.param(SHORT, new(SHORT), id="a short one as the whole value"),
        pytest.param("", "", id="nothing"),
        pytest.param(f"ref {OTHER}.", f"ref {new(OTHER)}.", id="at the end of a sentence"),
        pytest.param(f"uid={STUDY};x", f"uid={new(STUDY)};x", id="between marks"),
        pytest.param(f"Secretname {STUDY}", new(STUDY), id="beside the patient's name"),
        pytest.param("version 1.2", None, id="no UID"),
        pytest.param("none", None, id="a word"),
        pytest.param(f"as in {STUDY} and {OTHER}", None, id="no room for two"),
    ],
)
def test_each_uid_in_a_private_text_is_replaced(text: str, left: str | None) -> None:
    assert left_of([CREATOR, El(PRIVATE, "LO", text)], PRIVATE) == left


def test_a_text_that_arrives_as_unknown_is_read_as_the_table_says() -> None:
    assert left_of([CREATOR, El(PRIVATE, "UN", OTHER + " ")], PRIVATE) == new(OTHER)


def test_each_value_is_replaced_by_itself() -> None:
    left = left_of([CREATOR, El(PRIVATE, "LO", f"{STUDY}\\{SHORT}\\{OTHER}")], PRIVATE)

    assert left == str([new(STUDY), new(SHORT), new(OTHER)])


def test_the_reference_still_leads_to_its_object() -> None:
    frame = El(0x00200052, "UI", OTHER)

    assert left_of([frame, CREATOR, El(PRIVATE, "LO", OTHER)], PRIVATE) == left_of(
        [frame, CREATOR, El(PRIVATE, "LO", OTHER)], 0x00200052
    )


@pytest.mark.parametrize("vr", ["SH", "CS", "OB"])
def test_where_a_uid_has_no_room_or_is_bytes_the_element_goes(vr: str) -> None:
    assert left_of([CREATOR, El(PRIVATE, vr, SHORT)], PRIVATE) is None


def test_what_the_object_declares_as_a_uid_is_replaced_in_its_texts() -> None:
    action = (El(0x00080306, "US", (0x01,)), El(0x00080307, "CS", "U"))
    said = (
        El(0x00080301, "US", (0x0029,)),
        El(0x00080302, "LO", "ACME"),
        El(0x00080303, "CS", "MIXED"),
        El(0x00080305, "SQ", [Item(action)]),
    )
    declared = [El(0x00080300, "SQ", [Item(said)]), El(0x00290010, "LO", "ACME")]

    left = left_of([*declared, El(0x00291001, "LT", f"of {OTHER} and {STUDY}")], 0x00291001)

    assert left == f"of {new(OTHER)} and {new(STUDY)}"


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_both_roads_agree_on_uids_in_texts(syntax: str) -> None:
    texts = [f"{OTHER}.{n}" for n in range(6)] + [SHORT, "none", "", f"x {STUDY}", "1.2.3.4.5.6"]
    files = series([[CREATOR, El(PRIVATE, "LO", text)] for text in texts], syntax)

    roads = roads_of(files, profile=TCIA)

    assert roads.differences == []
