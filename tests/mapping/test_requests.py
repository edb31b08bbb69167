"""From rows to requests, and what is doubtful about rows."""

from collections.abc import Mapping

import pytest

from dicomveil.mapping.doubts import doubts_about
from dicomveil.mapping.fields import Field
from dicomveil.mapping.mapping_file import parse_mapping
from dicomveil.mapping.requests import Asked, requests_of
from dicomveil.mapping.shares import Shares, parse_share

SHARES = Shares((parse_share(r"\\fs\research$", "/mnt/research"),))
DEST = r"destination_path,\\server\share\out"


def ask(rows: str, options: str = "", defaults: Mapping[Field, str] | None = None) -> Asked:
    options = options or f"project,P\n{DEST}\n"
    text = f"## Description ##\n## Options ##\n{options}\n## Mapping ##\n{rows}"
    return requests_of(parse_mapping(text.encode(), "m.csv"), defaults or {}, SHARES)


def test_a_row_takes_its_own_cells_then_the_options_then_the_defaults() -> None:
    asked = ask(
        "source,pseudo_id,project\naccession_number:1,A,own\naccession_number:2,B,\n",
        f"project,optional\n{DEST}\n",
        {Field.PROJECT: "default", Field.PIMS_KEY: "99"},
    )

    assert [request.project for request in asked.requests] == ["own", "optional"]
    assert {request.pims_key for request in asked.requests} == {"99"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("source,pseudo_id\naccession_number:1,A\n", ("A", "A")),
        ("source,pseudo_name\naccession_number:1,A\n", ("A", "A")),
        ("source,pseudo_id,pseudo_name\naccession_number:1,,A\n", ("A", "A")),
        ("source,patient_id,patient_name\naccession_number:1,001,\n", ("001", "001")),
        ("source,patient_id,patient_name\naccession_number:1,001,Pat\n", ("001", "Pat")),
        ("source,pims_key\naccession_number:1,77\n", ("", "")),
    ],
)
def test_a_missing_or_empty_pseudonym_is_filled_from_the_other(
    rows: str, expected: tuple[str, str]
) -> None:
    (request,) = ask(rows).requests

    assert (request.pseudo_id, request.pseudo_name) == expected


def test_a_description_may_be_missing() -> None:
    assert ask("source,pseudo_id\naccession_number:1,A\n").requests[0].description == ""


@pytest.mark.parametrize(
    ("source", "root", "written"),
    [
        ("folder:a/b", r"\\server\share2\data", r"\\server\share2\data\a\b"),
        (r"folder:a\b", "//server/share2/data/", r"\\server\share2\data\a\b"),
        ("fileselection:a/f.txt", r"\\server\share2", r"\\server\share2\a\f.txt"),
        (r"folder:\\other\share\x", "", r"\\other\share\x"),
        (r"folder:\\other\share\x", "/home/local", r"\\other\share\x"),
        ("folder:a", "/mnt/research/b", r"\\fs\research$\b\a"),
        ("folder:/mnt/research/b", "", r"\\fs\research$\b"),
        ("folder:.", r"\\server\share2", r"\\server\share2"),
    ],
)
def test_a_path_source_becomes_one_unc_path(source: str, root: str, written: str) -> None:
    options = f"project,P\n{DEST}\nroot_source_path,{root}\n"

    (request,) = ask(f"source,pseudo_id\n{source},A\n", options).requests

    assert request.source == written


def test_a_local_root_is_no_matter_when_no_source_is_a_path() -> None:
    options = f"root_source_path,/home/me\nproject,P\n{DEST}\n"

    assert len(ask("source,pseudo_id\naccession_number:1,A\n", options).requests) == 1


