"""The documented workflows, from a folder to a batch, with every request compared."""

from pathlib import Path

import openpyxl
import pytest

from dicomveil.client.own_settings import FILE_NAME, OwnSettings
from dicomveil.mapping.selection import load_selection
from dicomveil.mapping.shares import Shares, parse_share
from tests.cli.anon.desk import Desk
from tests.client.recording import Recording
from tests.client.requests import Like, Request, get, post, requests

OUT = {
    "project_name": "P",
    "destination_type": "PATH",
    "destination_path": r"\\server\share\out",
}
PACS = {"source_type": "WADO", "source_name": "IDC_WADO"}
TODAY = Like(r"generated_[A-Z][a-z]+_\d{1,2}_\d{4}")
BEFORE_CREATING = [get("/"), get("/get_jobs")]
DOCUMENTED = {
    "project_name": "Wetenschap-Algemeen",
    "destination_type": "PATH",
    "destination_path": r"\\server\share\folder",
}
DOCUMENTED_JOBS = [
    post(
        "/create_job",
        **DOCUMENTED,
        source_type="PATH",
        source_path=r"folder:\\server\share2\data\example\folder1",
        anonymizedpatientid="001",
        anonymizedpatientname="Patient1",
        description="All files from folder1",
    ),
    post(
        "/create_job",
        **DOCUMENTED,
        **PACS,
        source_instance_id="123.12178",
        anonymizedpatientid="002",
        anonymizedpatientname="Patient2",
        description="A StudyInstanceUID from PACS",
    ),
    post(
        "/create_job",
        **DOCUMENTED,
        **PACS,
        source_instance_id="accession_number:12345678.1234567",
        anonymizedpatientid="003",
        anonymizedpatientname="Patient3",
        description="An AccessionNumber from PACS",
    ),
    post(
        "/create_job",
        **DOCUMENTED,
        source_type="PATH",
        source_path=r"fileselection:\\server\share2\data\a\fileselection.txt",
        anonymizedpatientid="004",
        anonymizedpatientname="Patient4",
        description="A selection of files in a",
    ),
]


def selection_job(source: str, name: str, **others: str) -> Request:
    """The request for a job of one file selection, with what `map add-…` says of it."""
    fields = {
        **OUT,
        "source_type": "PATH",
        "source_path": f"fileselection:{source}\\fileselection.txt",
        "anonymizedpatientid": name,
        "anonymizedpatientname": name,
        "description": TODAY,
        **others,
    }
    return post("/create_job", **fields)


def test_the_documented_mapping_becomes_four_jobs_and_a_batch(
    desk: Desk, server: Recording
) -> None:
    desk.mapping()

    said = desk.done("create", "from-mapping", answer="y\n")

    assert requests(server) == [*BEFORE_CREATING, *DOCUMENTED_JOBS]
    assert (
        "This will create 4 jobs on local, for projects '['Wetenschap-Algemeen']', "
        "writing data to '['\\\\\\\\server\\\\share\\\\folder']'. Are you sure? [y/N]: y" in said
    )
    assert "created 4 jobs: ['1', '2', '3', '4']\nSaving job ids in batch" in said
    assert desk.json("batch", "info")["job_ids"] == [1, 2, 3, 4]


def test_the_annotated_mapping_says_of_each_row_what_became_of_it(
    desk: Desk, server: Recording
) -> None:
    path = desk.mapping()
    server.projects.clear()
    server.projects.add("other")

    desk.failed("create", "from-mapping", "--yes")

    lines = (desk.folder / "anon_mapping.annotated.csv").read_text("utf-8").splitlines()
    assert lines[:8] == path.read_text("utf-8").splitlines()[:8]
    assert lines[9] == "source,pseudo_id,pseudo_name,description,status,job_id"
    assert "refused: it refuses: AnonymizeInputException" in lines[10]
    assert lines[11].endswith("not created: not sent,")
    assert not (desk.folder / ".anonbatch").exists()
    assert requests(server) == [*BEFORE_CREATING, DOCUMENTED_JOBS[0]]


def set_options(desk: Desk, **options: str) -> None:
    """Edit the options as a person does."""
    path = desk.folder / "anon_mapping.csv"
    lines = path.read_bytes().decode().split("\r\n")
    edited = [
        f"{line.split(',')[0]},{options[line.split(',')[0]]}"
        if line.split(",")[0] in options
        else line
        for line in lines
        if not line.startswith(
            ("folder:example", "study_instance_uid:123", "accession_number:1234")
        )
    ]
    path.write_bytes("\r\n".join(edited).encode())


