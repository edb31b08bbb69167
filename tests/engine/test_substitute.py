"""A substitution changes what it names and nothing else, whatever the file is."""

import contextlib
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from dicomveil.dicom.dictionary import keyword_of
from dicomveil.dicom.fitting import Fit
from dicomveil.dicom.splice import joined
from dicomveil.engine.original import BytesOriginal
from dicomveil.engine.preview import previewed
from dicomveil.engine.substitute import Choices, Substituter
from dicomveil.errors import InvalidDicom, Refused
from dicomveil.policy.substitution import Private, substitution
from dicomveil.policy.templates import parsed
from tests.builders import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, El, Item, part10
from tests.real import name, real_files

README = {
    "PatientName": "%_name|patientID_PatientName",
    "PatientID": "%_md5|7_PatientID",
    "AccessionNumber": "%_md5|8_AccessionNumber",
    "PatientBirthDate": "%_strmsk|******01_PatientBirthDate",
    "re:.*hysician": "%_md5|4_#tag",
    "re:.*stitution": "#tag",
    "re:.*ddress": "#tag",
}
ELEMENTS = (
    El(0x00080005, "CS", "ISO_IR 100"),
    El(0x00080008, "CS", "ORIGINAL\\PRIMARY"),
    El(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"),
    El(0x00080018, "UI", "1.2.3.4"),
    El(0x00080020, "DA", "20040119"),
    El(0x00080070, "LO", "GE"),
    El(0x00080096, "SQ", [Item((El(0x00080080, "LO", "St Elsewhere"),))]),
    El(0x00081050, "PN", "Grey^Meredith\\Yang^Cristina"),
    El(0x00090010, "LO", "GEMS_IDEN_01"),
    El(0x00091001, "LO", "inside"),
    El(0x00100000, "UL", (54,)),
    El(0x00100010, "PN", "Müller^Änne".encode("latin-1")),
    El(0x00100020, "LO", "1CT1"),
    El(0x00101000, "LO", "a\\b"),
    El(0x00200013, "IS", "7"),
    El(0x00280010, "US", (16,)),
    El(0x00400275, "SQ", [Item((El(0x00400009, "SH", "STEP"),)), Item(())]),
)


def file(syntax: str = EXPLICIT) -> bytes:
    """A file of ELEMENTS."""
    return part10(ELEMENTS, syntax)


def substituted(
    data: bytes,
    structure: dict[str, str],
    *,
    private: Private = Private.KEEP,
    fit: Fit = Fit.REFUSE,
) -> bytes:
    """The file with its values substituted."""
    compiled = substitution(structure, private=private)
    substituter = Substituter(compiled, key=b"k" * 32, choices=Choices(fit))
    return joined(data, substituter.clean(BytesOriginal(data)).segments)


def read(data: bytes) -> Dataset:
    """The file as pydicom reads it."""
    return dcmread(BytesIO(data), force=True)


@pytest.mark.parametrize("path", real_files(), ids=name)
def test_without_a_structure_every_byte_stays(path: Path) -> None:
    data = path.read_bytes()

    with contextlib.suppress(InvalidDicom):
        assert substituted(data, {}) == data


@pytest.mark.parametrize("path", real_files(), ids=name)
def test_the_skimmed_and_the_walked_road_write_the_same(path: Path) -> None:
    """A key in items makes the substituter walk the whole file; this one is in no file."""
    data = path.read_bytes()
    walks = README | {"(0001,[NOBODY]01)": "x"}

    with contextlib.suppress(InvalidDicom, Refused):
        assert substituted(data, README) == substituted(data, walks)


def test_files_in_turn_come_out_as_each_by_itself() -> None:
    """What is remembered of one file never shows in another."""
    files = [path.read_bytes() for path in real_files() if path.stat().st_size < 1 << 16]
    substituter = Substituter(substitution(README))

    for data in [one for pair in pairwise(files) for one in (*pair, *pair)]:
        try:
            alone = substituted(data, README)
        except (InvalidDicom, Refused):
            continue
        assert joined(data, substituter.clean(BytesOriginal(data)).segments) == alone


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED])
def test_the_structure_of_the_manual_works_in_every_form(syntax: str) -> None:
    after = read(substituted(file(syntax), README))

    assert str(after.PatientName) == "BROWN^STACY^ANON"
    assert after.PatientID == "6609f5d"
    assert "AccessionNumber" not in after
    assert len(after.ReferringPhysicianIdentificationSequence) == 0
    assert list(map(str, after.PerformingPhysicianName)) == ["a481", "fddb"]