BAD = [
    ("source,pseudo_id\n,A\n", "", "source", "needs a source"),
    ("pseudo_id\nA\n", "", "source", "needs a source"),
    ("source,pseudo_id\naccession_number:,A\n", "", "source", "needs a value"),
    ("source,pseudo_id\nsecret,A\n", "", "source", "a type and a colon"),
    ("source\naccession_number:1\n", "", "pseudo_id", "pseudo_name or pims_key"),
    ("source,pseudo_id\nfolder:secret,A\n", "", "source", "root_source_path: no path is set"),
    ("source,pseudo_id\nfolder:C:\\secret,A\n", "", "source", "drive letter"),
    ("source,pseudo_id\nfolder:/home/secret,A\n", "", "source", "local path"),
    ("source,pseudo_id\naccession_number:1," + "secret" * 20 + "\n", "", "pseudo_id", "64"),
    ("source,pseudo_id\naccession_number:1,sec\\ret\n", "", "pseudo_id", "backslash"),
    ("source,pseudo_id\naccession_number:1,A\n", f"{DEST}\n", "project", "no project"),
    ("source,pseudo_id\naccession_number:1,A\n", f"project,NOT_SET\n{DEST}\n", "project", "no "),
    ("source,pseudo_id\naccession_number:1,A\n", "project,P\n", "destination_path", "no path"),
    (
        "source,pseudo_id\naccession_number:1,A\n",
        "project,P\ndestination_path,.\n",
        "destination_path",
        "no path is set",
    ),
    (
        "source,pseudo_id\naccession_number:1,A\n",
        "project,P\ndestination_path,output\nroot_source_path,\\\\a\\b\n",
        "destination_path",
        "not a UNC path",
    ),
    (
        "source,pseudo_id\naccession_number:1,A\n",
        "project,P\ndestination_path,H:\\out\n",
        "destination_path",
        "drive letter",
    ),
]


@pytest.mark.parametrize(("rows", "options", "column", "problem"), BAD)
def test_a_row_that_cannot_become_a_job_says_its_row_and_column_and_never_its_cell(
    rows: str, options: str, column: str, problem: str
) -> None:
    asked = ask(rows, options)

    assert asked.requests == ()
    message = str(asked.bad[0])
    assert message.startswith("m.csv, row 1 (line ")
    assert f'column "{column}"' in message
    assert problem in message
    assert "secret" not in message


def test_one_bad_row_does_not_hide_the_others() -> None:
    asked = ask("source,pseudo_id\naccession_number:1,A\nx,B\naccession_number:3,C\ny,D\n")

    assert [request.row for request in asked.requests] == [1, 3]
    assert [bad.place.row for bad in asked.bad] == [2, 4]


def test_a_request_shows_nothing_that_identifies_in_its_repr() -> None:
    (request,) = ask("source,pseudo_id,description\naccession_number:4711,P1,old 4711\n").requests

    assert "4711" not in repr(request)
    assert "P1" not in repr(request)


A, P = "accession_number:", "patient_id:"
DOUBTS = [
    ([(f"{A}1", "a", ""), (f"{A}2", "b", "")], []),
    ([(f"{A}1", "a", ""), (f"{A}1", "b", "")], [("the same source again", (1, 2))]),
    ([(f"{A}1", "a", ""), (f"{A}2", "a", "")], [("the same pseudonym again", (1, 2))]),
    ([(f"{P}1", "a", ""), (f"{P}2", "a", "")], [("one pseudonym for two patients", (1, 2))]),
    ([(f"{A}1", "a", "x"), (f"{A}2", "a", "y")], [("one pseudonym for two patients", (1, 2))]),
    ([(f"{A}1", "001", ""), (f"{A}2", "2", "")], [("leading zeros lost", (2,))]),
    ([(f"{A}0012345", "a", ""), (f"{A}12346", "b", "")], [("leading zeros lost", (2,))]),
    ([(f"{A}1.23E+15", "a", "")], [("scientific notation", (1,))]),
    ([(f"{A}1,23457E+12", "a", "")], [("scientific notation", (1,))]),
    ([("series_instance_uid:1.2", "a", "")], [("anonapi does not know", (1,))]),
]


@pytest.mark.parametrize(("rows", "expected"), DOUBTS)
def test_what_is_doubtful_is_warned_of_by_row(
    rows: list[tuple[str, str, str]], expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    table = "".join(f'"{source}",{one},{other}\n' for source, one, other in rows)
    text = "## Description ##\n## Options ##\n## Mapping ##\nsource,pseudo_id,pseudo_name\n"

    doubts = doubts_about(parse_mapping((text + table).encode(), "m.csv").rows)

    found = [(doubt.problem, doubt.rows) for doubt in doubts]
    for problem, numbers in expected:
        assert any(problem in said and rows == numbers for said, rows in found), found
    if not expected:
        assert not [said for said, _ in found if "anonapi" not in said]
