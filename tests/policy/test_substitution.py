"""The substitution language: what keys and values mean, and which words refuse them."""

import pytest

from dicomveil.errors import StructureError
from dicomveil.policy.functions import applied
from dicomveil.policy.names import name_for
from dicomveil.policy.paths import Step, parse_path
from dicomveil.policy.structure import from_info, from_json
from dicomveil.policy.substitution import Keys, substitution
from dicomveil.policy.templates import (
    OWN,
    FakeName,
    Function,
    Hmac,
    Mask,
    Md5,
    NoSpace,
    Source,
    parsed,
)

ID, NAME, MAKER, MODEL = 0x00100020, 0x00100010, 0x00080070, 0x00081090


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("anon", ("anon",), id="text"),
        pytest.param("%PatientID", (Source(ID, ()),), id="a value"),
        pytest.param("a %PatientID.", ("a ", Source(ID, ()), "."), id="text around"),
        pytest.param("%_md5|7_PatientID", (Source(ID, (Md5(7),)),), id="md5"),
        pytest.param("%_md5_PatientID", (Source(ID, (Md5(None),)),), id="md5 whole"),
        pytest.param("%_md5|-3_PatientID", (Source(ID, (Md5(-3),)),), id="md5 from the end"),
        pytest.param("%_hmac|9_PatientID", (Source(ID, (Hmac(9),)),), id="hmac"),
        pytest.param("%_strmsk|**X_PatientID", (Source(ID, (Mask("**X"),)),), id="strmsk"),
        pytest.param("%_nospc|-_PatientID", (Source(ID, (NoSpace("-"),)),), id="nospc"),
        pytest.param("%_nospc_PatientID", (Source(ID, (NoSpace(""),)),), id="nospc bare"),
        pytest.param("%_name|patientID_PatientName", (Source(NAME, (FakeName(ID),)),), id="name"),
        pytest.param("%_name|PatientID_PatientName", (Source(NAME, (FakeName(ID),)),), id="seed"),
        pytest.param("%_name_PatientName", (Source(NAME, (FakeName(None),)),), id="no seed"),
        pytest.param(
            "%_nospc|-_md5|4_PatientID", (Source(ID, (NoSpace("-"), Md5(4))),), id="a chain"
        ),
        pytest.param("%ManufacturerModelName", (Source(MODEL, ()),), id="the longer keyword"),
        pytest.param("%ManufacturerX", (Source(MAKER, ()), "X"), id="a keyword, then text"),
        pytest.param(
            "%_md5|4_PatientID-%PatientID",
            (Source(ID, (Md5(4),)), "-", Source(ID, ())),
            id="the same tag twice",
        ),
        pytest.param("%PatientID-name-md5", (Source(ID, ()), "-name-md5"), id="functions in text"),
        pytest.param("100% sure", ("100% sure",), id="a percent sign"),
        pytest.param("100%%PatientID", ("100%", Source(ID, ())), id="a percent sign before a tag"),
        pytest.param("50%", ("50%",), id="a percent sign at the end"),
        pytest.param("%_done", ("%_done",), id="an underscore that calls nothing"),
        pytest.param("#tag", ("#tag",), id="#tag without a pattern"),
    ],
)
def test_a_value_says_text_and_sources(text: str, parts: tuple[object, ...]) -> None:
    assert parsed(text).parts == parts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("%_sha|4_PatientID", '"sha" is no function; there are hmac, md5, name, nospc, strmsk'),
        ("%_strmsk_PatientID", "strmsk takes a mask"),
        ("%_strmsk|_PatientID", "strmsk takes a mask"),
        ("%_md5|x_PatientID", "md5 takes a number of characters"),
        ("%_md5|_PatientID", "md5 takes a number of characters"),
        ("%_md5|4PatientID", "a function is written"),
        ("%_md5|4_PatientName2x%_md5|4_Nobody", '"Nobody" is no keyword'),
        ("%PatinetID", '"PatinetID" is no keyword of PS3.6; the nearest is PatientID'),
        ("%patientID", "PatientID is one"),
        ("%_name|patientIDs_PatientName", "the nearest is PatientID"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(text: str, words: str) -> None:
    with pytest.raises(StructureError) as refused:
        parsed(text)

    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("function", "text", "result"),
    [
        (Md5(7), "1CT1", "6609f5d"),
        (Md5(None), "", "d41d8cd98f00b204e9800998ecf8427e"),
        (Md5(0), "1CT1", ""),
        (Md5(99), "1CT1", "6609f5d815f5d6ea563b03921765e77c"),
        (Hmac(8), "1CT1", "3423f45f"),
        (Mask("******01"), "20040119", "20040101"),
        (Mask("**XXXXXX"), "1CT1", "1CXX"),
        (Mask("*"), "", ""),
        (NoSpace("-"), "Mortara Instrument, Inc.", "Mortara-Instrument-Inc"),
        (NoSpace("-"), "e+1", "e-1"),
        (NoSpace(""), "a b", "ab"),
    ],
)
def test_a_function_makes_its_text(function: Function, text: str, result: str) -> None:
    assert applied(function, text, b"", b"k" * 32) == result


@pytest.mark.parametrize(
    ("seed", "name"),
    [
        (b"1CT1", "BROWN^STACY^ANON"),
        (b"4MR1", "ANDERSON^DARLENE^ANON"),
        (b"8NM1", "ROGERS^VANESSA^ANON"),
        (b"id00001", "ROBERTSON^NICHOLAS^ANON"),
        (b"642341", "DUNLAP^LESLIE^ANON"),
        (b"", "FISHER^NORMA^ANON"),
    ],
)
def test_a_seed_gives_the_name_that_the_original_gave(seed: bytes, name: str) -> None:
    assert name_for(seed) == name


