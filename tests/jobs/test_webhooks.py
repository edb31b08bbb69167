"""Webhooks: a real server is told how jobs ended, signed, once each, and nobody else is."""

import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from dicomveil.errors import Unusable
from dicomveil.job_errors import Unfit
from dicomveil.jobs import clock
from dicomveil.jobs.courier import Courier
from dicomveil.jobs.posting import Post, networks_of
from dicomveil.jobs.states import Event
from dicomveil.jobs.webhooks import TRIES, Tells, Webhook, Webhooks, check_url
from dicomveil.serving import open_house
from tests.jobs.estate import PROJECT, Estate
from tests.jobs.receiver import Receiver, certified, receiving

NEAR = networks_of("127.0.0.0/8, ::1")


class Told:
    """An estate whose project tells a receiver, and a clock that is put forward by hand."""

    def __init__(self, folder: Path) -> None:
        self.estate = Estate(folder)
        self.late = timedelta()
        self.post = Post(NEAR, patience=10)

    @property
    def webhooks(self) -> Webhooks:
        house = self.estate.house
        return Webhooks(house.database, house.vault, lambda: clock.now() + self.late)

    def tell(self, url: str, tells: Tells = Tells.OUTCOME) -> Webhook:
        project = self.estate.house.registry.project(PROJECT)
        return self.webhooks.put(project, url, tells, "test")

    def step(self) -> bool:
        """Whether something was due, and was tried."""
        ledger = self.estate.house.ledger
        return Courier(self.webhooks, ledger, self.post, clock.now).step()

    def ended(self, event: Event = Event.CANCELLED, **fields: object) -> int:
        """A job that ended so."""
        number = self.estate.submit("folder:planted", **fields)
        self.estate.house.ledger.act(number, event, "test")
        return number

    @property
    def states(self) -> list[tuple[str, int, str]]:
        project = self.estate.house.registry.project(PROJECT)
        return [(d.state, d.tries, d.trouble) for d in self.webhooks.deliveries(project.id)]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    made = Told(tmp_path)
    yield made
    made.estate.house.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def test_a_job_that_is_done_is_told_with_its_counts(told: Told, receiver: Receiver) -> None:
    told.tell(receiver.url)
    told.estate.fill("a", "4711")
    (job,) = told.estate.run(told.estate.submit())

    assert told.step()

    (sent,) = receiver.sent
    said = json.loads(sent.body)
    assert sent.path == "/hook?of=trial"
    assert (said["event"], said["job"]["job_id"]) == ("job.ended", job.id)
    assert (said["job"]["state"], said["job"]["status"]) == ("done", "DONE")
    assert said["job"]["counts"]["delivered"] == 2
    assert told.states == [("delivered", 1, "")]
    assert not told.step()


def test_a_job_that_failed_is_told_with_its_reason(told: Told, receiver: Receiver) -> None:
    told.tell(receiver.url)
    (job,) = told.estate.run(told.estate.submit("folder:nothing"))

    told.step()

    said = json.loads(receiver.sent[0].body)["job"]
    assert (said["status"], said["code"], said["error"]) == ("ERROR", job.code, job.error)


def test_what_is_told_is_signed_with_name_and_time(told: Told, receiver: Receiver) -> None:
    secret = told.tell(receiver.url).secret
    told.ended()

    told.step()

    (sent,) = receiver.sent
    name, at = sent.headers["Dicomveil-Delivery"], sent.headers["Dicomveil-Timestamp"]
    message = f"{name}.{at}.".encode() + sent.body
    expected = hmac.new(secret.encode(), message, sha256).hexdigest()
    assert sent.headers["Dicomveil-Signature"] == f"v1={expected}"
    assert abs(int(at) - clock.now().timestamp()) < 60
    assert json.loads(sent.body)["delivery"] == name
    assert secret.encode() not in sent.body


def test_nothing_of_the_source_is_told_unless_the_project_says_so(
    told: Told, receiver: Receiver
) -> None:
    told.tell(receiver.url)
    told.ended(description="of Zacharias", pseudo_id="P1")
    told.step()
    silent = receiver.bodies
    told.tell(receiver.url, Tells.SOURCE)
    told.ended(description="of Zacharias", pseudo_id="P1")

    told.step()

    source = json.loads(receiver.sent[1].body)["job"]["source"]
    assert not [word for word in (b"planted", b"Zacharias", b"P1", b"srv") if word in silent]
    assert source["source"].endswith(r"\in\planted")
    assert (source["description"], source["pseudo_id"]) == ("of Zacharias", "P1")


@pytest.mark.parametrize("status", [500, 404, 301, 302, 307, 308])
def test_any_other_answer_is_trouble_and_the_same_name_is_tried_later(
    told: Told, receiver: Receiver, status: int
) -> None:
    told.tell(receiver.url)
    told.ended()
    receiver.statuses = [status]
    told.step()
    at_once = told.step()
    told.late = timedelta(seconds=11)

    told.step()

    names = {one.headers["Dicomveil-Delivery"] for one in receiver.sent}
    assert not at_once
    assert [one.path for one in receiver.sent] == ["/hook?of=trial"] * 2
    assert len(names) == 1
    assert told.states == [("delivered", 2, "")]


