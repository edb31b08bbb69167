"""What only a server on the network shows: slow and hostile callers, events, starting, stopping."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from dicomveil.errors import CannotStart
from dicomveil.server.serving import Address, Proxy, check
from tests.server.live import SHARE, Live, made, running

ASKED = {
    "source_type": "PATH",
    "source_path": rf"{SHARE}\data\a",
    "destination_path": rf"{SHARE}\out",
    "project_name": "first",
    "anonymizedpatientid": "1",
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(tmp_path_factory.mktemp("live")) as server:
        server.study("a")
        yield server


def raw(live: Live, sent: bytes, seconds: float = 30) -> bytes:
    """The answer to bytes as they are."""
    where = urlsplit(live.url)
    with closing(socket.create_connection((where.hostname, where.port), seconds)) as line:
        with suppress(OSError):  # it may have closed already: what it said can still be read
            line.sendall(sent)
        answer = b""
        with suppress(ConnectionResetError):
            while part := line.recv(65536):
                answer += part
        return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def alive(live: Live) -> bool:
    with urlopen(f"{live.url}/health/live", timeout=10) as answer:  # noqa: S310 - ours
        return bool(answer.status == 200)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(b"\x00\xff\r\n\r\n", {400}, id="no HTTP"),
        pytest.param(b"GET /get_jobs HTTP/1.1\r\n\r\n", {400}, id="no host"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: " + b"b" * 700_000 + b"\r\n\r\n",
            {400, 431},
            id="a long header",
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 100_000 + b"\r\n",
            {400, 431},
            id="a flood of headers",
        ),
        pytest.param(
            b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", {400, 431}, id="a long path"
        ),
        pytest.param(
            b"GET /%ff%fe%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            {404},
            id="a path that is no text",
        ),
        pytest.param(
            b"GET //..//..//etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            {404},
            id="a path that climbs",
        ),
        pytest.param(
            b"POST /create_job HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n"
            b"Connection: close\r\n\r\n" + b"x" * 70_000_000,
            {400},
            id="a body without end",
        ),
        pytest.param(
            b"POST /create_job HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
            {400, 401},
            id="two lengths",
        ),
        pytest.param(
            b"GET /get_jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Token \xff\xfe\r\n"
            b"Connection: close\r\n\r\n",
            {401},
            id="a token that is no text",
        ),
    ],
)
def test_hostile_bytes_are_answered(live: Live, sent: bytes, expected: set[int]) -> None:
    assert status(raw(live, sent)) in expected
    assert alive(live)


def test_a_body_that_comes_too_slowly_is_given_up(live: Live) -> None:
    began = time.monotonic()

    answer = raw(
        live, b"GET /get_jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\njob_", seconds=90
    )

    assert status(answer) == 400
    assert time.monotonic() - began < 90


def test_slow_heads_do_not_keep_others_waiting(live: Live) -> None:
    where = urlsplit(live.url)
    lines = [socket.create_connection((where.hostname, where.port)) for _ in range(200)]
    try:
        for line in lines:
            line.sendall(b"GET / HTTP/1.1\r\nHost:")

        assert live.ask("GET", "/get_jobs")[0] == 200
    finally:
        for line in lines:
            line.close()


def test_a_head_that_never_ends_is_given_up(live: Live) -> None:
    assert raw(live, b"GET / HTTP/1.1\r\nHost:", seconds=60) == b""


def test_events_tell_a_job_until_it_is_done(live: Live) -> None:
    number = live.ask("POST", "/create_job", **ASKED)[1]["job_id"]
    request = Request(  # noqa: S310 - ours
        f"{live.url}/api/v1/jobs/events?job_ids={number},999",
        headers={"Authorization": f"Token {live.tokens['z1']}", "Accept": "text/event-stream"},
    )

    with urlopen(request, timeout=60) as stream:  # noqa: S310 - ours
        kind = stream.headers["Content-Type"]
        for line in stream:
            if line.startswith(b"data: "):
                job = json.loads(line[6:])
                if job["status"] == "DONE":
                    break

    assert kind.startswith("text/event-stream")
    assert (job["job_id"], job["files_processed"]) == (number, 2)


def test_the_log_holds_no_value(live: Live) -> None:
    live.ask("POST", "/create_job", **ASKED, description="Zacharias")

    assert "Zacharias" not in live.log()
    assert SHARE not in live.log()
    assert live.tokens["z1"] not in live.log()
    assert {json.loads(line)["event"] for line in live.log().splitlines()} >= {"request"}


def test_sigterm_ends_streams_and_stops_well(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        request = Request(  # noqa: S310 - ours
            f"{server.url}/api/v1/jobs/events?job_ids=1",
            headers={"Authorization": f"Token {server.tokens['z1']}"},
        )
        with urlopen(request, timeout=60) as stream:  # noqa: S310 - ours
            listener = threading.Thread(target=stream.read)
            listener.start()

            code = server.stop()
            listener.join(30)

    assert code in (-signal.SIGTERM, 0)
    assert not listener.is_alive()


def test_an_open_address_without_tls_is_refused(tmp_path: Path) -> None:
    server = made(tmp_path)
    words = ["serve", "--settings", str(server.settings), "--host", "0.0.0.0"]  # noqa: S104 - refused

    done = subprocess.run(
        [sys.executable, "-m", "dicomveil", *words], capture_output=True, text=True, check=False
    )

    assert done.returncode == 4
    assert "TLS" in done.stderr


@pytest.mark.parametrize(
    ("address", "users", "starts"),
    [
        (Address("127.0.0.1"), 0, True),
        (Address("::1"), 0, True),
        (Address("localhost"), 0, True),
        (Address("0.0.0.0"), 1, False),  # noqa: S104 - refused
        (Address("::"), 1, False),
        (Address("server.hospital"), 1, False),
        (Address("0.0.0.0", proxy=Proxy.BEFORE), 1, True),  # noqa: S104 - behind a proxy
        (Address("0.0.0.0", proxy=Proxy.BEFORE), 0, False),  # noqa: S104 - refused
        (Address("0.0.0.0", certificate="c", certificate_key="k"), 1, True),  # noqa: S104 - TLS
    ],
)
def test_listening_openly_needs_tls_or_a_proxy_and_users(
    address: Address, users: int, starts: bool
) -> None:
    if starts:
        check(address, users)
        return
    with pytest.raises(CannotStart):
        check(address, users)
