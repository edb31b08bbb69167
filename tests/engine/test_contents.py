"""Content items of reports: what stays is a whole tree, and says nobody's name in its codes."""

import io
from pathlib import Path
from struct import pack

import pydicom
import pydicom.data
import pytest
from pydicom.dataset import Dataset

from dicomveil.dicom.splice import joined
from dicomveil.engine.cleaner import Cleaner, Options, Verify
from dicomveil.policy.options import Option
from dicomveil.policy.profile import load_profile
from tests.builders import KEY, El, Item, beginning, part10
from tests.engine.roads import slice_of

REPORTS = ["test-SR.dcm", "reportsi.dcm", "reportsi_with_empty_number_tags.dcm"]
CONTENT, RELATION, VALUE_TYPE = 0x0040A730, 0x0040A010, 0x0040A040
NAME, TEXT = 0x0040A043, 0x0040A160
REFERRED, GOES = 0x0040DB73, "110190"  # Issuer of Identifier, which goes
FOLDER = Path(pydicom.data.__file__).parent / "test_files"


def cleaned(data: bytes, *options: Option) -> Dataset:
    """The object as it leaves with Clean Structured Content and these options."""
    profile = load_profile("basic", [Option.CLEAN_CONTENT, *options])
    segments = Cleaner(profile, KEY).clean(beginning(data, len(data))).segments
    return pydicom.dcmread(io.BytesIO(joined(data, segments)))


def item(code: str, value_type: str, *more: El, scheme: str = "DCM", meaning: str = "") -> Item:
    """A content item of this concept."""
    concept = (
        El(0x00080100, "SH", code),
        El(0x00080102, "SH", scheme),
        El(0x00080104, "LO", meaning),
    )
    plain = (
        El(RELATION, "CS", "CONTAINS"),
        El(VALUE_TYPE, "CS", value_type),
        El(NAME, "SQ", [Item(concept)]),
    )
    return Item((*plain, *more))


def reference(*path: int) -> Item:
    """An item that is a reference to another one."""
    numbers = pack(f"<{len(path)}I", *path)
    return Item((El(RELATION, "CS", "INFERRED FROM"), El(REFERRED, "UL", numbers)))


def tree(*items: Item) -> bytes:
    """A file with these content items."""
    return part10(slice_of(1, El(CONTENT, "SQ", list(items))))


TEXT_ITEM = item("121071", "TEXT", El(TEXT, "UT", "small mass"))


@pytest.mark.parametrize("file", REPORTS)
def test_the_tree_of_a_real_report_stays_whole(file: str) -> None:
    """Each relation, value type, concept and reference of the original is there, in order."""
    path = FOLDER / file
    told = [0x0040A010, 0x0040A040, 0x0040DB73, 0x00080100, 0x00080102, 0x00080104]

    after = cleaned(path.read_bytes())

    def said(report: Dataset) -> list[tuple[int, str]]:
        inside = report[CONTENT].value
        return [(e.tag, str(e.value)) for one in inside for e in one.iterall() if e.tag in told]

    assert said(after) == said(pydicom.dcmread(path))


@pytest.mark.parametrize("file", REPORTS)
def test_no_sequence_of_a_real_report_is_left_without_items(file: str) -> None:
    trees = [e for e in cleaned((FOLDER / file).read_bytes()).iterall() if e.tag == CONTENT]

    assert trees
    assert all(len(e.value) for e in trees)


def test_texts_of_a_real_report_stay_with_clean_descriptors() -> None:
    data = (FOLDER / "test-SR.dcm").read_bytes()
    texts = {
        str(e.value) for e in cleaned(data, Option.CLEAN_DESCRIPTORS).iterall() if e.tag == TEXT
    }

    assert {"A mass of", "was detected.", "Sample Text 2"} <= texts


@pytest.mark.parametrize(
    ("items", "path", "stays"),
    [
        pytest.param([TEXT_ITEM, TEXT_ITEM], [1, 2], True, id="nothing before it goes"),
        pytest.param([item(GOES, "TEXT"), TEXT_ITEM], [1, 2], False, id="one before it goes"),
        pytest.param([TEXT_ITEM, item(GOES, "TEXT")], [1, 2], False, id="it goes itself"),
        pytest.param([TEXT_ITEM, item(GOES, "TEXT")], [1, 1], True, id="one behind it goes"),
        pytest.param([TEXT_ITEM], [1], True, id="to the root"),
        pytest.param([TEXT_ITEM], [1, 3], False, id="to nothing"),
        pytest.param([TEXT_ITEM], [1, 0], False, id="to number 0"),
        pytest.param([TEXT_ITEM], [2, 1], False, id="not from the root"),
        pytest.param([TEXT_ITEM], [], False, id="empty"),
    ],
)
def test_a_reference_stays_where_it_still_says_the_same_item(
    items: list[Item], path: list[int], stays: bool
) -> None:
    found = cleaned(tree(*items, reference(*path))).iterall()

    assert any(e.tag == REFERRED for e in found) is stays


def test_a_sequence_of_which_all_items_go_goes() -> None:
    gone = item(GOES, "TEXT", El(TEXT, "UT", "Hospital"))
    within = item("121070", "CONTAINER", El(CONTENT, "SQ", [gone]))

    report = cleaned(tree(within, TEXT_ITEM))

    assert len(report[CONTENT].value) == 2
    assert CONTENT not in report[CONTENT].value[0]


@pytest.mark.parametrize(
    ("scheme", "left"),
    [("99ACME", "seen by"), ("", "seen by"), ("L", "seen by Secretname")],
    ids=["private", "unnamed", "public"],
)
def test_the_meaning_of_a_local_concept_is_cleaned_as_a_text(scheme: str, left: str) -> None:
    named = item("1", "NUM", scheme=scheme, meaning="seen by Secretname")
    profile = load_profile("basic", [Option.CLEAN_CONTENT])
    data = tree(named)
    options = Options(Verify.OFF)

    segments = Cleaner(profile, KEY, options=options).clean(beginning(data, len(data))).segments

    report = pydicom.dcmread(io.BytesIO(joined(data, segments)))
    assert report[CONTENT].value[0][NAME].value[0][0x00080104].value == left


@pytest.mark.parametrize(
    ("value_type", "element", "options"),
    [
        ("TEXT", El(TEXT, "UT", "Secretname"), [Option.CLEAN_DESCRIPTORS]),
        ("DATE", El(0x0040A121, "DA", "2020023x"), [Option.MODIFIED_DATES]),
        ("DATE", El(0x0040A121, "DA", "2020023x"), [Option.FULL_DATES]),
        ("UIDREF", El(0x0040A124, "UI", "1.02.3"), [Option.UIDS]),
    ],
    ids=["a text", "a moved date", "a true date", "a UID"],
)
def test_a_value_of_which_nothing_can_stay_is_a_dummy(
    value_type: str, element: El, options: list[Option]
) -> None:
    (left,) = cleaned(tree(item("1", value_type, element)), *options)[CONTENT].value

    assert left[element.tag].value
    assert left[element.tag].value != element.value