def test_anonymize_from_pacs_by_an_excel_list(desk: Desk, server: Recording) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["Some text here does not matter"],
        ["accession_number", "pseudonym", "project"],
        ["1234567.12345678", "studyA", "x"],
        ["2234567.12345678", "studyB", "y"],
    ):
        book.worksheets[0].append(row)
    book.save(desk.folder / "accession_numbers.xlsx")

    desk.done("map", "init")
    set_options(desk, project="P", destination_path=r"\\server\share\out")
    desk.done("map", "add-accession-numbers", "--input-file", "accession_numbers.xlsx")
    desk.done("create", "from-mapping", "--yes")
    server.jobs[2] |= {"status": "ERROR", "error": "no space left"}
    status = desk.done("batch", "status")
    errors = desk.done("batch", "show-error")

    assert requests(server) == [
        *BEFORE_CREATING,
        *[
            post(
                "/create_job",
                **OUT,
                **PACS,
                source_instance_id=f"accession_number:{number}",
                anonymizedpatientid=name,
                anonymizedpatientname=name,
                description=TODAY,
            )
            for number, name in (("1234567.12345678", "studyA"), ("2234567.12345678", "studyB"))
        ],
        get("/get_jobs_list", job_ids=["1", "2"]),
        get("/get_jobs_list", job_ids=["1", "2"]),
    ]
    assert "Job info for 2 jobs on local: http://127.0.0.1" in status
    assert "ACTIVE       1        50.0 %" in status
    assert "NOT_FOUND    0        0.0 %" in status
    assert "error message:\nno space left" in errors


@pytest.fixture
def share(desk: Desk, dicom: bytes) -> Path:
    """A folder for each patient, as in the documentation."""
    for name in ("patient1/study/1", "patient1/study/raw/2", "patient2/study/1", "patient3/x"):
        path = desk.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dicom)
    (desk.folder / "patient2/study/notes.txt").write_text("no DICOM", encoding="utf-8")
    return desk.folder


def test_anonymize_from_a_share_by_folders(desk: Desk, server: Recording, share: Path) -> None:
    desk.done("map", "init")
    set_options(
        desk, project="P", destination_path=r"\\server\share\out", root_source_path=r"\\server\data"
    )

    said = desk.done("map", "add-study-folders", "patient*/study")
    desk.done("create", "from-mapping", "--yes")

    names = Like("[A-Z0-9]{8}")
    assert requests(server) == [
        *BEFORE_CREATING,
        selection_job(r"\\server\data\patient1\study", names),
        selection_job(r"\\server\data\patient2\study", names),
    ]
    for one in server.forms():
        assert one["anonymizedpatientid"] == one["anonymizedpatientname"]
    selection = load_selection(share / "patient1/study/fileselection.txt")
    assert selection.paths == ("1", "raw/2")
    assert load_selection(share / "patient2/study/fileselection.txt").paths == ("1",)
    assert "Adding 2 paths to mapping" in said
    assert "Found 2 DICOM files" in said
    assert "patient1" not in said  # a folder's name may be a patient's


@pytest.mark.usefixtures("share")
def test_anonymize_from_a_share_by_an_input_file(desk: Desk, server: Recording) -> None:
    text = "folder,pseudonym\npatient2/study,studyB\npatient1\\study,studyA\n"
    (desk.folder / "folders.csv").write_text(text, encoding="utf-8")
    desk.done("map", "init")
    set_options(
        desk, project="P", destination_path=r"\\server\share\out", root_source_path=r"\\server\data"
    )

    desk.done("map", "add-study-folders", "--file", "folders.csv")
    desk.done("create", "from-mapping", "--yes")

    assert requests(server) == [
        *BEFORE_CREATING,
        selection_job(r"\\server\data\patient2\study", "studyB"),
        selection_job(r"\\server\data\patient1\study", "studyA"),
    ]


def test_a_known_share_makes_local_folders_unc_without_being_told(
    desk: Desk, server: Recording, share: Path
) -> None:
    table = Shares((parse_share(r"\\fs\research$", str(share.parent)),))
    OwnSettings(shares=table).save(desk.home / FILE_NAME)
    elsewhere = share / "elsewhere"
    elsewhere.mkdir()
    at_work = Desk(desk.home, elsewhere)

    at_work.done("map", "init")
    at_work.done("map", "add-study-folders", str(share / "patient1/study"))
    set_options(at_work, project="P", destination_path=str(share / "out"))
    at_work.done("create", "from-mapping", "--yes")

    mapping = (elsewhere / "anon_mapping.csv").read_text("utf-8")
    assert r"root_source_path,\\fs\research$\project\elsewhere" in mapping
    assert requests(server) == [
        *BEFORE_CREATING,
        selection_job(
            r"\\fs\research$\project\patient1\study",
            Like("[A-Z0-9]{8}"),
            destination_path=r"\\fs\research$\project\out",
        ),
    ]


def test_a_selection_by_hand_becomes_a_row(desk: Desk, server: Recording, share: Path) -> None:
    desk.done("map", "init")
    set_options(
        desk, project="P", destination_path=r"\\server\share\out", root_source_path=r"\\server\data"
    )
    inside = Desk(desk.home, share / "patient1")

    inside.done("select", "add", "*", "--exclude-pattern", "*raw*")
    status = inside.done("select", "status")
    desk.done("map", "add-selection-file", "patient1/fileselection.txt")
    desk.done("create", "from-mapping", "--yes")

    assert "Selection containing 1 files:" in status
    assert requests(server) == [
        *BEFORE_CREATING,
        selection_job(
            r"\\server\data\patient1",
            Like("autogenerated_[A-Z0-9]{5}"),
            anonymizedpatientid=Like("auto_[A-Z0-9]{5}"),
            description=Like(r"auto generated [A-Z][a-z]+ \d{1,2} \d{4}"),
        ),
    ]
