"""Bad input over all formats: one line of error, the exit code, and nothing half written."""

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from tests.cli.anon.desk import MAPPING, Desk
from tests.client.recording import Recording

DOCUMENTED = MAPPING.read_bytes()
EXCEL = (MAPPING.parent / "accession_numbers.xls").read_bytes()
SECRET = "planted"  # noqa: S105 - what must not be shown
HEAD = b"## Description ##\n## Options ##\nproject,P\ndestination_path,\\\\a\\b\n"
VALIDATE = ("map", "validate")
FROM_MAPPING = ("create", "from-mapping", "--yes")
ACCESSIONS = ("map", "add-accession-numbers", "-f", "list")
SELECTION = ("select", "status")
BATCH = ("batch", "info")


def sheet(*rows: list[object]) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(buffer)
    return buffer.getvalue()


def bomb() -> bytes:
    buffer = io.BytesIO(sheet(["accession number"], ["1"]))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", bytes(150 * 1024 * 1024))
    return buffer.getvalue()


def rows(text: str) -> bytes:
    return HEAD + b"## Mapping ##\n" + text.encode()


class Case(NamedTuple):
    """A file, the command that meets it, and what is said."""

    file: str
    contents: bytes
    words: tuple[str, ...]
    said: str
    code: int = 1


def listed(name: str, contents: bytes | str, said: str) -> Case:
    """An input file that cannot be used."""
    raw = contents.encode() if isinstance(contents, str) else contents
    return Case(name, raw, (*ACCESSIONS[:-1], name), said)


def mapping(contents: bytes, said: str, words: tuple[str, ...] = VALIDATE) -> Case:
    """A mapping that cannot be used."""
    return Case("anon_mapping.csv", contents, words, said)


