"""Uploads that are made to hurt: answered, soon, and nothing of them in the log."""

import io
import time
import zipfile

import pytest

from dicomveil.server.throttle import Throttle
from tests.server.world import World

PATIENT = "Jones-4711"
LAUGHS = "\n".join(
    [
        f"a0: &a0 [{PATIENT}, {PATIENT}]",
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)),
    ]
)
HEAD = "## Options ##\nproject,first\n\n## Mapping ##\nsource,pseudo_name\n"


def zipped(name: str, size: int) -> bytes:
    """A ZIP file that is a thousandth of what it holds."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(name, "w") as entry:
            for _ in range(size // (1 << 20)):
                entry.write(bytes(1 << 20))
        archive.writestr(PATIENT, PATIENT)
    return made.getvalue()


BOMBS = [
    pytest.param(LAUGHS.encode(), id="YAML whose aliases multiply"),
    pytest.param(b"[" * (1 << 20), id="YAML a million lists deep"),
    pytest.param(zipped("xl/worksheets/sheet1.xml", 256 << 20), id="an xlsx of 256 MB of zeros"),
    pytest.param(zipped("a" * 60_000, 1 << 20), id="a ZIP with a name of 60 kB"),
    pytest.param((HEAD + f"{PATIENT}\n" * 3_000_000).encode(), id="three million rows"),
    pytest.param(("## Mapping ##\n" + "," * (30 << 20)).encode(), id="thirty million columns"),
    pytest.param((HEAD + '"' + PATIENT * (1 << 20)).encode(), id="a quote that never closes"),
    pytest.param(f"{HEAD}{PATIENT}\0,{PATIENT}\n".encode() * 2, id="zero characters"),
    pytest.param(b"\xff\xfe" + PATIENT.encode("utf-16-le") * 1000, id="UTF-16"),
    pytest.param(b"\x80" * (1 << 20), id="no text at all"),
]


@pytest.mark.parametrize("path", ["/mappings", "/mappings/check", "/opt-outs/import"])
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_soon_and_not_repeated(server: World, path: str, bomb: bytes) -> None:
    began = time.monotonic()

    answer = server.api("POST", path, "admin", content=bomb)

    assert answer.status_code in (400, 413), answer.text[:200]
    assert set(answer.json()) == {"errors"}
    assert len(answer.content) < 10_000
    assert PATIENT not in answer.text
    assert PATIENT not in server.log.getvalue()
    assert not server.log.events("fault")
    assert time.monotonic() - began < 30  # seconds of a busy machine; it takes tenths


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"name: study\n{LAUGHS}\n", id="aliases that multiply"),
        pytest.param("name: study\nrules: " + "[" * 100_000, id="lists a hundred thousand deep"),
        pytest.param("name: study\n" + "? " * 100_000, id="keys of keys"),
        pytest.param(f"name: !!python/object/apply:os.system ['{PATIENT}']", id="a call"),
    ],
)
def test_a_recipe_that_is_a_bomb_is_refused(server: World, text: str) -> None:
    answer = server.api("POST", "/profiles", "admin", json={"text": text})

    assert answer.status_code == 400, answer.text[:200]
    assert len(answer.content) < 10_000
    assert PATIENT not in answer.text
    assert PATIENT not in server.log.getvalue()
    assert not server.log.events("fault")


# -- guesses -------------------------------------------------------------------------------------


class Clock:
    """A clock that stands still."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_each_wrong_token_of_an_address_is_answered_later() -> None:
    throttle = Throttle(Clock())

    waits = [throttle.wrong("192.0.2.1") for _ in range(12)]

    assert waits[:5] == [0.0] * 5
    assert waits[5:] == sorted(waits[5:])
    assert waits[5] > 0
    assert waits[-1] == 5.0
    assert throttle.wrong("192.0.2.2") == 0.0


def test_a_right_token_and_five_quiet_minutes_end_the_waiting() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for address in ("192.0.2.1", "192.0.2.2"):
        assert [throttle.wrong(address) for _ in range(6)][-1] > 0

    throttle.right("192.0.2.1")
    clock.now += 301

    assert throttle.wrong("192.0.2.1") == throttle.wrong("192.0.2.2") == 0.0


def test_addresses_without_end_are_not_remembered_without_end() -> None:
    throttle = Throttle(Clock())
    for number in range(30_000):
        throttle.wrong(f"address {number}")

    assert len(throttle._wrong) == 10_000


@pytest.mark.parametrize("path", ["/get_jobs", "/api/v1/me"])
def test_guesses_are_answered_later_and_later(server: World, path: str) -> None:
    def guess() -> float:
        began = time.monotonic()
        answer = server.client.get(path, headers={"Authorization": f"Token {'x' * 32}"})
        assert answer.status_code == 401
        return time.monotonic() - began

    for _ in range(5):
        guess()

    assert guess() >= 0.2
    assert guess() >= 0.4


def test_an_enrolment_that_is_not_open_slows_guesses_too(server: World) -> None:
    began = time.monotonic()
    for _ in range(7):
        body = {"user": "z1", "secret": "x" * 32}
        assert server.client.post("/api/v1/enrol", json=body).status_code == 401

    assert time.monotonic() - began >= 0.6