def test_a_pattern_hits_keywords_from_their_beginning() -> None:
    found = substitution({"re:Patient(Name|ID)$": "Q#tag", "re:atient": "never"})

    assert {tag: template.parts for tag, template in found.root.items()} == {
        NAME: ("QPatientName",),
        ID: ("QPatientID",),
    }


@pytest.mark.parametrize(
    "structure",
    [
        {"PatientID": "x", "re:PatientID$": "hit"},
        {"re:PatientID$": "hit", "PatientID": "x"},
        {"re:Patient.*": "x", "re:PatientID$": "hit"},
    ],
)
def test_a_pattern_comes_before_a_keyword_and_a_later_one_before_an_earlier(
    structure: dict[str, str],
) -> None:
    assert substitution(structure).root[ID].parts == ("hit",)


def test_what_holds_the_object_together_is_hit_by_no_pattern() -> None:
    found = substitution({"re:.*": ""}).root

    assert not {0x00080005, 0x00120062, 0x7FE00010, 0x00020010} & set(found)


@pytest.mark.parametrize(
    ("structure", "words"),
    [
        ({"PatientIDs": "x"}, 'key "PatientIDs": it is no keyword of PS3.6; the nearest is'),
        ({"patientID": "x"}, "PatientID is one"),
        ({"re:(": "x"}, "the regular expression is not one at character 1"),
        ({"re:Nobody": "%_sha_X"}, '"sha" is no function'),
        ({"PixelData": ""}, "pixel data is copied as it is"),
        ({"SpecificCharacterSet": "ISO_IR 192"}, "how every text"),
        ({"PatientIdentityRemoved": "YES"}, "substitution, not de-identification"),
        ({"TransferSyntaxUID": "1.2"}, "the file meta information follows"),
        ({"ReferencedStudySequence": "x"}, "it is a sequence: it can only be emptied"),
        ({"ICCProfile": "x"}, "it is binary data"),
        ({"(0009,[X": "x"}, "is no keyword"),
        ({"(0010,[X]10)": "x"}, "only private elements"),
    ],
)
def test_a_key_that_may_not_be_written_is_refused(structure: dict[str, str], words: str) -> None:
    with pytest.raises(StructureError) as refused:
        substitution(structure)

    assert words in str(refused.value)


def test_tags_and_paths_are_keys_only_where_they_are_asked_for() -> None:
    with pytest.raises(StructureError, match="--paths"):
        substitution({"(0010,0020)": "x"}, keys=Keys.OLD)

    assert substitution({"(0010,0020)": "x"}, keys=Keys.ALL).root[ID].parts == ("x",)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("00100020", (Step(ID),)),
        ("(0009,[GEMS_IDEN_01]01)", (Step(0x00090001, "GEMS_IDEN_01"),)),
        (
            "RequestAttributesSequence[1] > (0040,0009)",
            (Step(0x00400275, item=1), Step(0x00400009)),
        ),
    ],
)
def test_a_path_says_its_steps(key: str, path: tuple[Step, ...]) -> None:
    assert parse_path(key) == path


def test_a_path_may_take_the_value_of_its_own_element() -> None:
    (deep,) = substitution({"(0009,[GE]01)": "%_md5|4_#tag"}).deep

    assert deep.template.parts == (Source(OWN, (Md5(4),)),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"PatientID": "x"', "line 1, column 18"),
        ('{\n"PatientID" "x"}', "line 2, column 13"),
        ("", "line 1, column 1"),
        ('["PatientID"]', "no JSON object"),
        ('{"PatientID": null}', 'key "PatientID": its value is no text'),
        ('{"PatientID": {"a": 1}}', "its value is no text"),
        ("[" * 100000, "nested too deeply"),
    ],
)
def test_what_is_no_structure_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(StructureError) as refused:
        from_json(text)

    assert words in str(refused.value)


def test_numbers_and_lists_of_texts_are_values() -> None:
    assert from_json('{"SeriesNumber": 7, "SliceThickness": 3.50, "ImageType": ["A", "B"]}') == {
        "SeriesNumber": "7",
        "SliceThickness": "3.50",
        "ImageType": "A\\B",
    }


@pytest.mark.parametrize(
    ("text", "token", "split", "structure"),
    [
        ("A,b ++ C,d", "++", None, {"A": "b", "C": "d"}),
        ("A:b ++ re:.*x:d", "++", None, {"A": "b", "re:.*x": "d"}),
        ("re:.*x,d", "++", None, {"re:.*x": "d"}),
        ("A:b,C:d", ",", ":", {"A": "b", "C": "d"}),
        ("A = b ++ \n re:.*x = d ++", "++", "=", {"A": "b", "re:.*x": "d"}),
        ("A,b, c", "++", None, {"A": "b, c"}),
        ("re:.*x:%_md5|4_#tag", "++", ":", {"re:.*x": "%_md5|4_#tag"}),
    ],
)
def test_pairs_are_split(
    text: str, token: str, split: str | None, structure: dict[str, str]
) -> None:
    assert from_info(text, token, split) == structure


@pytest.mark.parametrize(
    ("text", "split", "words"),
    [
        ("A,b ++ C", None, 'pair 2 has no ":"'),
        ("A:b", ",", 'pair 1 has no ","'),
        (",b", None, "pair 1 has no key"),
        ("A,b", "", "cannot be empty"),
    ],
)
def test_a_malformed_pair_is_refused_by_its_number(
    text: str, split: str | None, words: str
) -> None:
    with pytest.raises(StructureError) as refused:
        from_info(text, "++", split)

    assert words in str(refused.value)
