"""Tokens say who asks: random, scoped, expiring, revocable, and never stored."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dicomveil.job_errors import NotAllowed, Unfit
from dicomveil.jobs.model import Role, Scope, Standing
from dicomveil.jobs.rights import GRANTS
from dicomveil.jobs.tokens import ENROLMENT, LIFE, Tokens
from tests.jobs.estate import Estate
from tests.jobs.ledger_contract import Clock

MADE_BY_ANON = "x1" * 32


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    made = Estate(tmp_path)
    made.user("anna", Role.RESEARCHER)
    yield made
    made.house.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(estate: Estate, clock: Clock) -> Tokens:
    return Tokens(estate.house.database, estate.house.vault, clock)


def test_a_token_says_who_asks_and_what_for(tokens: Tokens) -> None:
    _, secret = tokens.issue("anna", "laptop", "test")

    asker = tokens.asker(secret)

    assert (asker.user.name, set(asker.scopes)) == ("anna", {Scope.READ, Scope.SUBMIT})


def test_a_secret_is_stored_nowhere(estate: Estate, tokens: Tokens) -> None:
    _, secret = tokens.issue("anna", "laptop", "test")

    stored = b"".join(path.read_bytes() for path in estate.settings.state.glob("ledger.sqlite*"))

    assert secret.encode() not in stored


def test_an_unknown_secret_is_nobodys(tokens: Tokens) -> None:
    with pytest.raises(NotAllowed):
        tokens.asker("z" * 43)


def test_a_revoked_token_is_no_longer_good(tokens: Tokens) -> None:
    token, secret = tokens.issue("anna", "laptop", "test")

    tokens.revoke(token.id, "test")

    with pytest.raises(NotAllowed):
        tokens.asker(secret)


def test_a_token_ends(tokens: Tokens, clock: Clock) -> None:
    _, secret = tokens.issue("anna", "laptop", "test")

    clock.time += LIFE

    with pytest.raises(NotAllowed):
        tokens.asker(secret)


def test_a_locked_user_asks_for_nothing(estate: Estate, tokens: Tokens) -> None:
    _, secret = tokens.issue("anna", "laptop", "test")

    estate.house.registry.change_user("anna", Role.RESEARCHER, Standing.LOCKED, "test")

    with pytest.raises(NotAllowed):
        tokens.asker(secret)


def test_a_token_never_does_more_than_its_users_role(estate: Estate, tokens: Tokens) -> None:
    estate.house.registry.change_user("anna", Role.ADMINISTRATOR, Standing.ACTIVE, "test")
    _, secret = tokens.issue("anna", "x", "test", scopes=frozenset({Scope.ADMINISTER, Scope.READ}))

    estate.house.registry.change_user("anna", Role.RESEARCHER, Standing.ACTIVE, "test")

    assert tokens.asker(secret).scopes == {Scope.READ}


def test_a_token_beyond_the_role_is_not_made(tokens: Tokens) -> None:
    with pytest.raises(Unfit):
        tokens.issue("anna", "x", "test", scopes=frozenset({Scope.ADMINISTER}))


def test_the_usual_token_neither_ignores_opt_outs_nor_tells_who_is_who(estate: Estate) -> None:
    _, secret = estate.house.tokens.issue("admin", "x", "test")

    scopes = estate.house.tokens.asker(secret).scopes

    assert {Scope.IGNORE_OPT_OUT, Scope.REIDENTIFY} <= GRANTS[Role.ADMINISTRATOR] - scopes


def test_a_clients_own_secret_is_registered_while_an_enrolment_is_open(tokens: Tokens) -> None:
    tokens.open_enrolment("anna", "admin")

    tokens.enrol("anna", MADE_BY_ANON)

    assert tokens.asker(MADE_BY_ANON).user.name == "anna"


def test_an_enrolment_is_good_once(tokens: Tokens) -> None:
    tokens.open_enrolment("anna", "admin")
    tokens.enrol("anna", MADE_BY_ANON)

    with pytest.raises(NotAllowed):
        tokens.enrol("anna", MADE_BY_ANON[::-1])


def test_an_enrolment_ends(tokens: Tokens, clock: Clock) -> None:
    tokens.open_enrolment("anna", "admin")
    clock.time += ENROLMENT + timedelta(seconds=1)

    with pytest.raises(NotAllowed):
        tokens.enrol("anna", MADE_BY_ANON)


@pytest.mark.parametrize("name", ["admin", "nobody"])
def test_an_enrolment_is_for_one_named_user(tokens: Tokens, name: str) -> None:
    tokens.open_enrolment("anna", "admin")

    with pytest.raises(NotAllowed):
        tokens.enrol(name, MADE_BY_ANON)


@pytest.mark.parametrize("secret", ["short" * 6, "spaces " * 8, "é" * 40], ids=len)
def test_an_unfit_secret_is_not_registered(tokens: Tokens, secret: str) -> None:
    with pytest.raises(Unfit):
        tokens.register("anna", secret, "x", "test")
