"""Jobs whose source is a study of a real PACS: fetched, cleaned, delivered as a folder is.

What is delivered is, byte for byte, what `dicomveil deid` makes of the same files.
"""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.uid import UID

from tests.journeys.world import PLANTED, ct
from tests.server.live import SHARE, Live, made, running
from tests.servers.network import Network
from tests.servers.orthanc import Orthanc
from tests.servers.scripted import Archive, scripted

DESTINATION = rf"{SHARE}\out"
ACCESSION = "20260102.1"
STUDY = "1.2.826.0.1.3680043.9.7777.1"
SERIES = f"{STUDY}.1"
PATIENT = "0815-planted"


def slices(accession: str = ACCESSION, study: str = STUDY, count: int = 3) -> list[bytes]:
    """A study of one patient."""
    return [_labelled(ct(number), accession, study, number) for number in range(1, count + 1)]


def _labelled(content: bytes, accession: str, study: str, number: int) -> bytes:
    image = dcmread(BytesIO(content))
    image.AccessionNumber, image.PatientID = accession, PATIENT
    image.StudyInstanceUID, image.SeriesInstanceUID = UID(study), UID(f"{study}.1")
    image.SOPInstanceUID = UID(f"{study}.1.{number}")
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    written = BytesIO()
    dcmwrite(written, image, enforce_file_format=True)
    return written.getvalue()


def place(address: str, more: str = "") -> str:
    """A table of places.toml."""
    return f'kind = "dicomweb"\naddress = "{address}"\nattempts = 1\n{more}'


@pytest.fixture
def live(orthanc: Orthanc, tmp_path: Path) -> Iterator[Live]:
    """A server whose project reads one PACS, which holds nothing yet."""
    with running(tmp_path / "live", {"pacs": place(orthanc.web)}) as server:
        yield server


def asked_for(live: Live, source: str, **fields: str) -> int:
    """The number of a job with this source."""
    _, said = live.ask(
        "POST",
        "/create_job",
        source_type="WADO",
        source_name="IDC_WADO",
        source_instance_id=source,
        destination_path=DESTINATION,
        project_name="first",
        anonymizedpatientid="P1",
        **fields,
    )
    return int(said["job_id"])


def ended(live: Live, source: str, **fields: str) -> dict[str, Any]:
    """The job of this source, at its end."""
    number = asked_for(live, source, **fields)
    return live.watched([number])[number] | {"job_id": number}


def in_detail(live: Live, number: int) -> dict[str, Any]:
    """The job as the interface gives it."""
    return dict(live.ask("GET", f"/api/v1/jobs/{number}")[1])


def repeated(live: Live, number: int, originals: list[bytes], folder: Path) -> list[bytes]:
    """What `deid` makes of the originals in a folder, by the job's exported recipe."""
    command = [sys.executable, "-m", "dicomveil", "admin", "--settings", str(live.settings)]
    export = [*command, "job", "export", str(number), str(folder / "recipe")]
    subprocess.run(export, check=True, timeout=120, capture_output=True)
    source = folder / "src"
    source.mkdir()
    for at, content in enumerate(originals):
        (source / f"{at}.dcm").write_bytes(content)
    line: list[str] = json.loads((folder / "recipe" / "recipe.json").read_text())["command"]
    assert line[-2].startswith(("pacs:pacs?", "\\\\"))
    line = [sys.executable, "-m", *line[:-2], str(source), str(folder / "dst")]
    subprocess.run(line, check=True, timeout=120, capture_output=True)
    return sorted(path.read_bytes() for path in (folder / "dst").rglob("*.dcm"))


def wait_until(over: Callable[[], bool]) -> None:
    """Come back when it is over; AssertionError when it takes too long."""
    until = time.monotonic() + 60
    while not over():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.1)


def spooled(live: Live) -> list[str]:
    """Everything in the server's spool."""
    return sorted(os.listdir(live.folder / "state" / "spool"))


