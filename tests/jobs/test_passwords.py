"""Passwords let in whom they belong to, are locked after guesses, and sessions end in time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dicomveil.job_errors import NotAllowed, Unfit
from dicomveil.jobs.model import Role, Scope, Standing
from dicomveil.jobs.passwords import LOCKED, MOST_GUESSES, Passwords
from dicomveil.jobs.schema import PASSWORDS, SESSIONS
from dicomveil.jobs.sessions import LIFE, NOT_FOR_PAGES, Sessions
from dicomveil.jobs.tokens import Tokens
from tests.jobs.estate import Estate
from tests.jobs.ledger_contract import Clock

PASSWORD = "correct horse battery"  # noqa: S105 - of a user who lives for a test


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    made = Estate(tmp_path)
    made.user("anna", Role.DATA_MANAGER)
    yield made
    made.house.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def passwords(estate: Estate, clock: Clock) -> Passwords:
    made = Passwords(estate.house.database, estate.house.vault, clock)
    made.put("anna", PASSWORD, "test")
    return made


@pytest.fixture
def sessions(estate: Estate, clock: Clock) -> Sessions:
    return Sessions(estate.house.database, estate.house.vault, clock)


def guess(passwords: Passwords, times: int) -> None:
    for _ in range(times):
        with pytest.raises(NotAllowed):
            passwords.who("anna", "wrong and wrong")


def test_a_password_says_whose_it_is(passwords: Passwords) -> None:
    assert passwords.who("anna", PASSWORD).name == "anna"


def test_a_password_is_kept_as_an_argon2id_hash(passwords: Passwords, estate: Estate) -> None:
    with estate.house.database.engine.connect() as connection:
        (kept,) = connection.execute(PASSWORDS.select()).all()

    assert kept.hash.startswith("$argon2id$")
    assert PASSWORD not in str(kept)
    assert passwords.who("anna", PASSWORD).name == "anna"


def test_guesses_lock_a_password_for_a_while(passwords: Passwords, clock: Clock) -> None:
    guess(passwords, MOST_GUESSES)

    with pytest.raises(NotAllowed):
        passwords.who("anna", PASSWORD)
    clock.time += LOCKED + timedelta(seconds=1)
    assert passwords.who("anna", PASSWORD).name == "anna"


def test_guesses_before_a_right_one_are_forgotten(passwords: Passwords) -> None:
    guess(passwords, MOST_GUESSES - 1)
    passwords.who("anna", PASSWORD)
    guess(passwords, MOST_GUESSES - 1)

    assert passwords.who("anna", PASSWORD).name == "anna"


def test_a_locked_user_is_not_let_in(passwords: Passwords, estate: Estate) -> None:
    estate.house.registry.change_user("anna", Role.DATA_MANAGER, Standing.LOCKED, "test")

    with pytest.raises(NotAllowed):
        passwords.who("anna", PASSWORD)


@pytest.mark.parametrize("password", ["short", "x" * 129])
def test_a_password_of_no_accepted_length_is_refused(passwords: Passwords, password: str) -> None:
    with pytest.raises(Unfit):
        passwords.put("anna", password, "test")


def test_another_password_ends_every_session(
    passwords: Passwords, sessions: Sessions, estate: Estate
) -> None:
    secret = sessions.begin(estate.house.registry.user("anna"))

    passwords.put("anna", PASSWORD[::-1], "anna")

    with pytest.raises(NotAllowed):
        sessions.who(secret)


def test_a_session_ends_after_a_working_day(
    sessions: Sessions, estate: Estate, clock: Clock
) -> None:
    secret = sessions.begin(estate.house.registry.user("anna"))
    clock.time += LIFE - timedelta(seconds=1)
    assert sessions.who(secret).user.name == "anna"

    clock.time += timedelta(seconds=1)

    with pytest.raises(NotAllowed):
        sessions.who(secret)


def test_a_session_is_not_for_what_pages_do_not_do(sessions: Sessions, estate: Estate) -> None:
    secret = sessions.begin(estate.house.registry.user("anna"))

    assert not sessions.who(secret).scopes & NOT_FOR_PAGES


def test_a_session_of_a_token_is_good_for_no_more_and_ends_with_it(
    sessions: Sessions, estate: Estate, clock: Clock
) -> None:
    tokens = Tokens(estate.house.database, estate.house.vault, clock)
    token, _ = tokens.issue("anna", "", "test", scopes=frozenset({Scope.READ}))
    secret = sessions.begin(estate.house.registry.user("anna"), token)
    assert sessions.who(secret).scopes == {Scope.READ}

    tokens.revoke(token.id, "test")

    with pytest.raises(NotAllowed):
        sessions.who(secret)


def test_the_secret_of_a_session_is_not_stored(sessions: Sessions, estate: Estate) -> None:
    secret = sessions.begin(estate.house.registry.user("anna"))

    with estate.house.database.engine.connect() as connection:
        (kept,) = connection.execute(SESSIONS.select()).all()

    assert secret.encode() not in b"".join(one for one in kept if isinstance(one, bytes))
