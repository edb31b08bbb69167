"""Mappings are read as documented and come out byte for byte."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomveil.errors import DicomveilError, MappingError, Unreadable
from dicomveil.mapping.fields import Field
from dicomveil.mapping.mapping_file import load_mapping, parse_mapping

DOCUMENTED = (Path(__file__).parent / "documented" / "mapping.csv").read_bytes()
MESSY = (
    "\ufeffsome text above is ignored\r\n"
    '## description ##;;\r\nA "first" line\r\n\r\n  a third, with ; and ,\r\n'
    "## OPTIONS ##;;\r\n# a remark\r\nproject;a, b;;\r\n"
    'destination_path;"\\\\server\\share$\\";\r\nPims_Key ;  4567\r\n\r\n'
    "## Mapping ##\r\n;;;\r\nsource;Patient_ID;description;;\r\n"
    "# accession_number:9;old row\r\n"
    'accession_number:0012;001;"two\r\nlines; with "" quotes";\r\n   ;  ;\r\n'
    'folder:a/b;  002  ;"x" ;;'
).encode()


def test_the_documented_mapping_is_read_as_the_documentation_says() -> None:
    mapping = parse_mapping(DOCUMENTED, "anon_mapping.csv")

    assert mapping.description == "Mapping created February 12 2020"
    assert mapping.option(Field.ROOT_SOURCE_PATH) == r"\\server\share2\data"
    assert mapping.option(Field.PROJECT) == "Wetenschap-Algemeen"
    assert mapping.option(Field.DESTINATION_PATH) == r"\\server\share\folder"
    assert [list(row.cells.values()) for row in mapping.rows] == [
        ["folder:example/folder1", "001", "Patient1", "All files from folder1"],
        ["study_instance_uid:123.12178", "002", "Patient2", "A StudyInstanceUID from PACS"],
        ["accession_number:12345678.1234567", "003", "Patient3", "An AccessionNumber from PACS"],
        ["fileselection:a/fileselection.txt", "004", "Patient4", "A selection of files in a"],
    ]


def test_a_mapping_full_of_excel_marks_is_read() -> None:
    mapping = parse_mapping(MESSY, "m.csv")

    assert mapping.description == 'A "first" line\r\n\r\n  a third, with ; and ,'
    assert mapping.option(Field.PROJECT) == "a, b"
    assert mapping.option(Field.DESTINATION_PATH) == "\\\\server\\share$\\"
    assert mapping.option(Field.PIMS_KEY) == "4567"
    assert [row.cells[Field.SOURCE] for row in mapping.rows] == [
        "accession_number:0012",
        "folder:a/b",
    ]
    assert mapping.rows[0].cells[Field.DESCRIPTION] == 'two\r\nlines; with " quotes'
    assert mapping.rows[1].cells[Field.PSEUDO_ID] == "002"
    assert mapping.rows[1].line == 19


@pytest.mark.parametrize(
    "contents",
    [
        DOCUMENTED,
        MESSY,
        DOCUMENTED.replace(b"\n", b"\r\n"),
        DOCUMENTED.replace(b",", b";"),
        DOCUMENTED.replace(b"All files", "Größe €".encode("cp1252")),
        DOCUMENTED.replace(b"All files", b"\x81\x8d latin"),
        DOCUMENTED.rstrip(b"\n"),
    ],
    ids=["documented", "messy", "crlf", "semicolon", "cp1252", "latin-1", "no last newline"],
)
def test_an_unchanged_mapping_is_saved_byte_for_byte(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "anon_mapping.csv"
    path.write_bytes(contents)

    load_mapping(path).save(path)

    assert path.read_bytes() == contents


def test_a_changed_mapping_keeps_every_line_that_was_not_changed() -> None:
    mapping = parse_mapping(MESSY, "m.csv")

    changed = mapping.with_rows([{Field.SOURCE: "folder:x", Field.PIMS_KEY: "a;b"}])
    changed = changed.with_option(Field.PROJECT, "new").with_option(Field.PSEUDO_NAME, "all")

    before, after = MESSY.decode().splitlines(), changed.contents().decode().splitlines()
    assert [line for line in before if line not in after] == [
        "project;a, b;;",
        "source;Patient_ID;description;;",
    ]
    assert [line for line in after if line not in before] == [
        "pseudo_name;all",
        "project;new",
        "source;Patient_ID;description;;;pims_key",
        'folder:x;;;;;"a;b"',
    ]
    assert changed.rows[-1].cells[Field.PIMS_KEY] == "a;b"
    assert changed.option(Field.PSEUDO_NAME) == "all"


def test_rows_are_added_to_a_mapping_that_has_no_table_yet() -> None:
    empty = parse_mapping(b"## Description ##\n## Options ##\n## Mapping ##", "m.csv")

    filled = empty.with_rows([{Field.SOURCE: "folder:a", Field.PSEUDO_ID: "1"}])

    assert filled.contents().endswith(b"## Mapping ##\nsource,pseudo_id\nfolder:a,1\n")


def test_a_letter_that_the_files_encoding_lacks_is_refused_when_a_row_is_added() -> None:
    latin = parse_mapping(DOCUMENTED.replace(b"All files", b"Gr\xf6\xdfe"), "m.csv")

    with pytest.raises(Unreadable, match="save the file as UTF-8"):
        latin.with_rows([{Field.SOURCE: "folder:Ж"}])


def mapping_with(options: str = "", rows: str = "source,pseudo_id\n") -> bytes:
    return f"## Description ##\n## Options ##\n{options}## Mapping ##\n{rows}".encode()


WRONG = [
    (b"## Options ##\n## Mapping ##\n", '"## Description ##" is missing'),
    (b"## Description ##\n## Mapping ##\n", '"## Options ##" is missing'),
    (b"## Description ##\n## Options ##\n", '"## Mapping ##" is missing'),
    (b"", '"## Description ##" is missing'),
    (b"## Options ##\n## Description ##\n## Mapping ##\n", "order"),
    (b"## Description ##\n## Options ##\n## Options ##\n## Mapping ##\n", "second line"),
    (mapping_with("projectt,secret\n"), "did you mean project"),
    (mapping_with("just some secret\n"), "line 3"),
    (mapping_with("accession_number:secret,1\n"), "line 3"),
    (mapping_with("project,a\nproject,b\n"), "second line for project"),
    (mapping_with(rows="source,pseudo_nmae\n"), "did you mean pseudo_name"),
    (mapping_with(rows="source,patient_id,pseudo_id\n"), "two columns"),
    (mapping_with(rows="source\nfolder:secret,secret\n"), "without a column header"),
    (mapping_with(rows='source,description\nfolder:a,"secret\n'), "never closed"),
    (mapping_with(rows="source\n" + "secret" * 30_000 + "\n"), "cannot be read as cells"),
]


@pytest.mark.parametrize(("contents", "problem"), WRONG)
def test_a_mapping_that_is_wrong_is_refused_saying_where_and_never_what(
    contents: bytes, problem: str
) -> None:
    with pytest.raises(MappingError) as refusal:
        parse_mapping(contents, "m.csv")

    message = str(refusal.value)
    assert problem in message
    assert message.startswith("m.csv")
    assert "secret" not in message


def outcome_of(contents: bytes) -> str:
    try:
        parse_mapping(contents, "m.csv")
    except DicomveilError:
        return "refused"
    return "read"


def test_every_cut_of_a_mapping_is_read_or_refused_and_never_crashes() -> None:
    outcomes = {outcome_of(MESSY[:cut]) for cut in range(len(MESSY))}

    assert outcomes == {"read", "refused"}


@given(st.binary(max_size=300), st.randoms(use_true_random=False))
def test_damaged_bytes_are_refused_or_come_out_as_they_went_in(
    noise: bytes, where: random.Random
) -> None:
    at = where.randrange(len(MESSY))
    contents = MESSY[:at] + noise + MESSY[at:]

    try:
        mapping = parse_mapping(contents, "m.csv")
    except DicomveilError:
        return

    assert mapping.contents() == contents


def test_a_mapping_of_100_000_rows_is_read() -> None:
    rows = "".join(f"accession_number:{number},{number}\n" for number in range(100_000))

    mapping = parse_mapping(mapping_with(rows="source,pseudo_id\n" + rows), "m.csv")

    assert len(mapping.rows) == 100_000
    assert mapping.rows[-1].number == 100_000