@pytest.mark.parametrize(
    ("structure", "keyword", "value"),
    [
        pytest.param({"PatientBirthName": "fix"}, "PatientBirthName", "fix", id="added"),
        pytest.param({"PatientID": ""}, "PatientID", "", id="emptied"),
        pytest.param({"PatientID": "%AccessionNumber"}, "PatientID", "", id="absent source"),
        pytest.param({"StudyID": "%AccessionNumber"}, "StudyID", None, id="absent both"),
        pytest.param({"StudyID": "x%AccessionNumber"}, "StudyID", None, id="absent and text"),
        pytest.param({"PatientID": "%InstanceNumber/%Rows"}, "PatientID", "7/16", id="numbers"),
        pytest.param({"StudyID": "%ImageType"}, "StudyID", "['ORIGINAL', 'PRIMARY']", id="several"),
        pytest.param(
            {"PatientComments": "%_strmsk|*_ImageType"}, "PatientComments", "O\\P", id="each masked"
        ),
        pytest.param({"StudyDescription": "%PatientName"}, "StudyDescription", "Müller^Änne"),
        pytest.param({"StudyID": "%_nospc|-_md5|4_Manufacturer"}, "StudyID", "f803", id="chained"),
        pytest.param({"Rows": "128"}, "Rows", "128", id="binary number"),
        pytest.param({"InstanceNumber": "12"}, "InstanceNumber", "12", id="number"),
        pytest.param({"StudyID": "%ReferringPhysicianIdentificationSequence"}, "StudyID", "St Els"),
        pytest.param({"StudyID": "%_hmac|5_PatientID"}, "StudyID", "3423f", id="hmac"),
        pytest.param({"(0010,0020)": "%PatientID!"}, "PatientID", "1CT1!", id="by its tag"),
    ],
)
def test_a_value_is_written(structure: dict[str, str], keyword: str, value: str | None) -> None:
    after = read(substituted(file(), structure, fit=Fit.CUT))

    found = after.get(keyword)
    assert (None if found is None else str(found)[: len(value or "")]) == value
    assert value is None or len(str(found)) >= len(value)


@pytest.mark.parametrize(
    ("structure", "code", "cut"),
    [
        ({"StudyID": "x" * 17}, "result-long", "x" * 16),
        ({"Modality": "ct!"}, "result-characters", "CT"),
        ({"PatientName": "山田"}, "result-characters", "??"),
        ({"StudyDate": "2004-1-1"}, "result-form", None),
        ({"InstanceNumber": "seven"}, "result-form", None),
        ({"Rows": "70000"}, "result-long", None),
        ({"StudyInstanceUID": "%_md5_PatientID"}, "result-form", None),
    ],
)
def test_what_does_not_fit_is_refused_or_cut(
    structure: dict[str, str], code: str, cut: str | None
) -> None:
    with pytest.raises(Refused) as refused:
        substituted(file(), structure)
    assert refused.value.code == code
    assert refused.value.path

    if cut is not None:
        after = read(substituted(file(), structure, fit=Fit.CUT))
        assert str(after[next(iter(structure))].value) == cut


def test_a_new_instance_uid_is_in_the_file_meta_too() -> None:
    after = read(substituted(file(), {"SOPInstanceUID": "1.2.3.4.5.6.77"}))

    assert after.file_meta.MediaStorageSOPInstanceUID == "1.2.3.4.5.6.77"
    assert after.SOPInstanceUID == "1.2.3.4.5.6.77"


def test_the_length_of_a_group_follows_what_is_written_in_it() -> None:
    after = read(substituted(file(), {"PatientID": "longer than it was"}))

    assert after[0x00100000].value == 54 + 14


