"""Only the SOP Classes that a job asks for are delivered, by a server that runs."""

from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import UID, CTImageStorage, MRImageStorage, SecondaryCaptureImageStorage

from tests.server.live import SHARE, Live, running


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(tmp_path_factory.mktemp("live")) as server:
        folder = server.study("mixed", files=5)
        for name in ("1.dcm", "3.dcm"):
            become(folder / name, MRImageStorage)
        yield server


def become(path: Path, sop_class: UID) -> None:
    """Let an object be of another SOP Class."""
    image = pydicom.dcmread(path)
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = sop_class
    image.save_as(path)


def classes(live: Live, number: int) -> list[str]:
    """The SOP Classes of what a job delivered."""
    return sorted(pydicom.dcmread(path).SOPClassUID for path in live.outputs(number))


def created(live: Live, wanted: str) -> int:
    """A job with this filter."""
    fields = {
        "source_type": "PATH",
        "source_path": rf"folder:{SHARE}\data\mixed",
        "destination_path": rf"{SHARE}\out",
        "project_name": "first",
        "anonymizedpatientid": "P1",
        "source_sop_class_filter_list": wanted,
    }
    return int(live.ask("POST", "/create_job", **fields)[1]["job_id"])


WANTED = {
    "one class": (str(MRImageStorage), [MRImageStorage] * 2),
    "several": (f"{MRImageStorage}, {CTImageStorage}", [CTImageStorage] * 3 + [MRImageStorage] * 2),
    "none": ("", [CTImageStorage] * 3 + [MRImageStorage] * 2),
}


@pytest.mark.parametrize(("wanted", "delivered"), WANTED.values(), ids=WANTED)
def test_the_classes_asked_for_are_delivered_and_the_rest_is_counted_as_skipped(
    live: Live, wanted: str, delivered: list[str]
) -> None:
    number = created(live, wanted)

    job = live.watched([number])[number]

    counts = live.ask("GET", f"/api/v1/jobs/{number}")[1]["counts"]
    assert (job["status"], classes(live, number)) == ("DONE", delivered)
    assert (counts["found"], counts["delivered"]) == (5, len(delivered))
    assert counts["skipped"] == 5 - len(delivered)


def test_a_class_that_the_source_does_not_hold_is_an_error(live: Live) -> None:
    number = created(live, str(SecondaryCaptureImageStorage))

    job = live.watched([number])[number]

    assert job["status"] == "ERROR"
    assert "nothing to deliver" in job["error"]
    assert live.outputs(number) == []
