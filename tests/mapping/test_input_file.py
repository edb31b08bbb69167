"""Input files in every form that people keep lists in."""

import io
import os
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from dicomveil.errors import BadRow, DicomveilError, MappingError, Unreadable
from dicomveil.mapping.columns import Column
from dicomveil.mapping.fields import Field
from dicomveil.mapping.input_file import read_input_file

DOCUMENTED = Path(__file__).parent / "documented"


def written(folder: Path, text: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def workbook(folder: Path, rows: Sequence[Sequence[object]], name: str = "list.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(folder / name)
    return folder / name


def sources(path: Path, wanted: Column | None = None) -> list[tuple[str, str | None]]:
    rows = read_input_file(path, wanted)
    return [(row.source.value, row.cells.get(Field.PSEUDO_NAME)) for row in rows]


@pytest.mark.parametrize("name", ["folders.txt", "folders_with_text.txt"])
def test_the_documented_lists_of_folders_say_the_same(name: str) -> None:
    assert sources(DOCUMENTED / name) == [
        ("folder1", "studyA"),
        ("folder2/st1", "studyB"),
        ("folder2/st2", "studyC"),
    ]


def test_the_documented_list_of_accession_numbers_is_read() -> None:
    assert sources(DOCUMENTED / "accession_numbers.txt")[0] == ("1234567.12345678", "studyA")


def test_a_true_xls_file_is_read() -> None:
    assert sources(DOCUMENTED / "accession_numbers.xls") == [
        ("0012345", "A"),
        ("1234567", "B"),
        ("1234567.5", "C"),
    ]


@pytest.mark.parametrize(
    "header",
    [
        "accession number",
        "Accession Number",
        "accession_number",
        "accession-number",
        "AccessionNumber",
        "acc nr",
        "Acc.Nr.",
    ],
)
def test_a_header_is_known_whatever_its_case_and_spaces(tmp_path: Path, header: str) -> None:
    assert sources(written(tmp_path, f"{header},pseudonym\n0012,A\n")) == [("0012", "A")]


@pytest.mark.parametrize("header", ["pseudoID", "pseudonym", "name"])
def test_a_pseudonym_fills_both_pseudonyms(tmp_path: Path, header: str) -> None:
    (row,) = read_input_file(written(tmp_path, f"folder;{header}\nf;A\n"))

    assert row.cells[Field.PSEUDO_NAME] == "A"
    assert row.cells[Field.PSEUDO_ID] == "A"


def test_a_pseudo_patient_id_is_kept_and_filled_where_it_is_empty(tmp_path: Path) -> None:
    text = "folder,pseudonym,Pseudo Patient ID,description\nf,A,1,x\ng,B,,y\n"

    rows = read_input_file(written(tmp_path, text))

    assert [row.cells[Field.PSEUDO_ID] for row in rows] == ["1", "B"]
    assert rows[0].cells[Field.DESCRIPTION] == "x"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "folder,pseudonym\nf 1,A\n"),
        ("a.csv", "folder;pseudonym\r\nf 1;A\r\n"),
        ("a.tsv", "folder\tpseudonym\nf 1\tA\n"),
        ("a.txt", "folder\tpseudonym\nf 1\tA\n"),
        ("a.txt", "folder   pseudonym\nf 1      A\n"),
        ("a.CSV", "\ufefffolder,pseudonym\nf 1,A\n"),
        ("a.csv", '"folder" , "pseudonym"\n"f 1","A"\n\n,,\n'),
        ("a.csv", 'a note: 5" disk, "open\n\n#,folder,pseudonym\n1,f 1,A\n'),
        ("a.csv", "folder,pseudonym,comment\nf 1,A\n"),
        ("a.csv", "pseudonym\nfolder,pseudonym\nf 1,A\n,,Total: 1\n"),
    ],
)
def test_a_text_is_read_with_any_delimiter(tmp_path: Path, name: str, text: str) -> None:
    assert sources(written(tmp_path, text, name)) == [("f 1", "A")]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_text_is_read_in_each_encoding(tmp_path: Path, codec: str) -> None:
    path = written(tmp_path, "folder,name\nGröße,A\n".encode(codec))

    assert sources(path) == [("Größe", "A")]


def test_cells_of_a_sheet_are_read_as_the_text_a_person_sees(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["A list", None])
    book.worksheets[0].append([None, "Accession Number", "name"])
    for value in ("0012", 12, 12, 1234567.5, 42.0):
        book.worksheets[0].append([None, value, "A"])
    book.worksheets[0]["B5"].number_format = "0000"
    book.save(tmp_path / "list.xlsx")

    found = [value for value, _ in sources(tmp_path / "list.xlsx")]

    assert found == ["0012", "12", "0012", "1234567.5", "42"]


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["folder"])
    book.worksheets[0].append(["hidden"])
    book.worksheets[0].sheet_state = "hidden"
    shown = book.create_sheet()
    shown.append(["folder"])
    shown.append(["shown"])
    book.save(tmp_path / "list.xlsx")

    assert sources(tmp_path / "list.xlsx") == [("shown", None)]