@pytest.mark.parametrize(
    "source",
    [
        f"accession_number:{ACCESSION}",
        f"study_instance_uid:{STUDY}",
        STUDY,
        f"series_instance_uid:{SERIES}",
        f"patient_id:{PATIENT}",
    ],
)
def test_a_study_of_a_pacs_is_delivered_as_its_files_would_be(
    live: Live, orthanc: Orthanc, tmp_path: Path, source: str
) -> None:
    originals = slices()
    orthanc.upload(originals)
    orthanc.upload(slices("other", f"{STUDY}.9") if "patient" not in source else [])

    job = ended(live, source)

    number = job["job_id"]
    assert (job["status"], job["files_processed"]) == ("DONE", 3), job
    outputs = sorted(path.read_bytes() for path in live.outputs(number))
    assert outputs == repeated(live, number, originals, tmp_path) != []
    assert spooled(live) == []
    assert PLANTED not in live.log()
    assert not [word for word in (ACCESSION, STUDY, PATIENT) if word in live.log()]


def test_the_spool_is_for_the_server_alone(live: Live) -> None:
    said = (live.folder / "state" / "spool").stat()

    assert stat.S_IMODE(said.st_mode) == 0o700


REFUSED = {
    "nothing-found": ("accession_number:20990101.9", "pacs: nothing there equals"),
    "several-found": (f"accession_number:{ACCESSION}", "pacs: 2 studies have the accession number"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_none_and_several_hits_are_told_apart(live: Live, orthanc: Orthanc, code: str) -> None:
    orthanc.upload(slices() + slices(study=f"{STUDY}.9"))
    source, words = REFUSED[code]

    job = ended(live, source)

    assert (job["status"], in_detail(live, job["job_id"])["code"]) == ("ERROR", code)
    assert words in job["error"]
    assert source.partition(":")[2] not in job["error"]
    assert live.outputs(job["job_id"]) == []
    assert spooled(live) == []


@pytest.mark.parametrize("retrieval", ["get", "move"])
def test_a_study_that_comes_by_dimse_is_delivered(
    orthanc: Orthanc, tmp_path: Path, retrieval: str
) -> None:
    orthanc.upload(slices())
    table = f"""kind = "dimse"
address = "127.0.0.1:{orthanc.dicom_port}"
called = "CIPACS"
calling = "DEID"
retrieval = "{retrieval}"
listen_port = 11113
"""
    with running(tmp_path, {"pacs": table}) as live:
        job = ended(live, f"accession_number:{ACCESSION}")

    assert (job["status"], job["files_processed"]) == ("DONE", 3), job


def test_outside_the_hours_of_a_place_a_job_waits_and_uses_up_nothing(
    orthanc: Orthanc, tmp_path: Path
) -> None:
    orthanc.upload(slices())
    now = datetime.now().astimezone()
    hours = f"{now + timedelta(hours=2):%H:%M}-{now + timedelta(hours=3):%H:%M}"
    with running(tmp_path, {"pacs": place(orthanc.web, f'hours = "{hours}"')}) as live:
        number = asked_for(live, STUDY)
        wait_until(lambda: in_detail(live, number)["state"] == "waiting")
        job = in_detail(live, number)

    assert f"pacs is asked between {hours} only" in job["error"]
    assert live.outputs(number) == []


def test_a_project_may_allow_several_studies(orthanc: Orthanc, tmp_path: Path) -> None:
    orthanc.upload(slices() + slices(study=f"{STUDY}.9"))
    with running(tmp_path, {"pacs": place(orthanc.web, "several = true")}) as live:
        job = ended(live, f"accession_number:{ACCESSION}")

    assert (job["status"], job["files_processed"]) == ("DONE", 6)


def test_the_next_place_is_asked_when_the_first_has_nothing(
    orthanc: Orthanc, tmp_path: Path
) -> None:
    orthanc.upload(slices())
    here = tmp_path / "folder"
    here.mkdir()
    tables = {
        "shelf": f'kind = "folder"\naddress = "{here}"',
        "pacs": place(orthanc.web),
    }
    with running(tmp_path / "live", tables) as live:
        job = ended(live, f"accession_number:{ACCESSION}")

    assert job["status"] == "DONE"


def test_a_place_that_the_project_does_not_name_is_not_asked(
    orthanc: Orthanc, tmp_path: Path
) -> None:
    orthanc.upload(slices())
    with running(tmp_path, {"pacs": place(orthanc.web)}, places=()) as live:
        job = ended(live, f"accession_number:{ACCESSION}")
        code = in_detail(live, job["job_id"])["code"]

    assert (job["status"], code) == ("ERROR", "no-place")


def test_a_patient_who_refuses_is_delivered_nothing_of(live: Live, orthanc: Orthanc) -> None:
    orthanc.upload(slices())
    refusing = f"patient_id\n{PATIENT}\n"
    command = [sys.executable, "-m", "dicomveil", "admin", "--settings", str(live.settings)]
    (live.folder / "refusing.csv").write_text(refusing)
    added = [*command, "opt-out", "import", str(live.folder / "refusing.csv")]
    subprocess.run(added, check=True, timeout=60, capture_output=True)

    job = ended(live, STUDY)

    assert job["status"] == "ERROR"
    assert 'Patient "***"' in job["error"]
    assert spooled(live) == []


def test_a_pacs_that_is_away_is_asked_again_later(network: Network, tmp_path: Path) -> None:
    with (
        network.inside(),
        running(tmp_path, {"pacs": place("http://127.0.0.1:9")}) as away,
    ):
        number = asked_for(away, STUDY)
        wait_until(lambda: in_detail(away, number)["state"] == "waiting")
        said = in_detail(away, number)

    assert (said["code"], said["status"]) == ("place-busy", "ACTIVE")
    assert spooled(away) == []


@pytest.mark.parametrize(("retries", "status"), [(0, "ERROR"), (3, "ACTIVE")])
@pytest.mark.parametrize("said", [2, 4])
def test_a_study_that_is_not_whole_is_tried_again_and_never_delivered(
    network: Network, tmp_path: Path, said: int, retries: int, status: str
) -> None:
    with (
        network.inside(),
        scripted(Archive(slices(), said)) as pacs,
        running(tmp_path, {"pacs": place(pacs.url)}, retries=retries) as live,
    ):
        number = asked_for(live, STUDY)
        wait_until(lambda: in_detail(live, number)["state"] in ("waiting", "failed"))
        job = in_detail(live, number)

    assert (job["code"], job["status"]) == ("short", status)
    assert f"3 of {said} objects came" in job["error"]
    assert live.outputs(number) == []
    assert spooled(live) == []


class Stalling(Archive):
    """Sends a study but for its end, until it may go on."""

    def __init__(self) -> None:
        super().__init__(slices())
        self.may_go_on = threading.Event()

    def sent(self) -> Iterator[bytes]:
        (whole,) = super().sent()
        yield whole[:-600]
        self.may_go_on.wait(60)
        yield whole[-600:]


def cancelled(live: Live, number: int, pacs: Stalling) -> None:
    """Cancel the job, and see to it that it was."""
    live.ask("POST", f"/api/v1/jobs/{number}/cancel", json={})
    assert live.watched([number])[number]["status"] == "INACTIVE"
    pacs.may_go_on.set()


def killed(live: Live, number: int, pacs: Stalling) -> None:
    """Kill the server and start it again: the job is done from its beginning."""
    live.stop(signal.SIGKILL)
    pacs.may_go_on.set()
    live.start()
    assert live.watched([number])[number]["status"] == "DONE"


@pytest.mark.parametrize(("end", "outputs"), [(cancelled, 0), (killed, 3)])
def test_nothing_stays_in_the_spool_of_an_attempt_that_was(
    network: Network, tmp_path: Path, end: Callable[[Live, int, Stalling], None], outputs: int
) -> None:
    stalling = Stalling()
    with (
        network.inside(),
        scripted(stalling) as pacs,
        running(tmp_path, {"pacs": place(pacs.url)}) as live,
    ):
        number = asked_for(live, STUDY)
        wait_until(lambda: len(list((tmp_path / "state/spool").glob("*/0*"))) > 1)

        end(live, number, stalling)
        wait_until(lambda: not spooled(live))

    assert len(live.outputs(number)) == outputs


def test_a_server_begins_by_emptying_its_spool(network: Network, tmp_path: Path) -> None:
    live = made(tmp_path)
    left = tmp_path / "state" / "spool" / "7"
    left.mkdir(parents=True, mode=0o700)
    (left / "00000001").write_bytes(ct(1))
    with network.inside():
        live.start()
        live.stop()

    assert not left.exists()


def test_a_spool_on_a_share_is_refused(tmp_path: Path) -> None:
    live = made(tmp_path)
    text = live.settings.read_text().replace(
        'state = "state"', f'state = "state"\nspool = "{live.share}/spool"'
    )
    live.settings.write_text(text)
    command = [sys.executable, "-m", "dicomveil", "serve", "--settings", str(live.settings)]

    done = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)

    assert done.returncode != 0
    assert "the spool lies on a share" in done.stderr
