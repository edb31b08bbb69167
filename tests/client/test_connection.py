"""Calls to a server: what is sent, what is repeated, what is said when it goes wrong."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from dicomveil.client import protocol
from dicomveil.client.connection import Access, Connection
from dicomveil.client.settings import Server
from dicomveil.errors import CallFailed, Declined, Unanswered
from tests.client.recording import TOKEN, Fault, Recording


def connection(url: str, pauses: list[float] | None = None, token: str = TOKEN) -> Connection:
    access = Access("z1", token, timeout=2.0)
    slept = pauses if pauses is not None else []
    return Connection(Server("local", url), access, slept.append)


def test_a_call_is_a_form_in_the_body_of_a_get_as_well(server: Recording) -> None:
    with connection(server.url) as to:
        protocol.jobs(to, [1, 2])

    assert server.calls() == ["GET /get_jobs_list job_ids=1&job_ids=2&user_name=z1"]


@pytest.mark.parametrize("tail", ["/", "", "/p01", "/p01/"])
def test_a_prefix_and_a_last_slash_of_the_url_are_no_matter(server: Recording, tail: str) -> None:
    with connection(server.url + tail) as to:
        protocol.recent_jobs(to)

    assert server.asked[0].path == f"{tail.rstrip('/')}/get_jobs"


@pytest.mark.parametrize("status", [0, 502, 503, 504])
def test_a_call_that_only_asks_is_repeated_with_growing_pauses(
    server: Recording, status: int
) -> None:
    server.add()
    server.faults += [Fault("get_jobs", status) for _ in range(3)]
    slept: list[float] = []

    with connection(server.url, slept) as to:
        found = protocol.recent_jobs(to)

    assert len(found) == 1
    assert slept == [0.5, 1.0, 2.0]


def test_a_call_that_changes_something_is_sent_once(server: Recording) -> None:
    server.add("ERROR")
    server.faults.append(Fault("cancel_job", after=True))

    with connection(server.url) as to, pytest.raises(Unanswered, match="answer was lost"):
        protocol.cancel(to, 1)

    assert len(server.asked) == 1


WRONG = [
    (400, b'{"errors": {"job_id": "Required"}}', "refuses: job_id: Required"),
    (400, b'{"errors": ["a", "b"]}', "refuses"),
    (400, b"[1]", "refuses"),
    (401, b"", "credentials"),
    (403, b"", "may not"),
    (405, b"", "Is this the URL"),
    (413, b"", "too large"),
    (429, b"", "too many"),
    (500, b"oh", "500"),
    (418, b"", "418"),
    (301, b"", "redirection"),
    (204, b"", "204"),
    (200, b"<html>", "was not JSON"),
    (200, b"[" * 100_000, "was not JSON"),
    (200, b"[1, 2]", "does not answer as an anonymization server"),
    (404, b'{"documentation": {}}', "does not answer as an anonymization server"),
    (404, b"not found", "was not JSON"),
]


@pytest.mark.parametrize(("status", "body", "said"), WRONG)
def test_an_answer_that_cannot_be_used_says_which_server_and_what_to_try(
    server: Recording, status: int, body: bytes, said: str
) -> None:
    server.faults.append(Fault("cancel_job", status, body))

    with connection(server.url) as to, pytest.raises(CallFailed) as failure:
        protocol.cancel(to, 1)

    assert said in str(failure.value)
    assert "local: http://127.0.0.1" in str(failure.value)
    assert TOKEN not in str(failure.value)


def test_a_write_answered_by_documentation_is_no_success(server: Recording) -> None:
    server.faults.append(Fault("modify_job", 404, b'{"documentation": {"overview": "x"}}'))

    with connection(server.url) as to, pytest.raises(CallFailed):
        protocol.reset(to, 1)


def test_the_servers_reason_cannot_steer_the_terminal(server: Recording) -> None:
    body = b'{"errors": {"x": "\\u001b[2Jgone\\nnext"}}'
    server.faults.append(Fault("cancel_job", 400, body))

    with connection(server.url) as to, pytest.raises(Declined) as refusal:
        protocol.cancel(to, 1)

    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:1", "connection refused"),
        ("http://no-such-host.invalid", "cannot be reached"),
        ("no-scheme:18080", "no URL"),
        ("http://[::bad", "no URL"),
    ],
)
def test_a_server_that_is_not_there_is_told_from_one_that_refuses(url: str, said: str) -> None:
    with connection(url) as to, pytest.raises(CallFailed, match=said):
        protocol.recent_jobs(to)


def test_a_silent_server_is_given_up_after_the_timeout() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    access = Access("z1", TOKEN, timeout=0.2, pauses=())

    with (
        listening,
        Connection(Server("slow", f"http://127.0.0.1:{port}"), access) as to,
        pytest.raises(Unanswered, match="ReadTimeout"),
    ):
        protocol.recent_jobs(to)


CERTIFICATE = Path(__file__).parent / "recorded" / "localhost.pem"


def served_with_tls(answered: list[bool]) -> tuple[socket.socket, threading.Thread]:
    """A port that speaks TLS with a self-signed certificate, for one call."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            plain, _ = listening.accept()
            with context.wrap_socket(plain, server_side=True) as secure:
                received = b""
                while not received.endswith(b"user_name=z1"):
                    received += secure.recv(4096)
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                answered.append(True)
        except OSError:
            answered.append(False)

    thread = threading.Thread(target=serve)
    thread.start()
    return listening, thread


@pytest.mark.parametrize(
    ("access", "trusted"),
    [
        (Access("z1", TOKEN, pauses=()), False),
        (Access("z1", TOKEN, pauses=(), ca_bundle=CERTIFICATE), True),
        (Access("z1", TOKEN, pauses=(), validate_ssl=False), True),
    ],
    ids=["by default", "with a CA bundle", "unchecked"],
)
def test_a_certificate_is_checked_unless_said_otherwise(access: Access, trusted: bool) -> None:
    answered: list[bool] = []
    listening, thread = served_with_tls(answered)
    server = Server("tls", f"https://localhost:{listening.getsockname()[1]}")

    with listening, Connection(server, access) as to:
        if trusted:
            assert protocol.recent_jobs(to) == []
        else:
            with pytest.raises(CallFailed, match="certificate is not trusted"):
                protocol.recent_jobs(to)
        thread.join()

    assert answered == [trusted]


def test_a_ca_bundle_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    access = Access("z1", TOKEN, ca_bundle=tmp_path / "absent.pem")

    with pytest.raises(CallFailed, match="CA bundle cannot be read"):
        Connection(Server("a", "https://b"), access)
