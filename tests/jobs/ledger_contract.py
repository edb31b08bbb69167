"""What every ledger must do, whatever its database; run on SQLite by test_ledger.py."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from dicomveil.job_errors import NoSuch, NotNow, Superseded, Unfit
from dicomveil.jobs.ledger import Ledger, Submission, Word
from dicomveil.jobs.model import Counts, Item, JobRequest, Role, User
from dicomveil.jobs.states import Event, State
from dicomveil.mapping.sources import parse_source

OWNER = User(1, "anna", Role.RESEARCHER)
FIXED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time = FIXED

    def __call__(self) -> datetime:
        return self.time

    def go(self, **by: float) -> None:
        self.time += timedelta(**by)


def submission(number: int = 1, key: str = "", **fields: object) -> Submission:
    """A request of anna's in the first project."""
    request = JobRequest(
        project="trial",
        source=parse_source(rf"folder:\\srv\in\{number}"),
        destination=r"\\srv\out",
        **fields,  # type: ignore[arg-type]  # each test names fields that are there
    )
    return Submission(request=request, owner=OWNER, project_id=1, key=key)


class LedgerContract:
    """Collected by pytest in the modules that give it a `ledger` and its `clock`."""

    def test_a_submitted_job_is_as_it_was_asked_for(self, ledger: Ledger) -> None:
        job = ledger.submit(submission(7, pseudo_id="P1", description="of Zacharias", priority=3))

        assert (job.state, job.owner, job.project) == (State.QUEUED, "anna", "trial")
        assert (job.source, job.description) == (r"\\srv\in\7", "of Zacharias")
        assert (job.pseudo_id, job.priority, job.created) == ("P1", 3, FIXED)
        assert ledger.job(job.id) == job

    def test_the_same_key_gives_the_same_job(self, ledger: Ledger) -> None:
        first = ledger.submit(submission(1, key="k"))

        assert ledger.submit(submission(1, key="k")).id == first.id

    def test_a_key_that_stood_for_another_request_is_refused(self, ledger: Ledger) -> None:
        ledger.submit(submission(1, key="k"))

        with pytest.raises(Unfit):
            ledger.submit(submission(2, key="k"))

    def test_of_many_submissions_all_are_entered_or_none(self, ledger: Ledger) -> None:
        ledger.submit(submission(1, key="k"))

        with pytest.raises(Unfit):
            ledger.submit_all([submission(3), submission(2, key="k")])

        assert ledger.states()[State.QUEUED] == 1

    def test_ten_thousand_jobs_are_found_in_one_query(self, ledger: Ledger) -> None:
        jobs = ledger.submit_all([submission(n) for n in range(20)])

        found = ledger.glances(range(-10, 10_000))

        assert [glance.id for glance in found] == [job.id for job in jobs]

    def test_an_unknown_job_is_no_such(self, ledger: Ledger) -> None:
        with pytest.raises(NoSuch):
            ledger.job(4711)

    def test_a_job_is_claimed_once(self, ledger: Ledger) -> None:
        job = ledger.submit(submission())

        claims = ledger.claim("one", 5) + ledger.claim("other", 5)

        assert [(claim.job.id, claim.job.state) for claim in claims] == [(job.id, State.FETCHING)]

    def test_higher_priorities_are_claimed_first_then_older_jobs(self, ledger: Ledger) -> None:
        low, high, other = (ledger.submit(submission(priority=p)).id for p in (0, 5, 0))

        claimed = [ledger.claim("w")[0].job.id for _ in range(3)]

        assert claimed == [high, low, other]

    def test_a_priority_can_change(self, ledger: Ledger) -> None:
        _, last = (ledger.submit(submission(n)).id for n in range(2))

        ledger.prioritise(last, 9, "anna")

        assert ledger.claim("w")[0].job.id == last

    def test_a_job_is_carried_through_to_its_end(self, ledger: Ledger) -> None:
        ledger.submit(submission())
        (claim,) = ledger.claim("w")
        counts = Counts(found=3, delivered=2, quarantined=1, bytes=9)
        items = (Item("quarantined", "leak", 1, (3,)),)

        for event in (Event.FETCHED, Event.VERIFIED):
            ledger.record(claim, Word(event=event))
        ledger.record(claim, Word(event=Event.DELIVERED, counts=counts, items=items))

        job = ledger.job(claim.job.id)
        assert (job.state, job.counts, job.ended) == (State.DONE, counts, FIXED)
        assert ledger.items(job.id) == list(items)

    def test_a_lease_that_ended_gives_the_job_to_another(
        self, ledger: Ledger, clock: Clock
    ) -> None:
        ledger.submit(submission())
        (late,) = ledger.claim("one")
        clock.go(seconds=61)

        assert ledger.sweep() == [late.job.id]
        (claim,) = ledger.claim("other")

        assert claim.attempt == late.attempt + 1

    @pytest.mark.parametrize("event", [Event.FETCHED, Event.TROUBLED, Event.REFUSED])
    def test_a_late_word_changes_nothing(self, ledger: Ledger, clock: Clock, event: Event) -> None:
        ledger.submit(submission())
        (late,) = ledger.claim("one")
        clock.go(seconds=61)
        ledger.sweep()
        ledger.claim("other")
        before = ledger.job(late.job.id)

        with pytest.raises(Superseded):
            ledger.record(late, Word(event=event))

        assert ledger.job(late.job.id) == before

    def test_of_several_words_a_late_one_takes_back_all(self, ledger: Ledger) -> None:
        ledger.submit_all([submission(1), submission(2)])
        good, late = ledger.claim("one", 2)
        ledger.act(late.job.id, Event.CANCELLED, "anna")

        with pytest.raises(Superseded):
            ledger.record_all([(c, Word(event=Event.FETCHED)) for c in (good, late)])

        assert ledger.job(good.job.id).state is State.FETCHING

    def test_a_renewed_lease_holds(self, ledger: Ledger, clock: Clock) -> None:
        ledger.submit(submission())
        claims = ledger.claim("w")
        clock.go(seconds=50)

        assert ledger.renew(claims) == []
        clock.go(seconds=50)

        assert ledger.sweep() == []

    def test_renewing_tells_what_was_lost(self, ledger: Ledger) -> None:
        job = ledger.submit(submission())
        claims = ledger.claim("w")
        ledger.act(job.id, Event.CANCELLED, "anna")

        assert ledger.renew(claims) == claims

    def test_a_worker_that_is_gone_gives_its_jobs_back(self, ledger: Ledger) -> None:
        ledger.submit_all([submission(1), submission(2)])
        ledger.claim("one")
        ledger.claim("other")

        assert ledger.release("one") == [1]
        assert ledger.states()[State.QUEUED] == 1

    def test_trouble_is_tried_again_when_it_is_due(self, ledger: Ledger, clock: Clock) -> None:
        ledger.submit(submission())
        (claim,) = ledger.claim("w")
        due = clock() + timedelta(minutes=5)

        ledger.record(claim, Word(event=Event.TROUBLED, code="io-error", due=due))
        waits = ledger.sweep(), ledger.claim("w")
        clock.go(minutes=6)

        assert waits == ([], [])
        assert ledger.sweep() == [claim.job.id]
        assert ledger.claim("w")[0].job.tries == 1

    def test_a_cancelled_job_is_lost_to_its_attempt(self, ledger: Ledger) -> None:
        ledger.submit(submission())
        (claim,) = ledger.claim("w")

        job = ledger.act(claim.job.id, Event.CANCELLED, "anna")

        assert job.state is State.CANCELLED
        with pytest.raises(Superseded):
            ledger.progress(claim, 1, 1)

    def test_a_paused_job_is_not_claimed(self, ledger: Ledger) -> None:
        job = ledger.submit(submission())

        ledger.act(job.id, Event.PAUSED, "anna")
        paused = ledger.claim("w")
        ledger.act(job.id, Event.RESUMED, "anna")

        assert paused == []
        assert len(ledger.claim("w")) == 1

    def test_a_done_job_cannot_be_cancelled(self, ledger: Ledger) -> None:
        done = finished(ledger)

        with pytest.raises(NotNow):
            ledger.act(done, Event.CANCELLED, "anna")

    def test_a_reset_job_begins_anew(self, ledger: Ledger) -> None:
        done = finished(ledger)

        job = ledger.act(done, Event.RESET, "anna")

        assert (job.state, job.counts, job.tries, job.error) == (State.QUEUED, Counts(), 0, "")
        assert job.downloaded is None
        assert ledger.items(done) == []

    def test_a_plan_is_kept_by_the_attempt_that_has_the_job(self, ledger: Ledger) -> None:
        ledger.submit(submission())
        (claim,) = ledger.claim("w")

        ledger.keep_plan(claim, "the plan", 2)

        assert (ledger.plan(claim.job.id), ledger.job(claim.job.id).version) == ("the plan", 2)

    def test_what_identifies_is_purged_and_the_job_stays(
        self, ledger: Ledger, clock: Clock
    ) -> None:
        done = finished(ledger)
        clock.go(days=91)

        purged = ledger.purge(1, clock() - timedelta(days=90))

        job = ledger.job(done)
        assert purged == [done]
        assert (job.source, job.description, job.counts.found) == ("", "", 2)

    def test_counts_of_states_sum_to_all_jobs(self, ledger: Ledger) -> None:
        finished(ledger)
        ledger.submit_all([submission(n) for n in range(3)])
        ledger.claim("w")

        states = ledger.states()

        assert set(states) == set(State)
        assert sum(states.values()) == 4


def finished(ledger: Ledger) -> int:
    """A job that is done."""
    number = ledger.submit(submission(description="of Zacharias")).id
    (claim,) = ledger.claim("w")
    words: list[Callable[[], Word]] = [
        lambda: Word(event=Event.FETCHED),
        lambda: Word(event=Event.VERIFIED),
        lambda: Word(
            event=Event.DELIVERED,
            counts=Counts(found=2, delivered=2),
            items=(Item("delivered", "", 2),),
        ),
    ]
    for word in words:
        ledger.record(claim, word())
    return number
