"""Jobs, carried out by a real dispatcher on real folders: what is delivered, and what never is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest

from dicomveil.jobs.model import Counts, Item, JobRequest, NotDicomRule, QuarantineRule
from dicomveil.jobs.states import Event, State
from dicomveil.mapping.sources import parse_source
from tests.builders import El, part10, with_elements
from tests.jobs.databases import stored
from tests.jobs.estate import ELEMENTS, IN, OUT, Estate, ct, staged, wait_until

PDF = "1.2.840.10008.5.1.4.1.1.104.1"


@pytest.fixture
def estate(tmp_path: Path, url: str) -> Iterator[Estate]:
    made = Estate(tmp_path, url)
    yield made
    made.house.close()


def again(tmp_path: Path, **recipe: object) -> Estate:
    """An estate of another project."""
    return Estate(tmp_path / "other", "", **recipe)


def test_a_folder_becomes_a_delivered_folder(estate: Estate) -> None:
    estate.fill("a/deep/down", "4711")

    (job,) = estate.run(estate.submit(pseudo_id="P1", pseudo_name="Patient^One"))

    first = pydicom.dcmread(estate.delivered(job.id)[0])
    assert (job.state, job.error) == (State.DONE, "")
    assert job.counts == Counts(found=2, delivered=2, bytes=job.counts.bytes)
    assert (first.PatientID, str(first.PatientName)) == ("P1", "Patient^One")


def test_a_job_without_pseudonyms_takes_those_of_the_projects_key(estate: Estate) -> None:
    estate.fill("a", "4711")
    estate.fill("b", "4711")

    one, other = estate.run(estate.submit("folder:a"), estate.submit("folder:b"))

    ids = {pydicom.dcmread(estate.delivered(job.id)[0]).PatientID for job in (one, other)}
    assert len(ids) == 1
    assert len(ids.pop()) == 16


def test_a_job_is_cleaned_by_the_recipe_that_its_project_names(tmp_path: Path) -> None:
    recipe = tmp_path / "study.yaml"
    recipe.write_text("name: study\nextends: basic\nrules: {PatientName: {replace: Nobody}}\n")
    estate = again(tmp_path, profile=str(recipe))
    estate.fill("a", "4711")

    (job,) = estate.run(estate.submit())

    assert pydicom.dcmread(estate.delivered(job.id)[0]).PatientName == "Nobody"
    estate.house.close()


def test_a_profile_that_is_not_there_fails_the_job_and_delivers_nothing(tmp_path: Path) -> None:
    estate = again(tmp_path, profile=str(tmp_path / "absent.yaml"))
    estate.fill("a", "4711")

    (job,) = estate.run(estate.submit())

    assert (job.state, estate.delivered(job.id)) == (State.FAILED, [])
    estate.house.close()


def test_an_output_is_readable_and_its_neighbours_are_staged_nowhere(estate: Estate) -> None:
    estate.fill("a", "4711")

    (job,) = estate.run(estate.submit())

    mask = os.umask(0)
    os.umask(mask)
    assert estate.output(job.id).stat().st_mode & 0o777 == 0o777 & ~mask
    assert [path.name for path in estate.output(job.id).parent.iterdir()] == [str(job.id)]


REFUSED = {
    "a file that is not DICOM": ({"a/notes.txt": b"hello"}, "not-dicom-found"),
    "two patients under one pseudonym": ({"a/9.dcm": ct("4712", "1.2.9")}, "several-patients"),
}


@pytest.mark.parametrize(("more", "code"), REFUSED.values(), ids=REFUSED)
def test_a_job_is_refused_before_anything_is_delivered_for(
    estate: Estate, more: dict[str, bytes], code: str
) -> None:
    estate.fill("a", "4711")
    for name, content in more.items():
        estate.put(name, content)

    (job,) = estate.run(estate.submit(pseudo_id="P1"))

    assert (job.state, job.code) == (State.FAILED, code)
    assert list((estate.share / "out").rglob("*")) == []


@pytest.mark.parametrize("pseudonym", ["4711", "004711 ".strip(), "planted^ZACHARIAS"])
def test_a_pseudonym_that_is_an_original_identifier_is_refused(
    estate: Estate, pseudonym: str
) -> None:
    estate.fill("a", "4711")

    (job,) = estate.run(estate.submit(pseudo_id=pseudonym))

    assert job.code == "pseudonym-is-original"
    assert not estate.output(job.id).exists()


def test_how_many_patients_there_were_is_said_and_not_who(estate: Estate) -> None:
    for number, patient in enumerate(("4711", "4712", "4713")):
        estate.put(f"a/{number}.dcm", ct(patient, f"1.2.{number}"))

    (job,) = estate.run(estate.submit(pseudo_id="P1"))

    assert "3 patients" in job.error
    assert "471" not in job.error


@pytest.mark.parametrize("name", ["a", "nothing"], ids=["empty", "absent"])
def test_a_job_with_nothing_to_deliver_is_an_error(estate: Estate, name: str) -> None:
    (estate.share / "in" / "a").mkdir()

    (job,) = estate.run(estate.submit(f"folder:{name}"))

    assert job.state is State.FAILED
    assert job.code in {"nothing-to-deliver", "source-missing"}


def test_files_that_are_not_dicom_are_skipped_where_the_project_says_so(tmp_path: Path) -> None:
    estate = again(tmp_path, not_dicom=NotDicomRule.SKIP)
    estate.fill("a", "4711")
    estate.put("a/notes.txt", b"hello")

    (job,) = estate.run(estate.submit())

    assert job.state is State.DONE
    assert (job.counts.found, job.counts.delivered, job.counts.skipped) == (3, 2, 1)
    assert estate.house.ledger.items(job.id) == [Item("skipped", "text", 1)]


def quarantined(sop: str) -> bytes:
    """An object that the gate does not let out."""
    return part10(
        with_elements(ELEMENTS, El(0x00080016, "UI", PDF), El(0x00080018, "UI", sop)), sop=sop
    )


def test_with_some_objects_quarantined_the_rest_is_delivered_and_counted(estate: Estate) -> None:
    estate.fill("a", "4711")
    estate.put("a/report.dcm", quarantined("1.2.77"))

    (job,) = estate.run(estate.submit())

    counts = job.counts
    assert (job.state, counts.delivered, counts.quarantined) == (State.DONE, 2, 1)
    assert counts.found == counts.delivered + counts.quarantined
    assert [item.code for item in estate.house.ledger.items(job.id)] == ["encapsulated-document"]


def test_all_or_nothing_delivers_nothing_when_something_may_not_leave(tmp_path: Path) -> None:
    estate = again(tmp_path, quarantine=QuarantineRule.FAIL)
    estate.fill("a", "4711")
    estate.put("a/report.dcm", quarantined("1.2.77"))

    (job,) = estate.run(estate.submit())

    assert (job.state, job.code) == (State.FAILED, "quarantined")
    assert list((estate.share / "out" / "x").iterdir()) == []


def test_only_the_sop_classes_asked_for_are_delivered(estate: Estate) -> None:
    estate.fill("a", "4711")
    estate.put("a/report.dcm", quarantined("1.2.77"))

    (job,) = estate.run(estate.submit(sop_classes=("1.2.840.10008.5.1.4.1.1.2",)))

    assert (job.counts.found, job.counts.delivered, job.counts.skipped) == (3, 2, 1)


def test_running_a_job_again_replaces_its_own_output_alone(estate: Estate) -> None:
    estate.fill("a", "4711")
    (first,) = estate.run(estate.submit())
    other = estate.output(999)
    other.mkdir()
    (other / "theirs").write_text("untouched")
    estate.fill("a", "4711", count=3)

    estate.house.ledger.act(first.id, Event.RESET, "test")
    (job,) = estate.run(first.id)

    assert (job.state, len(estate.delivered(job.id))) == (State.DONE, 3)
    assert (other / "theirs").read_text() == "untouched"


def test_an_output_that_this_server_did_not_make_is_never_replaced(estate: Estate) -> None:
    estate.fill("a", "4711")
    number = estate.submit()
    estate.output(number).mkdir(parents=True)
    (estate.output(number) / "theirs").write_text("untouched")

    (job,) = estate.run(number)

    assert (job.state, job.code) == (State.FAILED, "destination-taken")
    assert [path.name for path in estate.output(number).iterdir()] == ["theirs"]


def test_a_missing_key_stops_the_projects_jobs_and_names_the_fingerprint(estate: Estate) -> None:
    estate.fill("a", "4711")
    estate.house.keyring.path(estate.key).unlink()
    number = estate.submit()

    estate.run_until_waiting(number)

    assert estate.key in estate.job(number).error
    assert list((estate.share / "out").iterdir()) == []


def test_a_different_key_of_that_name_stops_them_too(estate: Estate) -> None:
    estate.fill("a", "4711")
    path = estate.house.keyring.path(estate.key)
    path.write_text("0f" * 32)
    number = estate.submit()

    estate.run_until_waiting(number)

    assert estate.key in estate.job(number).error


def test_a_patient_who_opted_out_is_not_delivered(estate: Estate) -> None:
    estate.fill("a", "4711")
    estate.house.opt_outs.add(["4711"], "test")

    (job,) = estate.run(estate.submit())

    assert job.error == (
        f"Error while pre-processing job {job.id}: "
        'Patient "***" does not want his or her data to be used for research'
    )
    assert list((estate.share / "out").iterdir()) == []


def test_an_opt_out_is_ignored_for_a_reason(estate: Estate) -> None:
    estate.fill("a", "4711")
    estate.house.opt_outs.add(["4711"], "test")

    (job,) = estate.run(estate.submit(opt_out_reason="signed consent"))

    assert job.state is State.DONE


def test_a_pseudonym_key_gives_each_patient_one_pseudonym_for_good(tmp_path: Path) -> None:
    estate = again(tmp_path, pims_keys=("pk",))
    estate.house.pims.add_key("pk", "P{n:05}", estate.key, "test")
    estate.put("a/1.dcm", ct("4711", "1.2.1"))
    estate.put("a/2.dcm", ct("4712", "1.2.2"))
    estate.put("b/3.dcm", ct("4712", "1.2.3"))

    jobs = estate.run(
        estate.submit("folder:a", pims_key="pk"), estate.submit("folder:b", pims_key="pk")
    )

    ids = [{pydicom.dcmread(p).PatientID for p in estate.delivered(job.id)} for job in jobs]
    assert ids[0] == {"P00001", "P00002"}
    assert ids[1] < ids[0]


def test_a_cancelled_job_delivers_nothing_and_leaves_nothing(estate: Estate) -> None:
    estate.fill("a", "4711", count=2000)
    number = estate.submit()
    dispatcher = estate.house.dispatcher()
    dispatcher.start()
    try:
        wait_until(lambda: bool(staged(estate)))
        estate.house.ledger.act(number, Event.CANCELLED, "test")
        dispatcher.look()
        wait_until(lambda: not staged(estate))
    finally:
        dispatcher.stop()

    assert estate.job(number).state is State.CANCELLED
    assert not estate.output(number).exists()


def test_what_a_killed_server_staged_of_a_cancelled_job_is_swept(estate: Estate) -> None:
    estate.fill("a", "4711")
    number = estate.submit()
    estate.house.ledger.act(number, Event.CANCELLED, "test")
    left = estate.share / "out" / "x" / f".dicomveil-{number}.1.staged"
    left.mkdir(parents=True)
    (estate.house.private / str(number)).mkdir(parents=True)

    estate.house.tidy()

    assert not left.exists()
    assert list(estate.house.private.iterdir()) == []


def test_no_identifier_stands_in_the_database_in_clear(estate: Estate) -> None:
    estate.fill("secret-folder", "4711-planted")
    estate.house.opt_outs.add(["9999-planted"], "test")
    request = JobRequest(
        project="trial",
        source=parse_source(rf"folder:{IN}\secret-folder"),
        destination=rf"{OUT}\x",
        description="of Zacharias-planted",
        pseudo_id="P1",
    )
    number = estate.house.intake.submit(estate.admin, request).id

    estate.run(number)

    kept = stored(estate.house.database)
    assert b"P1" in kept
    assert b"planted" not in kept
    assert b"secret-folder" not in kept


def test_names_of_files_that_are_not_dicom_are_told_apart_from_the_error(estate: Estate) -> None:
    estate.fill("a", "4711")
    estate.put("a/letter-to-zacharias.txt", b"hello")

    (job,) = estate.run(estate.submit())

    assert "zacharias" not in job.error
    assert "zacharias" not in repr(job)
    assert job.details == "letter-to-zacharias.txt"


def test_a_failed_job_leaves_nothing_staged(tmp_path: Path) -> None:
    estate = again(tmp_path, quarantine=QuarantineRule.FAIL)
    estate.fill("a", "4711")
    estate.put("a/report.dcm", quarantined("1.2.77"))

    (job,) = estate.run(estate.submit())

    assert (job.counts.found, job.counts.delivered, job.counts.quarantined) == (3, 0, 3)
    assert staged(estate) == []
