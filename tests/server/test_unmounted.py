"""Jobs that read a folder of a share which is not mounted: straight through SMB, by a place."""

from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.journeys.world import ct
from tests.server.live import SHARE, Live, running
from tests.server.test_fetched import repeated, spooled
from tests.servers.samba import PASSWORD, USER, Samba

FILES = [ct(number) for number in range(1, 4)]


@pytest.fixture
def live(samba: Samba, tmp_path: Path) -> Iterator[Live]:
    """A server whose project reads `in` of a share that no line of its table covers."""
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    table = f"""kind = "smb"
address = '{samba.unc}'
port = {samba.port}
user = "{USER}"
secret_file = "{secret}"
"""
    sources = (rf"{samba.unc}\in",)
    with running(tmp_path / "live", {"hospital": table}, sources=sources) as server:
        yield server


def asked_for(live: Live, path: str) -> int:
    """The number of a job that reads the path."""
    _, said = live.ask(
        "POST",
        "/create_job",
        source_type="PATH",
        source_path=path,
        destination_path=rf"{SHARE}\out",
        project_name="first",
        anonymizedpatientid="P1",
    )
    return int(said["job_id"])


def test_a_folder_of_a_share_without_a_mount_is_delivered_as_its_files_would_be(
    live: Live, samba: Samba, tmp_path: Path
) -> None:
    samba.put({f"in/a/deep/{number}.dcm": content for number, content in enumerate(FILES)})
    samba.put({"elsewhere/9.dcm": ct(9)})

    number = asked_for(live, rf"{samba.unc.lower()}\in\a")
    job = live.watched([number])[number]

    assert (job["status"], job["files_processed"]) == ("DONE", 3), job
    outputs = sorted(path.read_bytes() for path in live.outputs(number))
    assert outputs == repeated(live, number, FILES, tmp_path) != []
    assert spooled(live) == []


def test_a_file_that_is_not_dicom_fails_the_job(live: Live, samba: Samba) -> None:
    samba.put({"in/a/1.dcm": ct(1), "in/a/notes.txt": b"about the patient"})

    number = asked_for(live, rf"{samba.unc}\in\a")
    job = live.watched([number])[number]

    assert job["status"] == "ERROR"
    assert "1 files of the source are not DICOM" in job["error"]


@pytest.mark.parametrize("path", [r"\elsewhere", r"\in\..\elsewhere", r"\in\a\fileselection.txt:x"])
def test_no_other_path_of_the_share_is_read(live: Live, samba: Samba, path: str) -> None:
    samba.put({"elsewhere/9.dcm": ct(9)})

    with pytest.raises(HTTPError) as refused:
        asked_for(live, f"{samba.unc}{path}")

    assert refused.value.code == 400


def test_a_file_selection_needs_a_mount(live: Live, samba: Samba) -> None:
    with pytest.raises(HTTPError) as refused:
        asked_for(live, rf"fileselection:{samba.unc}\in\a\fileselection.txt")

    assert "no line for this share" in refused.value.read().decode()