REFUSED_TEXTS = [
    ("folder,pseudonym\nf,\n", BadRow, 'row 2, column "pseudonym": the cell is empty'),
    ("folder,pseudonym\n,A\n", BadRow, 'row 2, column "folder": the cell is empty'),
    ("folder,pseudonym\nf\n", BadRow, 'row 2, column "pseudonym": the cell is empty'),
    ("folder,patient ID\nf,1\n", MappingError, '"pseudo patient ID" for the pseudonym'),
    ("Patient_ID,folder\nf,1\n", MappingError, '"original patient ID" for the number'),
    ("folder,map\nf,g\n", MappingError, "columns 1 and 2 have the same meaning"),
    ("folder,name,pseudonym\nf,a,b\n", MappingError, "columns 2 and 3"),
    ("a,b\n1,2\n", MappingError, "no row names a column with sources"),
    ("", MappingError, "no row names a column"),
    ("accession number,folder\n1,f\n", MappingError, '"accession number" and "folder"'),
    ("accession number\nsecret*\n", BadRow, 'row 2, column "accession number": * and ?'),
    ("accession number\n12345678901234567\n", BadRow, "more than 16 characters"),
    ("study instance uid\nsecret\n", BadRow, "not a UID"),
    ("folder\n../secret\n", BadRow, ".. is not accepted"),
    ("folder,name\nf,\x00\n", Unreadable, "no plain text"),
    ("\xff\xfef\x00o\x00".encode("latin-1"), Unreadable, "no plain text"),
    (b"\xef\xbb\xbffolder\n\xff\xff\n", Unreadable, "line 2: the file says it is UTF-8"),
]


@pytest.mark.parametrize(("text", "kind", "problem"), REFUSED_TEXTS)
def test_a_list_that_is_wrong_is_refused_saying_where(
    tmp_path: Path, text: str | bytes, kind: type[DicomveilError], problem: str
) -> None:
    with pytest.raises(kind) as refusal:
        read_input_file(written(tmp_path, text))

    assert problem in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert str(refusal.value).startswith("list.csv")


def test_the_column_that_is_wanted_must_be_there(tmp_path: Path) -> None:
    path = written(tmp_path, "folder\nf\n")

    with pytest.raises(MappingError, match="accepted names: accession number, acc nr"):
        read_input_file(path, Column.ACCESSION)


def test_of_two_source_columns_the_wanted_one_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "accession number,folder,name\n1,,A\n")

    assert sources(path, Column.ACCESSION) == [("1", "A")]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("=A1&1", "holds a formula"),
        (1234567890123456, "15 digits"),
        ("#N/A", "an Excel error"),
    ],
)
def test_a_cell_that_is_no_text_is_refused(tmp_path: Path, cell: object, problem: str) -> None:
    path = workbook(tmp_path, [["accession number"], [cell]])

    with pytest.raises(BadRow, match=problem):
        read_input_file(path)


def test_a_formula_in_an_ignored_column_is_no_matter(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["folder", "sum", "day"], ["f", "=1+1", date(2026, 1, 2)]])

    assert sources(path) == [("f", None)]


def test_a_sheet_that_would_unpack_to_a_gigabyte_is_refused_unread(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["folder"], ["f"]])
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path) as sound, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        for entry in sound.infolist():
            out.writestr(entry, sound.read(entry))
        with out.open("xl/media/x.bin", "w", force_zip64=True) as filler:
            for _ in range(200):
                filler.write(bytes(1024 * 1024))

    with pytest.raises(Unreadable, match="unpacks to more than"):
        read_input_file(bomb)


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ']><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1">'
    "<si><t>&j;</t></si></sst>"
)


def test_a_sheet_whose_xml_grows_without_bound_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["folder"], ["f"]])
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path) as sound, zipfile.ZipFile(bomb, "w") as out:
        for entry in sound.infolist():
            sheet = entry.filename == "xl/worksheets/sheet1.xml"
            out.writestr(entry, LAUGHS if sheet else sound.read(entry))

    with pytest.raises(Unreadable, match="cannot be read"):
        read_input_file(bomb)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_a_cut_excel_file_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    whole = workbook(tmp_path, [["folder"], ["f"]], "whole.xlsx")
    source = whole if kind == "xlsx" else DOCUMENTED / "accession_numbers.xls"
    contents = source.read_bytes()
    cut = written(tmp_path, contents[: int(len(contents) * share)], f"cut.{kind}")

    with pytest.raises(Unreadable, match="cannot be read"):
        read_input_file(cut)


def test_an_archive_that_is_no_sheet_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme", "no sheet")

    with pytest.raises(Unreadable, match="cannot be read"):
        read_input_file(written(tmp_path, buffer.getvalue(), "a.xlsx"))


@pytest.mark.parametrize(
    ("name", "problem"),
    [("list.dat", "ends in one of"), ("absent.csv", "no such file"), ("folder.csv", "a folder")],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    written(tmp_path, "folder\nf\n", "list.dat")

    with pytest.raises(Unreadable, match=problem):
        read_input_file(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_list_without_the_right_to_read_it_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "folder\nf\n")
    path.chmod(0)

    with pytest.raises(Unreadable, match="close it in other programs"):
        read_input_file(path)
