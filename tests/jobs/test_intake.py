"""What requests may ask for, by whom, and what they are told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dicomveil.job_errors import NoSuch, NotAllowed, NotNow, OverLimit, Unfit
from dicomveil.jobs.model import Approval, Asker, Change, Limits, Role, Scope
from dicomveil.jobs.states import Event, State, Status
from dicomveil.mapping.sources import parse_source
from tests.jobs.estate import IN, OUT, PROJECT, Estate


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    made = Estate(tmp_path)
    yield made
    made.house.close()


def stranger(estate: Estate, role: Role = Role.DATA_MANAGER) -> Asker:
    """A user of another project."""
    asker = estate.user("stranger", role)
    estate.house.registry.leave("stranger", PROJECT, "test")
    return asker


UNFIT = {
    "a destination elsewhere": ({"destination": r"\\srv\share\in"}, "destination_path"),
    "a destination on another host": ({"destination": r"\\evil\share\out"}, "destination_path"),
    "a local destination": ({"destination": "/mnt/out"}, "destination_path"),
    "a destination with dots": ({"destination": rf"{OUT}\..\in"}, "destination_path"),
    "a source elsewhere": ({"source": parse_source(rf"folder:{OUT}\x")}, "source_path"),
    "a local source": ({"source": parse_source("folder:/mnt/in")}, "source_path"),
    "a device": ({"source": parse_source(r"folder:\\.\share\in")}, "source_path"),
    "a pseudonym with a backslash": ({"pseudo_id": r"a\b"}, "anonymizedpatientid"),
    "a pseudonym of 65 letters": ({"pseudo_name": "x" * 65}, "anonymizedpatientid"),
    "a pseudonym that is no ASCII": ({"pseudo_id": "é"}, "anonymizedpatientid"),
    "an unknown pseudonym key": ({"pims_key": "pk"}, "pims_key"),
    "a priority out of bounds": ({"priority": 101}, "priority"),
    "a long description": ({"description": "x" * 1025}, "description"),
}


@pytest.mark.parametrize(("fields", "named"), UNFIT.values(), ids=UNFIT)
def test_a_request_is_refused_by_its_fields_name_for(
    estate: Estate, fields: dict[str, object], named: str
) -> None:
    request = replace(estate.request(), **fields)  # type: ignore[arg-type]  # fields of a request

    with pytest.raises(Unfit) as refused:
        estate.house.intake.submit(estate.admin, request)

    assert refused.value.field == named
    assert estate.house.intake.problem(estate.admin, request) == str(refused.value)
    assert sum(estate.house.ledger.states().values()) == 0


def test_one_pseudonym_stands_for_both(estate: Estate) -> None:
    job = estate.job(estate.submit(pseudo_name="P1"))

    assert (job.pseudo_id, job.pseudo_name) == ("P1", "P1")


def test_a_project_of_others_is_answered_as_anonapi_answers(estate: Estate) -> None:
    with pytest.raises(NotAllowed, match="`stranger` is not connected to given project_name trial"):
        estate.house.intake.submit(stranger(estate), estate.request())


def test_a_project_that_is_not_there_is_answered_in_the_same_words(estate: Estate) -> None:
    request = replace(estate.request(), project="no-such")

    with pytest.raises(NotAllowed, match="is not connected to given project_name no-such"):
        estate.house.intake.submit(estate.admin, request)


def test_a_job_that_one_may_not_see_is_as_one_that_is_not_there(estate: Estate) -> None:
    number = estate.submit()
    asker = stranger(estate)

    with pytest.raises(NoSuch) as hidden:
        estate.house.intake.job(asker, number)
    with pytest.raises(NoSuch) as absent:
        estate.house.intake.job(asker, 4711)

    assert str(hidden.value) == str(absent.value).replace("4711", str(number))


def test_a_researcher_changes_no_job_of_others(estate: Estate) -> None:
    number = estate.submit()
    asker = estate.user("rita", Role.RESEARCHER)

    with pytest.raises(NotAllowed):
        estate.house.intake.act(asker, number, Event.CANCELLED)


def test_an_auditor_asks_for_no_job(estate: Estate) -> None:
    with pytest.raises(NotAllowed):
        estate.house.intake.submit(estate.user("otto", Role.AUDITOR), estate.request())


def test_ignoring_an_opt_out_needs_a_permission_of_its_own(estate: Estate) -> None:
    asker = Asker(estate.admin.user, estate.admin.scopes - {Scope.IGNORE_OPT_OUT})
    request = replace(estate.request(), opt_out_reason="signed consent")
    number = estate.submit()

    with pytest.raises(NotAllowed):
        estate.house.intake.submit(asker, request)
    with pytest.raises(NotAllowed):
        estate.house.intake.modify(asker, number, Change(opt_out_reason="signed consent"))


def test_a_job_is_changed_as_it_would_be_asked_for(estate: Estate) -> None:
    number = estate.submit(pseudo_id="P1")
    change = Change(pseudo_id="P2", source=parse_source(rf"folder:{IN}\b"), priority=4)

    job = estate.house.intake.modify(estate.admin, number, change)

    assert (job.pseudo_id, job.source, job.priority) == ("P2", rf"{IN}\b", 4)


def test_a_change_is_checked_as_a_request_is(estate: Estate) -> None:
    number = estate.submit()

    with pytest.raises(Unfit):
        estate.house.intake.modify(estate.admin, number, Change(destination=r"\\srv\share\in"))


def test_source_destination_and_project_stay_once_an_attempt_has_begun(estate: Estate) -> None:
    number = estate.submit()
    (claim,) = estate.house.ledger.claim("w")
    estate.house.ledger.act(claim.job.id, Event.CANCELLED, "test")

    with pytest.raises(NotNow):
        estate.house.intake.modify(estate.admin, number, Change(destination=rf"{OUT}\y"))


def test_a_job_at_work_is_not_changed_under_its_hands(estate: Estate) -> None:
    number = estate.submit(pseudo_id="P1")
    estate.house.ledger.claim("w")

    with pytest.raises(NotNow):
        estate.house.intake.modify(estate.admin, number, Change(pseudo_id="P2"))


def test_a_second_person_approves(tmp_path: Path) -> None:
    estate = Estate(tmp_path, approval=Approval.SECOND_PERSON)
    number = estate.submit()
    held = estate.job(number).state
    other = estate.user("bert", Role.DATA_MANAGER)

    with pytest.raises(NotAllowed):
        estate.house.intake.act(estate.admin, number, Event.APPROVED)
    approved = estate.house.intake.act(other, number, Event.APPROVED)

    assert (held, approved.state) == (State.HELD, State.QUEUED)
    estate.house.close()


def test_a_limit_of_waiting_jobs_holds_for_all_of_a_request(tmp_path: Path) -> None:
    estate = Estate(tmp_path, limits=Limits(queued=2))
    estate.submit()

    with pytest.raises(OverLimit):
        estate.house.intake.submit_all(estate.admin, [estate.request()] * 2)

    assert estate.house.ledger.states()[State.QUEUED] == 1
    estate.house.close()


def test_jobs_of_a_batch_are_counted_together(estate: Estate) -> None:
    number = estate.house.batches.make("forty rows", estate.admin.user)
    jobs = [estate.submit(batch=number) for _ in range(3)]
    estate.submit()

    estate.house.ledger.act(jobs[0], Event.CANCELLED, "test")

    batch = estate.house.batches.batch(number)
    assert (batch.name, batch.owner) == ("forty rows", "admin")
    assert batch.statuses == {Status.ACTIVE: 2, Status.INACTIVE: 1}
    assert [one.id for one in estate.house.batches.of(estate.admin.user)] == [number]


@pytest.mark.parametrize("which", ["another's", "none"])
def test_a_batch_that_is_not_ones_own_is_refused(estate: Estate, which: str) -> None:
    other = estate.user("bert", Role.DATA_MANAGER)
    number = estate.house.batches.make("theirs", other.user) if which == "another's" else 4711
    request = replace(estate.request(), batch=number)

    with pytest.raises(Unfit, match="batch of yours"):
        estate.house.intake.submit(estate.admin, request)
