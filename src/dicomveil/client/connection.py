"""One session with one server: form bodies, timeouts, careful repeats, errors that help.

A call that only asks is repeated when the connection breaks. A call that changes something is
repeated only when nothing was sent; otherwise Unanswered says that it may have been carried out.
"""

import json
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urljoin

import certifi
import httpx

from dicomveil.client.settings import Server
from dicomveil.errors import BadAnswer, Declined, NotReached, Unanswered

Params = Sequence[tuple[str, object]]
LARGEST_ANSWER = 64 * 1024 * 1024
_BUSY = frozenset({502, 503, 504})
_FORM = "application/x-www-form-urlencoded"
_EVENTS = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks, and how a server is to be trusted and waited for."""

    user_name: str
    token: str = field(repr=False)
    validate_ssl: bool = True
    ca_bundle: Path | None = None
    timeout: float = 30.0
    pauses: tuple[float, ...] = (0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the JSON value that came with it."""

    status: int
    content: object


class Connection:
    """Calls to one server, over one session."""

    def __init__(
        self, server: Server, access: Access, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Open nothing yet; NotReached when the CA bundle cannot be used."""
        self.server = server
        self._access = access
        self._sleep = sleep
        self._http = httpx.Client(
            verify=_trust(server, access),
            timeout=httpx.Timeout(access.timeout, connect=min(10.0, access.timeout)),
            headers={"Authorization": f"Token {access.token}"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, function: str, params: Params = ()) -> Answer:
        """Ask; repeated with pauses while the connection breaks or the server is busy."""
        return self._repeated(lambda: self._call("GET", function, params))

    def post(self, function: str, params: Params) -> Answer:
        """Have something done; Unanswered when it may have been done all the same."""
        for pause in self._access.pauses:
            try:
                return self._call("POST", function, params)
            except NotReached:
                self._sleep(pause)
        return self._call("POST", function, params)

    def post_json(self, path: str, content: object, key: str = "") -> Answer:
        """Have something done by the server's own interface, under a request key if given."""
        body = json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        url = urljoin(self.server.url, path)
        return self._answer("POST", url, body, headers)

    def ask_json(self, path: str, content: object) -> Answer:
        """Ask the server's own interface; repeated as `get` is, for nothing is changed."""
        return self._repeated(lambda: self.post_json(path, content))

    def events(self, path: str) -> Iterator[str]:
        """The data of each server-sent event, until the server ends or the connection breaks.

        A server that sends no events gives none.
        """
        url, headers = urljoin(self.server.url, path), {"Accept": _EVENTS}
        try:
            with self._http.stream("GET", url, headers=headers) as response:
                kind = response.headers.get("Content-Type", "")
                if response.status_code == 200 and kind.startswith(_EVENTS):
                    yield from _data_of(response.iter_lines())
        except httpx.HTTPError:
            return

    def _repeated(self, ask: Callable[[], Answer]) -> Answer:
        for pause in self._access.pauses:
            try:
                return ask()
            except (Unanswered, NotReached):
                self._sleep(pause)
        return ask()

    def _call(self, method: str, function: str, params: Params) -> Answer:
        """A call as anonapi makes it: the form is the body, of a GET as well."""
        pairs = [(name, value) for name, value in params if value is not None]
        body = urlencode([*pairs, ("user_name", self._access.user_name)])
        url = f"{self.server.url.rstrip('/')}/{function}"
        headers = {"Content-Type": _FORM}
        return self._answer(method, url, body.encode(), headers)

    def _answer(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        try:
            with self._http.stream(method, url, content=body, headers=headers) as response:
                answered = self._body(response)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise self._failed("this is no URL", "Write it as https://host/path") from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotReached(str(self.server), *_unreachable(error)) from error
        except httpx.TransportError as error:
            message = f"the answer was lost ({type(error).__name__})"
            raise Unanswered(str(self.server), message, "Ask again before repeating") from error
        return self._judged(response, answered)

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > LARGEST_ANSWER:
                raise self._failed("the answer is larger than 64 MB", "Ask for fewer jobs")
        return bytes(body)

    def _judged(self, response: httpx.Response, body: bytes) -> Answer:
        """The answer when it is one that the protocol knows."""
        status = response.status_code
        if status in (200, 201, 404):
            return Answer(status, self._json(body))
        if status == 400:
            raise Declined(str(self.server), _reasons(self._json(body)))
        if status in _BUSY:
            raise _Busy(str(self.server), f"it answered {status}, busy", "Try again later")
        if 300 <= status < 400:
            advice = "Set the server's URL to where it points"
            raise self._failed(f"it answered {status}, a redirection", advice)
        problem, advice = _SAID.get(status, (f"it answered {status}", "Tell its administrator"))
        raise self._failed(problem, advice)

    def _json(self, body: bytes) -> object:
        try:
            content: object = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise self._failed("the answer was not JSON", "Is this the URL of an API?") from error
        return content

    def _failed(self, problem: str, advice: str) -> BadAnswer:
        return BadAnswer(str(self.server), problem, advice)


class _Busy(Unanswered):
    """The server, or what stands before it, has no time; which of them is not known."""


_SAID = {
    401: (
        "it answered 401, your credentials do not seem to work",
        "See 'anon settings user info'",
    ),
    403: ("it answered 403, you may not do this", "Ask its administrator for the right"),
    405: ("it answered 405, method not allowed", "Is this the URL of an API?"),
    413: ("it answered 413, the request is too large", "Ask for fewer jobs at once"),
    429: ("it answered 429, too many requests", "Wait a minute"),
    500: ("it answered 500, internal server error", "Tell its administrator"),
}


def _data_of(lines: Iterable[str]) -> Iterator[str]:
    """The data of each event that is whole; an empty line ends one, a colon begins a remark."""
    data: list[str] = []
    for line in lines:
        name, _, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data.clear()
        if sum(map(len, data)) > LARGEST_ANSWER:
            return


def _trust(server: Server, access: Access) -> ssl.SSLContext | bool:
    if not access.validate_ssl:
        return False
    context = ssl.create_default_context()  # what this computer trusts, and what the web does
    context.load_verify_locations(certifi.where())
    if access.ca_bundle is None:
        return context
    try:
        context.load_verify_locations(access.ca_bundle)
    except OSError as error:
        advice = "Set another with 'anon settings set-ca-bundle'"
        raise NotReached(str(server), "the CA bundle cannot be read", advice) from error
    return context


def _unreachable(error: Exception) -> tuple[str, str]:
    """What kept the connection from being made, and what to try."""
    text = str(error)
    if "CERTIFICATE" in text.upper():
        return (
            "its certificate is not trusted",
            "Set the hospital's CA bundle with 'anon settings set-ca-bundle'",
        )
    if "refused" in text.lower():
        return "it cannot be reached: connection refused", "Is the server running?"
    if "name" in text.lower() or "address" in text.lower():
        return "it cannot be reached: its name is not known", "Is the URL correct?"
    return f"it cannot be reached ({type(error).__name__})", "Is the URL correct?"


def _reasons(content: object) -> str:
    """The server's own words for a refusal, on one line and without control characters."""
    errors = content.get("errors", content) if isinstance(content, dict) else content
    if isinstance(errors, dict):
        said = ", ".join(f"{name}: {reason}" for name, reason in errors.items())
    else:
        said = str(errors)
    plain = "".join(letter if letter.isprintable() else " " for letter in said)
    return f"it refuses: {plain[:2000]}"
