"""The digest of ended jobs, taken by a real SMTP server."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from dicomveil.errors import Unusable
from dicomveil.jobs import clock
from dicomveil.jobs.digest import Digest
from dicomveil.jobs.mailing import Mail, Security, Unsent
from dicomveil.jobs.states import Event
from dicomveil.serving import mail_of
from dicomveil.settings import Settings
from tests.jobs.estate import Estate
from tests.jobs.receiver import certified

USER, PASSWORD = "veil", "planted-password"


@dataclass
class Box:
    """What an SMTP server took."""

    port: int
    refuses: bool = False
    mails: list[Envelope] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: object, session: Any, envelope: Envelope
    ) -> str:
        del server
        if self.refuses:
            return "451 planted words of the server"
        envelope.over_tls = session.ssl is not None  # type: ignore[attr-defined]  # a note
        self.mails.append(envelope)
        return "250 OK"

    def last(self) -> Message:
        content = self.mails[-1].content
        assert isinstance(content, bytes)
        return message_from_bytes(content, policy=default)


def authenticated(*given: Any) -> AuthResult:
    pair = given[-1]
    assert isinstance(pair, LoginPassword)
    ok = (pair.login, pair.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=ok, handled=ok)


@contextmanager
def mailbox(certificate: Path | None = None) -> Iterator[Box]:
    """An SMTP server; with a certificate it wants STARTTLS and a login."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        box = Box(probe.getsockname()[1])
    more: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        more = {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": authenticated,
        }
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **more)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def plain(box: Box) -> Mail:
    """Mail without TLS to a box of this machine."""
    return Mail(
        host="127.0.0.1",
        port=box.port,
        security=Security.NONE,
        sender="veil@hospital.test",
        to=("a@hospital.test", "b@hospital.test"),
    )


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    made = Estate(tmp_path)
    yield made
    made.house.close()


class Days:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.late = timedelta()

    def __call__(self) -> datetime:
        return clock.now() + self.late


def digest(estate: Estate, mail: Mail, days: Days) -> Digest:
    """A digest a day, counted from now."""
    made = Digest(estate.house.database, mail, timedelta(days=1), days)
    made.step()
    return made


def text(message: Message) -> str:
    return str(message.get_payload(decode=True), "utf-8")  # type: ignore[arg-type]  # one part


def test_a_day_of_jobs_is_one_mail_with_failures_and_reasons(estate: Estate) -> None:
    days = Days()
    estate.fill("planted", "4711")
    with mailbox() as box:
        made = digest(estate, plain(box), days)
        done, failed = estate.run(
            estate.submit("folder:planted", description="of Zacharias"),
            estate.submit("folder:planted-nothing"),
        )
        too_early = made.step()
        days.late = timedelta(days=1, minutes=1)

        sent = made.step()

        again = made.step()
    said = text(box.last())
    assert (too_early, sent, again) == (False, True, False)
    assert box.last()["Subject"] == "dicomveil: 1 jobs done, 1 failed"
    assert box.mails[0].rcpt_tos == ["a@hospital.test", "b@hospital.test"]
    assert f"job {done.id}, project trial, for admin: 2 delivered" in said
    assert f"job {failed.id}, project trial, for admin: {failed.error}" in said.replace(
        "\r\n", "\n"
    )
    assert not [word for word in ("planted", "Zacharias", "4711", "srv") if word in said]


def test_when_nothing_ended_nothing_is_sent(estate: Estate) -> None:
    days = Days()
    number = estate.submit()
    estate.house.ledger.act(number, Event.CANCELLED, "test")
    with mailbox() as box:
        made = digest(estate, plain(box), days)
        days.late = timedelta(days=2)

        assert not made.step()

    assert box.mails == []


def test_what_ended_before_digests_began_is_no_news(estate: Estate) -> None:
    days = Days()
    estate.run(estate.submit("folder:nothing"))
    with mailbox() as box:
        made = digest(estate, plain(box), days)
        days.late = timedelta(days=2)

        assert not made.step()


def test_a_digest_that_nobody_took_is_sent_later_over_a_restart(estate: Estate) -> None:
    days = Days()
    with mailbox() as box:
        made = digest(estate, plain(box), days)
        estate.run(estate.submit("folder:nothing"))
        box.refuses = True
        days.late = timedelta(days=1, minutes=1)
        refused = made.step()
        box.refuses = False
        at_once = made.step()

        after_restart = Digest(estate.house.database, plain(box), timedelta(days=1), days).step()

    assert (refused, at_once, after_restart) == (False, False, True)
    assert len(box.mails) == 1


def secured(box: Box, tmp_path: Path, authorities: str, password: str = PASSWORD) -> Mail:
    """Mail over STARTTLS with a login."""
    secret = tmp_path / "password"
    secret.write_text(password + "\n")
    secret.chmod(0o600)
    return replace(
        plain(box),
        security=Security.STARTTLS,
        user=USER,
        password_file=str(secret),
        authorities=authorities,
    )


def test_over_starttls_a_password_from_a_file_is_used(tmp_path: Path) -> None:
    certificate = certified(tmp_path, "127.0.0.1")
    with mailbox(certificate) as box:
        secured(box, tmp_path, str(certificate)).send("subject", "text")

    assert box.mails[0].over_tls  # type: ignore[attr-defined]  # noted above


NOT_SENT = {
    "a host that is not trusted": {"authorities": "", "password": PASSWORD},
    "a wrong password": {"password": "wrong"},
}


@pytest.mark.parametrize("more", NOT_SENT.values(), ids=NOT_SENT)
def test_nothing_is_sent_to(tmp_path: Path, more: dict[str, str]) -> None:
    certificate = certified(tmp_path, "127.0.0.1")
    given = {"authorities": str(certificate)} | more
    with mailbox(certificate) as box, pytest.raises(Unsent) as unsent:
        secured(box, tmp_path, **given).send("subject", "text")

    assert box.mails == []
    assert PASSWORD not in str(unsent.value)


def test_a_host_without_starttls_gets_neither_password_nor_mail(tmp_path: Path) -> None:
    certificate = certified(tmp_path, "127.0.0.1")
    with mailbox() as box, pytest.raises(Unsent):
        secured(box, tmp_path, str(certificate)).send("subject", "text")

    assert box.mails == []


def test_a_password_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    certificate = certified(tmp_path, "127.0.0.1")
    with mailbox(certificate) as box:
        mail = secured(box, tmp_path, str(certificate))
        Path(mail.password_file).chmod(0o644)

        with pytest.raises(Unsent, match="others"):
            mail.send("subject", "text")


def test_a_servers_words_are_not_repeated() -> None:
    with mailbox() as box:
        box.refuses = True

        with pytest.raises(Unsent) as unsent:
            plain(box).send("subject", "text")

    assert "planted" not in str(unsent.value)


UNFIT: dict[str, dict[str, Any]] = {
    "no receiver": {"mail_to": ""},
    "no sender": {"mail_from": ""},
    "an unknown security": {"mail_security": "some"},
    "a user without a password": {"mail_user": "veil"},
    "a password in clear": {
        "mail_security": "none",
        "mail_user": "veil",
        "mail_password_file": "/etc/password",
    },
}


@pytest.mark.parametrize("more", UNFIT.values(), ids=UNFIT)
def test_settings_are_refused_for(more: dict[str, Any]) -> None:
    settings = Settings(mail_host="mail.test", mail_from="a@b.test", mail_to="c@d.test")

    with pytest.raises(Unusable):
        mail_of(replace(settings, **more))


def test_without_a_host_no_mail_is_sent() -> None:
    assert mail_of(Settings()) is None