CASES = [
    # mappings
    mapping(b"", '"## Description ##" is missing'),
    mapping(DOCUMENTED[:40], '"## Options ##" is missing'),
    mapping(DOCUMENTED[:180], '"## Mapping ##" is missing'),
    mapping(DOCUMENTED[:-60], "row 4"),
    mapping(DOCUMENTED.decode().encode("utf-16"), "no plain text"),
    mapping(sheet(["source"]), "this is an Excel file"),
    mapping(EXCEL, "this is an Excel file"),
    mapping(b"\xef\xbb\xbf" + DOCUMENTED + b"\xff", "says it is UTF-8 and is not"),
    mapping(DOCUMENTED + b"\0", "no plain text"),
    mapping(rows("source,source\n"), 'column "source"'),
    mapping(rows("source,patient_id,pseudo_id\n"), "two columns have this meaning"),
    mapping(rows("source,pseudo_nmae\nfolder:planted,A\n"), "did you mean pseudo_name"),
    mapping(rows("source,pseudo_id\nfolder:planted,A,planted\n"), "without a column header"),
    mapping(rows('source,pseudo_id\nfolder:planted,"A\n'), "never closed"),
    mapping(rows("source,pseudo_id\nplanted,A\n"), "a type and a colon"),
    mapping(rows("source,pseudo_id\nfoldr:planted,A\n"), "type before the colon is not known"),
    mapping(rows("source,pseudo_id\naccession_number:,A\n"), "needs a value after the colon"),
    mapping(rows("source,pseudo_id\naccession_number:planted*,A\n"), "wild cards"),
    mapping(rows("source,pseudo_id\npatient_id:planted?,A\n"), "wild cards"),
    mapping(rows("source,pseudo_id\nstudy_instance_uid:planted,A\n"), "not a UID"),
    mapping(rows("source,pseudo_id\nfolder:C:\\planted,A\n"), "drive letter"),
    mapping(rows("source,pseudo_id\nfolder:/mnt/planted,A\n"), "local path or mount"),
    mapping(rows("source,pseudo_id\nfolder:planted,A\n"), "root_source_path: no path is set"),
    mapping(rows("source,pseudo_id\nfolder:../planted,A\n"), ".. is not accepted"),
    mapping(rows("source\naccession_number:planted\n"), "pseudo_name or pims_key"),
    mapping(rows("source,pseudo_id\naccession_number:planted,A\\B\n"), "backslash"),
    mapping(DOCUMENTED.replace(b"\\\\server\\share\\folder", b"H:\\out"), "drive letter"),
    mapping(DOCUMENTED.replace(b"Wetenschap-Algemeen", b"NOT_SET"), "no project is set"),
    mapping(DOCUMENTED.replace(b"project,  ", b"projectt,"), "did you mean project"),
    mapping(rows("source\n" + "planted" * 30_000), "cannot be read as cells"),
    mapping(rows(""), "The mapping has no rows", FROM_MAPPING),
    mapping(rows("source,pseudo_id\nplanted,A\n"), "nothing was created", FROM_MAPPING),
    mapping(
        rows("source,pseudo_id\n" + "accession_number:,A\n" * 100_000),
        "0 rows can become jobs, 100000 can not",
    ),
    # input files
    listed("list.csv", "", "no row names a column"),
    listed("list.csv", "accession number\n", "Give at least one accession number"),
    listed("list.csv", "folder\nplanted\n", "column is missing"),
    listed("list.csv", "acc nr,name\nplanted,\n", 'row 2, column "pseudonym": the cell is empty'),
    listed("list.csv", "acc nr,acc nr\n1,2\n", "columns 1 and 2 have the same meaning"),
    listed("list.csv", "acc nr,patient ID\n1,2\n", '"pseudo patient ID" for the pseudonym'),
    listed("list.csv", "acc nr\nplantedplantedplanted\n", "more than 16 characters"),
    listed("list.csv", 'acc nr,name\n1,"planted\n', "opened and not closed"),
    listed("list.csv", "acc nr\n1\0\n", "no plain text"),
    listed("list.csv", "acc nr\n1\n".encode("utf-16"), "no plain text"),
    listed("list.tsv", "acc nr\tname\n1\n", 'column "pseudonym": the cell is empty'),
    listed("list.dat", "acc nr\n1\n", "ends in one of"),
    listed("list.xlsx", sheet(["a"], ["b"]), "no row names a column"),
    listed("list.xlsx", sheet(["acc nr"], ["=1+1"]), "holds a formula"),
    listed("list.xlsx", sheet(["acc nr"], [12345678901234567]), "15 digits"),
    listed("list.xlsx", sheet(["acc nr"], ["1"])[:2000], "cannot be read; is it whole"),
    listed("list.xlsx", bomb(), "unpacks to more than"),
    listed("list.xlsx", b"PK\x03\x04nonsense", "cannot be read; is it whole"),
    listed("list.xls", EXCEL[:3000], "cannot be read; is it whole"),
    listed("list.xls", b"\xd0\xcf\x11\xe0" * 500, "cannot be read; is it whole"),
    # file selections
    Case("fileselection.txt", b"", SELECTION, "a selection has the keys"),
    Case("fileselection.txt", b"id: x\ndescription: y\n", SELECTION, '"selected_paths:"'),
    Case("fileselection.txt", b"id: [x\n", SELECTION, "not YAML"),
    Case(
        "fileselection.txt",
        b"id: x\ndescription: y\nselected_paths: [../planted]\n",
        SELECTION,
        "on or below",
    ),
    Case(
        "fileselection.txt",
        b"id: x\ndescription: y\nselected_paths: [&a planted, *a]\n",
        ("select", "add", "*"),
        "aliases",
    ),
    # batches
    Case(".anonbatch", b"", BATCH, "keys and values"),
    Case(".anonbatch", b"job_ids: [1]\n", BATCH, "a batch has server"),
    Case(".anonbatch", b"job_ids: [x]\nserver: {name: a, url: b}\n", BATCH, "is a number"),
    Case(".anonbatch", b"job_ids: &a [*a]\nserver: {}\n", ("batch", "add", "1"), "aliases"),
    Case(".anonbatch", b"\xff\xfe\0", BATCH, "no plain text"),
    Case(".anonbatch", b"job_ids: 5\n", FROM_MAPPING, "a batch has server"),
    # settings
    Case("../home/AnonWebAPIClientSettings.yml", b"- 1\n", ("status",), "keys and values"),
    Case("../home/AnonWebAPIClientSettings.yml", b"a: [\n", ("status",), "not YAML"),
    Case("../home/DicomveilAnonSettings.yml", b"shares: {a: b}\n", ("unc", "list"), "shares"),
    # words
    Case("x", b"", ("job", "list", "5-3"), "counts down"),
    Case("x", b"", ("job", "reset", "1-x", "-y"), "a number or a range"),
    Case("x", b"", ("job", "set-opt-out-ignore", "1"), "Missing argument 'REASON'", 2),
    Case("x", b"", ("server", "activate", "nope"), "Options: ['local']", 2),
    Case("x", b"", ("server", "add", "a", "localhost:80"), "https://host/path", 2),
    Case("x", b"", ("unc", "add", "/mnt/a", "/mnt/b"), "write \\\\server\\share"),
    Case("x", b"", ("map", "add-study-folders", "absent"), "Path 1 does not exist", 2),
    Case("x", b"", ("map", "add-study-folders"), "Give at least one folder", 2),
    Case(
        "x", b"", ("create", "set-defaults", "--project", "P", "--destination-path", "C:\\"), "dr"
    ),
]


