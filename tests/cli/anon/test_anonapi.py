"""Files go both ways between `anon` and anonapi 2.1.2 as it is published."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dicomveil.client.own_settings import FILE_NAME as OWN_FILE_NAME
from dicomveil.mapping.batch import load_batch
from dicomveil.mapping.mapping_file import load_mapping
from dicomveil.mapping.selection import load_selection
from tests.cli.anon.desk import Desk
from tests.client.recording import Recording
from tests.published import interpreter

Anonapi = Callable[..., str]


@pytest.fixture(scope="session")
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with anonapi."""
    return interpreter(request.config, tmp_path_factory)


@pytest.fixture
def anonapi(desk: Desk, python: Path) -> Anonapi:
    """The command of anonapi, at the same desk."""

    def run(*words: str, answer: str = "") -> str:
        code = "from anonapi.cli.entrypoint import cli; cli()"
        done = subprocess.run(
            [python, "-W", "ignore", "-c", code, *words],
            cwd=desk.folder,
            env={"HOME": str(desk.home), "LC_ALL": "C", "PATH": os.environ["PATH"]},
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def study(desk: Desk, dicom: bytes) -> None:
    (desk.folder / "study").mkdir()
    (desk.folder / "study/1.dcm").write_bytes(dicom + bytes(64))
    (desk.folder / "study/notes.txt").write_text("no DICOM", encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="the environment is laid out as on Linux")
def test_what_anonapi_writes_is_read_here(
    desk: Desk, server: Recording, anonapi: Anonapi, dicom: bytes
) -> None:
    study(desk, dicom)

    anonapi("server", "add", "second", server.url)
    anonapi("server", "activate", "second")
    anonapi("settings", "user", "set-username", "z99")
    anonapi("map", "init")
    anonapi("map", "add-study-folders", "study")
    anonapi("map", "add-accession-numbers", "0012", "0013")
    anonapi("batch", "init")
    anonapi("batch", "add", "10", "9", "100")

    mapping = load_mapping(desk.folder / "anon_mapping.csv")
    assert mapping.contents() == (desk.folder / "anon_mapping.csv").read_bytes()
    assert [row.cells["source"] for row in mapping.rows][-3:] == [  # type: ignore[index] # a StrEnum
        "fileselection:study/fileselection.txt",
        "accession_number:0012",
        "accession_number:0013",
    ]
    assert load_selection(desk.folder / "study/fileselection.txt").paths == ("1.dcm",)
    assert load_batch(desk.folder / ".anonbatch").ids == (9, 10, 100)
    assert desk.settings.user_name == "z99"
    assert desk.settings.active is not None
    assert desk.settings.active.name == "second"
    assert desk.settings.active_mapping == desk.folder / "anon_mapping.csv"


@pytest.mark.usefixtures("server")
def test_what_is_written_here_is_read_by_anonapi(
    desk: Desk, anonapi: Anonapi, dicom: bytes
) -> None:
    study(desk, dicom)

    desk.done("settings", "user", "set-username", "z99")
    desk.done("create", "set-defaults", "--project", "P", "--destination-path", r"\\a\b\out")
    desk.done("unc", "add", r"\\a\b", "/mnt/elsewhere")
    desk.done("map", "init")
    desk.done("map", "add-study-folders", "study")
    desk.done("map", "add-accession-numbers", "0012")
    desk.done("map", "add-selection", "study/fileselection.txt")
    desk.done("batch", "init")
    desk.done("batch", "add", "10", "9")
    own = (desk.home / OWN_FILE_NAME).read_bytes()

    assert "username is z99" in anonapi("settings", "user", "info")
    assert "project:P" in anonapi("create", "show-defaults")
    assert "Parameter grid with 6 rows" in anonapi("map", "status")
    dry = anonapi("create", "from-mapping", "--dry-run", answer="y\n")
    assert "create was called with rows" in dry
    assert "created 6 jobs" in dry
    assert "'10'" in anonapi("batch", "info")
    assert "z99" in anonapi("status")
    anonapi("settings", "user", "set-username", "z100")
    assert (desk.home / OWN_FILE_NAME).read_bytes() == own


def test_both_ask_a_server_for_the_same_jobs_in_the_same_words(
    desk: Desk, server: Recording, anonapi: Anonapi
) -> None:
    desk.mapping(
        "## Description ##\nboth\n## Options ##\nroot_source_path,\\\\server\\data\\in\n"
        "project,P\ndestination_path,\\\\server\\data\\out\npims_key,4567\n## Mapping ##\n"
        "source,pseudo_id,pseudo_name,description\n"
        "folder:example/folder1,001,Patient1,All of it\n"
        "study_instance_uid:123.12178,002,Patient2,A study\n"
        "accession_number:12345678.1234567,003,Patient3,Größe\n"
        "fileselection:a/fileselection.txt,004,Patient4,A selection\n"
    )

    anonapi("create", "from-mapping", answer="y\n")
    theirs = [one for one in server.asked if one.path == "/create_job"]
    server.asked.clear()
    desk.done("create", "from-mapping", "--yes")
    ours = [one for one in server.asked if one.path == "/create_job"]

    assert len(ours) == 4
    assert ours == theirs