def test_an_element_of_every_item_is_reached_and_added() -> None:
    key = "RequestAttributesSequence > ScheduledProcedureStepID"

    after = read(substituted(file(), {key: "%_md5|4_PatientID"}))

    steps = [item.ScheduledProcedureStepID for item in after.RequestAttributesSequence]
    assert steps == ["6609", "6609"]


def test_one_item_alone_is_reached_by_its_number() -> None:
    key = "(0040,0275)[0] > (0040,0009)"

    after = read(substituted(file(), {key: "%#tag-2"}))

    first, second = after.RequestAttributesSequence
    assert first.ScheduledProcedureStepID == "STEP-2"
    assert "ScheduledProcedureStepID" not in second


def test_a_private_element_is_reached_by_its_creator_and_never_added() -> None:
    structure = {"(0009,[GEMS_IDEN_01]01)": "out", "(0009,[GEMS_IDEN_01]02)": "no"}

    after = read(substituted(file(), structure))

    assert after[0x00091001].value == "out"
    assert 0x00091002 not in after


def test_private_elements_are_removed_and_the_rest_stays() -> None:
    after = read(substituted(file(), {}, private=Private.REMOVE))

    assert [element.tag for element in after if element.tag.is_private] == []
    assert after.PatientID == "1CT1"


def test_all_look_ups_are_of_original_values() -> None:
    after = read(substituted(file(), {"PatientID": "NEW", "StudyID": "%PatientID"}))

    assert (after.PatientID, after.StudyID) == ("NEW", "1CT1")


def test_a_preview_shows_before_and_after() -> None:
    structure = {"PatientID": "%_md5|4_PatientID", "StudyID": "new"}

    shown = previewed(Substituter(substitution(structure)), BytesOriginal(file()))

    assert [(one.keyword, one.action, one.before, one.after) for one in shown] == [
        ("PatientID", "md5", "1CT1", "6609"),
        ("StudyID", "text", None, "new"),
    ]


def test_a_report_says_places_and_functions_and_no_value() -> None:
    cleaned = Substituter(substitution(README)).clean(BytesOriginal(file()))

    assert cleaned.report is not None
    assert {(change.path, change.action) for change in cleaned.report.changes} >= {
        ("(0010,0010)", "name"),
        ("(0010,0020)", "md5"),
        ("(0008,0096)", "emptied"),
    }
    assert "1CT1" not in repr(cleaned.report)


@pytest.mark.parametrize(
    ("element", "text"),
    [
        pytest.param(El(0x00189074, "DT", "2004"), "2004", id="text"),
        pytest.param(El(0x00089459, "FL", (0.5,)), "0.5", id="float"),
        pytest.param(El(0x00280009, "AT", b"\x10\0\x20\0"), "(0010,0020)", id="tag"),
        pytest.param(El(0x00282000, "OB", b"\1\2"), "0102", id="binary"),
        pytest.param(El(0x00280010, "US", b""), "", id="no number"),
        pytest.param(El(0x00104000, "LT", "a\\b "), "a\\b", id="one value alone"),
        pytest.param(El(0x00100010, "PN", "A^B=="), "A^B", id="empty groups"),
        pytest.param(El(0x00100010, "PN", b"M\xfcller"), "Müller", id="an unsaid character set"),
    ],
)
def test_a_source_is_read_whatever_its_vr(element: El, text: str) -> None:
    data = part10((El(0x00080018, "UI", "1.2"), element))
    template = parsed(f"%{keyword_of(element.tag)}")
    substituter = Substituter(substitution({}), choices=Choices(stem=template))

    assert substituter.clean(BytesOriginal(data)).stem == text


def test_a_name_without_its_seed_is_seeded_by_the_value_it_replaces() -> None:
    """So two files of one patient have one name, whatever they lack."""
    structure = {"PatientName": "%_name|accessionNumber_PatientName"}

    assert substituted(file(), structure) == substituted(
        file(), {"PatientName": "%_name_PatientName"}
    )


def test_a_character_set_that_is_unknown_is_no_reason_to_guess() -> None:
    data = part10((El(0x00080005, "CS", "NONE"), El(0x00080018, "UI", "1.2")))

    with pytest.raises(Refused) as refused:
        substituted(data, {"PatientName": "new"})

    assert refused.value.code == "result-characters"