def test_pauses_grow_and_at_last_it_is_given_up(told: Told) -> None:
    with receiving() as gone:
        told.tell(gone.url)
    told.ended()
    began, pauses = clock.now(), []
    while told.step():
        (delivery,) = told.webhooks.deliveries(1)
        if delivery.due is not None:
            pauses.append(round((delivery.due - began - told.late).total_seconds(), -1))
            told.late = delivery.due - clock.now() + timedelta(seconds=1)

    assert [state for state, _, _ in told.states] == ["given-up"]
    assert (told.states[0][1], len(pauses)) == (TRIES, TRIES - 1)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (10, 3600)


def test_a_delivery_outlives_the_server_that_began_it(told: Told, receiver: Receiver) -> None:
    told.tell(receiver.url)
    told.ended()
    told.webhooks.claim()  # and then it was killed
    told.estate.house.close()
    told.estate.house = open_house(told.estate.settings)
    too_early = told.step()
    told.late = timedelta(minutes=3)

    told.step()

    assert not too_early
    assert len(receiver.sent) == 1
    assert told.states == [("delivered", 2, "")]


def test_an_address_that_is_not_allowed_is_never_spoken_to(told: Told, receiver: Receiver) -> None:
    told.tell(receiver.url)
    told.ended()
    told.post = Post(networks_of("10.0.0.0/8"))

    told.step()

    assert receiver.sent == []
    assert "not among the allowed" in told.states[0][2]


def test_by_default_no_address_is_allowed(told: Told, receiver: Receiver) -> None:
    told.tell(receiver.url)
    told.ended()

    told.estate.house.courier().step()

    assert receiver.sent == []


def test_a_receiver_that_hangs_is_left(told: Told, receiver: Receiver) -> None:
    told.tell(receiver.url)
    told.ended()
    receiver.pause = 2
    told.post = Post(NEAR, patience=0.3)

    told.step()

    assert told.states == [("due", 1, "it took too long")]


def test_a_new_delivery_goes_before_one_that_was_in_trouble(told: Told, receiver: Receiver) -> None:
    told.tell(receiver.url)
    first = told.ended()
    receiver.statuses = [500]
    told.step()
    second = told.ended()
    told.late = timedelta(seconds=60)

    told.step()
    told.step()

    told_of = [json.loads(one.body)["job"]["job_id"] for one in receiver.sent]
    assert told_of == [first, second, first]


def test_a_project_without_a_webhook_tells_nobody(told: Told, receiver: Receiver) -> None:
    told.ended()
    told.tell(receiver.url)

    assert not told.step()


def test_what_was_to_be_told_is_dropped_with_the_webhook(told: Told, receiver: Receiver) -> None:
    told.tell(receiver.url)
    told.ended()
    told.webhooks.remove(told.estate.house.registry.project(PROJECT), "test")

    told.step()

    assert receiver.sent == []
    assert [state for state, _, _ in told.states] == ["given-up"]


def test_the_secret_is_sealed_and_outlives_a_new_key_of_the_ledger(
    told: Told, receiver: Receiver
) -> None:
    secret = told.tell(receiver.url).secret
    told.estate.house.rotate("test")
    told.estate.house.close()
    told.estate.house = open_house(told.estate.settings)

    found = told.webhooks.of(1)

    assert found is not None
    assert found.secret == secret
    assert secret not in repr(found)
    stored = b"".join(p.read_bytes() for p in told.estate.settings.state.glob("ledger.sqlite*"))
    assert secret.encode() not in stored


def test_old_deliveries_are_forgotten(told: Told, receiver: Receiver) -> None:
    told.tell(receiver.url)
    told.ended()
    told.step()
    told.late = timedelta(days=31)

    assert told.webhooks.purge() == 1


TRUSTED = {
    "a certificate that is trusted": (("localhost",), True, ("delivered", "")),
    "one of nobody known": (("localhost",), False, ("due", "trusted")),
    "one of another host": (("elsewhere.test",), True, ("due", "trusted")),
}


@pytest.mark.parametrize(("names", "known", "expected"), TRUSTED.values(), ids=TRUSTED)
def test_over_https_the_host_must_be_who_it_says(
    told: Told, tmp_path: Path, names: tuple[str, ...], known: bool, expected: tuple[str, str]
) -> None:
    certificate = certified(tmp_path, *names)
    told.post = Post(NEAR, str(certificate) if known else "")

    with receiving(certificate) as receiver:
        told.tell(receiver.url)
        told.ended()
        told.step()

    ((state, _, trouble),) = told.states
    assert (state, expected[1] in trouble) == (expected[0], True)
    assert len(receiver.sent) == (expected[0] == "delivered")


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.hospital/",
        "http://10.0.0.1/",
        "http://localhost.evil.test/",
        "http://127.0.0.1.evil.test/",
        "http://localhost@evil.test/",
        "https://anna:secret@hook.hospital/",
        "https://hook.hospital/#there",
        "https:///path",
        "https://hook.hospital:99999/",
        "https://[::1/",
        "https://hook.hospital/\r\nX: y",
        "https://hook.hospital/ a",
        "https://hook.hospital/" + "a" * 500,
        "ftp://hook.hospital/",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_that_could_lead_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(Unfit, match="url"):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    ["https://hook.hospital/a?b=c", "http://127.0.0.1:8000/", "http://[::1]/", "http://localhost"],
)
def test_https_and_this_machine_are_accepted(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize("text", ["10.0.0.0/33", "hook.hospital", "10.1.2.3/8"])
def test_networks_that_are_none_are_said_to_be(text: str) -> None:
    with pytest.raises(Unusable):
        networks_of(text)