def everything(desk: Desk) -> dict[Path, bytes]:
    """Every file of the desk and what is in it."""
    files = (path for path in desk.folder.parent.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file} {case.said}"[:60])
def test_bad_input_is_refused_in_one_line_and_leaves_nothing(
    desk: Desk, server: Recording, case: Case
) -> None:
    desk.mapping()
    (desk.folder / case.file).write_bytes(case.contents)
    before = everything(desk)

    result = desk.run(*case.words)

    code = 2 if "Give at least one" in case.said else case.code
    assert result.exit_code == code, result.output
    assert case.said in result.output
    assert SECRET not in result.output
    assert "Traceback" not in result.output
    assert everything(desk) == before
    assert server.jobs == {}


def test_there_are_sixty_cases_at_least() -> None:
    assert len(CASES) >= 60


@pytest.fixture
def stranger_desk(server: Recording) -> Iterator[Desk]:
    """A desk where the test runs as a user with no special rights, even when root runs it."""
    with tempfile.TemporaryDirectory() as top:
        home, folder = Path(top) / "home", Path(top) / "project"
        home.mkdir()
        folder.mkdir()
        desk = Desk(home, folder)
        desk.know(server.url)
        desk.mapping()
        if os.geteuid() != 0:
            yield desk
            return
        for path in (Path(top), *Path(top).rglob("*")):
            os.chown(path, 65534, 65534)
        desk.run("server", "status")  # imports what that user may not read
        for late in ("click._termui_impl", "tty"):  # and what a progress bar imports
            import_module(late)
        os.seteuid(65534)
        try:
            yield desk
        finally:
            os.seteuid(0)


def test_a_mapping_in_a_folder_without_permission_is_not_touched(stranger_desk: Desk) -> None:
    stranger_desk.folder.chmod(0o500)

    said = stranger_desk.failed("map", "add-accession-numbers", "1")
    created = stranger_desk.failed("create", "from-mapping", "--yes")

    assert "anon_mapping.csv: cannot be written" in said
    assert "cannot be written" in created
    assert (stranger_desk.folder / "anon_mapping.csv").read_bytes() == DOCUMENTED
    assert [path.name for path in stranger_desk.folder.iterdir()] == ["anon_mapping.csv"]


def test_no_job_is_created_where_the_record_cannot_be_kept(
    stranger_desk: Desk, server: Recording
) -> None:
    stranger_desk.folder.chmod(0o500)

    stranger_desk.failed("create", "from-mapping", "--yes")

    assert server.jobs == {}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("anon_mapping.csv", ("map", "status")),
        ("list.csv", ("map", "add-accession-numbers", "-f", "list.csv")),
        ("list.xlsx", ("map", "add-accession-numbers", "-f", "list.xlsx")),
        ("fileselection.txt", ("select", "status")),
        (".anonbatch", ("batch", "info")),
    ],
)
def test_a_file_that_may_not_be_read_is_said_to_be_so(
    stranger_desk: Desk, name: str, words: tuple[str, ...]
) -> None:
    path = stranger_desk.folder / name
    path.touch()
    path.chmod(0)

    said = stranger_desk.failed(*words)

    assert f"{name}: may not be read: check its rights, and close it in other programs" in said


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("anon_mapping.csv", ("map", "add-accession-numbers", "1")),
        (".anonbatch", ("batch", "add", "1")),
        ("fileselection.txt", ("select", "add", "*")),
    ],
)
def test_a_file_that_libreoffice_has_open_is_not_written(
    desk: Desk, name: str, words: tuple[str, ...]
) -> None:
    desk.mapping()
    desk.done("batch", "init")
    (desk.folder / f".~lock.{name}#").touch()
    before = everything(desk)

    said = desk.failed(*words)

    assert f"{name}: is open in another program" in said
    assert everything(desk) == before


@pytest.mark.skipif(sys.platform == "win32", reason="there a lock keeps others from reading")
def test_an_advisory_lock_keeps_nobody_from_reading(desk: Desk) -> None:
    path = desk.mapping()
    script = "import fcntl, sys; f = open(sys.argv[1], 'rb+'); fcntl.lockf(f, fcntl.LOCK_EX)"
    wait = "; print('locked', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script + wait, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()

        said = desk.done("map", "status")

        holder.communicate()

    assert "Parameter grid with 4 rows" in said


def test_a_folder_that_may_not_be_listed_stops_the_scan(stranger_desk: Desk) -> None:
    folder = stranger_desk.folder / "study"
    folder.mkdir()
    folder.chmod(0o300)

    said = stranger_desk.failed("map", "add-study-folders", "study")

    folder.chmod(0o700)
    assert "cannot be listed" in said
    assert list(folder.iterdir()) == []
