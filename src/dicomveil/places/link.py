"""One HTTP server as a place: logins, TLS, time-outs, and its troubles in our words.

Answers are read as streams. No redirection is followed, no proxy of the environment is used, and
neither address nor headers go to any log: both may hold what identifies, or a secret.
"""

import logging
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

import httpx

from dicomveil.errors import PlaceBusy, PlaceRefuses

_BLOCK: Final = 1 << 20
_EASILY: Final = 1 << 26  # bytes that anything may be inflated to
_FOLD: Final = 200  # what is inflated beyond is at most so many times what came
_SLOWEST: Final = 1 << 10  # bytes a second, where an answer is waited for
_IDLE: Final = 0.5  # seconds that a connection is kept: some servers close theirs after one
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_NO_LOGIN: Final = frozenset({401, 403, 407})
_GZIP: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # the window bits that zlib takes for each

Params = dict[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Basic:
    """A name and a password."""

    name: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A client's certificate: PEM files of it and its key, and what the key is locked by."""

    file: str
    key: str = ""
    password: str = field(default="", repr=False)


Login = Basic | Bearer


@dataclass(frozen=True, slots=True)
class Access:
    """How one server is reached; secrets are values here, and in no repr."""

    url: str
    login: Login | None = field(default=None, repr=False)
    certificate: Certificate | None = None
    trusted: str = ""  # a PEM file of authorities, instead of those that this machine trusts
    seconds: float = 60.0  # to connect, and between the pieces of an answer
    largest: int = 1 << 34  # bytes of one object; what is beyond is taken for an attack


class Answer:
    """The beginning of an answer; its body is read once."""

    def __init__(self, place: str, response: httpx.Response, patience: float) -> None:
        """Wrap an open response."""
        self._place = place
        self._response = response
        self._patience = patience
        self.status = response.status_code
        self.content_type = response.headers.get("Content-Type", "")

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces of 1 MB at most, whatever they were compressed to.

        Raises PlaceBusy when the server is slower than 1 kB/s for the time that it is given.
        """
        raw = self._paced(self._response.iter_raw())
        coding = self._response.headers.get("Content-Encoding", "identity").lower()
        if coding in _GZIP:
            return self._inflated(raw, _GZIP[coding])
        if coding != "identity":
            raise PlaceRefuses(self._place, "its answer is compressed in a way that is not known")
        return raw

    def content(self, most: int) -> bytes:
        """The whole body; PlaceRefuses when it is beyond `most` bytes."""
        body = bytearray()
        for chunk in self.chunks():
            body += chunk
            if len(body) > most:
                raise PlaceRefuses(self._place, f"its answer is beyond {most} bytes")
        return bytes(body)

    def _paced(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        came, waited = 0, 0.0
        while True:
            since = time.monotonic()
            chunk = next(raw, None)
            if chunk is None:
                return
            waited += time.monotonic() - since
            came += len(chunk)
            if waited > self._patience:
                if came < waited * _SLOWEST:
                    raise PlaceBusy(self._place, "it answers too slowly")
                came, waited = 0, 0.0
            yield chunk

    def _inflated(self, raw: Iterator[bytes], window: int) -> Iterator[bytes]:
        engine = zlib.decompressobj(window)
        came = inflated = 0
        try:
            for chunk in raw:
                came += len(chunk)
                rest = chunk
                while rest and not engine.eof:
                    piece = engine.decompress(rest, _BLOCK)
                    inflated += len(piece)
                    if inflated > _EASILY and inflated > came * _FOLD:
                        raise PlaceRefuses(self._place, "its answer inflates beyond measure")
                    yield piece
                    rest = engine.unconsumed_tail
        except zlib.error as error:
            raise PlaceRefuses(self._place, "its answer is not compressed as it says") from error
        if not engine.eof:
            raise PlaceBusy(self._place, "its answer ended too early")


class Again(Enum):
    """Whether a call is made once more when its connection breaks before an answer begins."""

    ONCE = "once"  # it changes nothing
    NEVER = "never"  # its body is a stream


class Link:
    """Asks one server. Close it, or use it in a `with`."""

    def __init__(self, place: str, access: Access) -> None:
        """Reach the server by `access`; `place` is its name in messages.

        Raises PlaceRefuses for an address that is none and for certificates that cannot be read.
        """
        self.place = place
        self.access = access
        self._root = access.url.rstrip("/")
        _hush()
        if not _is_address(access.url):
            raise PlaceRefuses(place, "its address is to be https://host/path, without a login")
        self._http = httpx.Client(
            verify=trust_of(place, access) if access.url.lower().startswith("https:") else False,
            timeout=access.seconds,
            limits=httpx.Limits(keepalive_expiry=_IDLE),
            auth=_auth(access.login),
            headers=_headers(access.login),
            trust_env=False,
        )

    def __repr__(self) -> str:
        """The place's name."""
        return f"<Link: {self.place}>"

    @contextmanager
    def get(self, path: str, accept: str, params: Params | None = None) -> Iterator[Answer]:
        """The answer to a GET below the address, or of itself; 404 is an answer as well."""
        # Only what would be misread is escaped (RFC 3986 §3.4): Orthanc reads %2F as it stands.
        query = urlencode(params or {}, doseq=True, safe="/,:;@!$'()*", quote_via=quote)
        url = f"{self._url(path)}?{query}" if query else self._url(path)
        request = self._http.build_request("GET", url, headers={"Accept": accept})
        with self._sent(request, again=Again.ONCE) as answer:
            yield answer

    @contextmanager
    def post(
        self, path: str, body: Iterable[bytes], headers: Mapping[str, str]
    ) -> Iterator[Answer]:
        """The answer to a POST of a streamed body; 409 is an answer as well."""
        request = self._http.build_request("POST", self._url(path), content=body, headers=headers)
        with self._sent(request, again=Again.NEVER) as answer:
            yield answer

    def close(self) -> None:
        """Let go of its connections."""
        self._http.close()

    def _url(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    @contextmanager
    def _sent(self, request: httpx.Request, again: Again) -> Iterator[Answer]:
        try:
            response = self._begun(request, again)
            try:
                self._check(response.status_code)
                yield Answer(self.place, response, self.access.seconds)
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise PlaceBusy(self.place, f"no answer within {self.access.seconds:g} s") from error
        except httpx.ConnectError as error:
            raise self._unreachable(error) from error
        except httpx.TransportError as error:
            # Only its kind is said: its text may hold what was sent.
            problem = f"the connection broke ({type(error).__name__})"
            raise PlaceBusy(self.place, problem) from error

    def _begun(self, request: httpx.Request, again: Again) -> httpx.Response:
        """The beginning of the answer; asked for again where a kept connection was closed."""
        try:
            return self._http.send(request, stream=True)
        except (httpx.ConnectError, httpx.TimeoutException):
            raise
        except httpx.TransportError:
            if again is Again.NEVER:
                raise
            return self._http.send(request, stream=True)

    def _check(self, status: int) -> None:
        if status in _NO_LOGIN:
            raise PlaceRefuses(self.place, f"it answered {status}: the login is not accepted")
        if status in _BUSY:
            raise PlaceBusy(self.place, f"it answered {status}")
        if not (200 <= status < 300 or status in {404, 409, 410}):
            raise PlaceRefuses(self.place, f"it answered {status}")

    def _unreachable(self, error: httpx.ConnectError) -> PlaceBusy | PlaceRefuses:
        text = str(error)
        if "CERTIFICATE_VERIFY_FAILED" in text:
            old = ": it has expired" if "expired" in text else ""
            return PlaceRefuses(self.place, f"its certificate is not trusted{old}")
        if "SSL" in text.upper():
            return PlaceRefuses(self.place, "no TLS connection: another version, or certificate")
        if "not known" in text or "No address" in text:
            return PlaceRefuses(self.place, "its name is not known")
        return PlaceBusy(self.place, "no connection")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        sound = parts.port != 0 and parts.scheme in {"http", "https"} and bool(httpx.URL(url))
    except (ValueError, httpx.InvalidURL):
        return False
    return sound and bool(parts.hostname) and parts.username is None


def _auth(login: Login | None) -> httpx.Auth | None:
    return httpx.BasicAuth(login.name, login.password) if isinstance(login, Basic) else None


def _headers(login: Login | None) -> dict[str, str]:
    # Pixels are not worth compressing again, and a server that does is ten times slower.
    headers = {"Accept-Encoding": "identity"}
    if isinstance(login, Bearer):
        headers["Authorization"] = f"Bearer {login.token}"
    return headers


def trust_of(place: str, access: Access) -> ssl.SSLContext:
    """Whom the server must be vouched for by, and our own certificate; PlaceRefuses."""
    try:
        context = ssl.create_default_context(cafile=access.trusted or None)
        if access.certificate is not None:
            own = access.certificate
            context.load_cert_chain(own.file, own.key or None, own.password)
    except (OSError, ssl.SSLError) as error:
        raise PlaceRefuses(place, "its certificate files cannot be read") from error
    return context


def _hush() -> None:
    # httpx logs each address, and httpcore each header: accession numbers and logins.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
