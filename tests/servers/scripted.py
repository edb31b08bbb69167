"""A server that answers as a test tells it to, to the byte: cut, slow, lying, hostile."""

import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from dicomveil.places.labels import read_label


class Request(NamedTuple):
    """What was asked."""

    method: str
    path: str  # with its query
    headers: dict[str, str]  # by lower-case name
    body: bytes


Script = Callable[[Request], Iterable[bytes]]
"""What is sent for a request; the connection is closed after it."""


class Scripted(NamedTuple):
    """A running server."""

    url: str
    requests: list[Request]


@contextmanager
def scripted(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """A server at a port of loopback."""
    asked: list[Request] = []

    class Answering(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), self._secured() as connection:
                request = _read(connection)
                asked.append(request)
                for piece in script(request):
                    connection.sendall(piece)
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)
                    connection.recv(1)  # what was sent arrives before the connection ends

        def _secured(self) -> socket.socket:
            if tls is None:
                return self.request  # type: ignore[no-any-return]  # a TCP server's is a socket
            return tls.wrap_socket(self.request, server_side=True)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        scheme = "https" if tls else "http"
        try:
            yield Scripted(f"{scheme}://localhost:{server.server_address[1]}", asked)
        finally:  # a closed server that is not shut down takes a whole core
            server.shutdown()
            thread.join()


def answer(body: bytes, kind: str = "application/dicom+json", extra: str = "") -> bytes:
    """An answer of status 200."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n{extra}\r\n".encode() + body


def status(number: int) -> bytes:
    """An answer without a body."""
    return b"HTTP/1.1 %d Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % number


class Archive:
    """A DICOMweb server of one study, which says and sends what it is told to."""

    def __init__(self, objects: Iterable[bytes], said: int | None = None) -> None:
        """Send `objects`, of one series, and say that they are `said`."""
        self.objects = list(objects)
        label = read_label(self.objects[0], len(self.objects[0]))
        self.study = {
            "0020000D": {"vr": "UI", "Value": [label.study]},
            "00080050": {"vr": "SH", "Value": [label.accession_number]},
            "00100020": {"vr": "LO", "Value": [label.patient_id]},
        }
        self.series = {
            "0020000E": {"vr": "UI", "Value": [label.series]},
            "00201209": {"vr": "IS", "Value": [len(self.objects) if said is None else said]},
        }

    def __call__(self, request: Request) -> Iterable[bytes]:
        """The answer to one request."""
        path, _, query = request.path.partition("?")
        if "offset" in query and "offset=0" not in query:
            return [answer(b"[]")]
        if path.endswith("/studies"):
            return [answer(json.dumps([self.study]).encode())]
        if path.endswith("/series"):
            return [answer(json.dumps([self.series]).encode())]
        return self.sent()

    def sent(self) -> Iterable[bytes]:
        """The answer to a fetch."""
        return [answer(multipart(self.objects), KIND)]


KIND = 'multipart/related; type="application/dicom"; boundary=bound'


def multipart(objects: Iterable[bytes], extra: bytes = b"") -> bytes:
    """The objects as the parts of an answer."""
    head = b"--bound\r\nContent-Type: application/dicom\r\n%s\r\n" % extra
    return b"".join(head + one + b"\r\n" for one in objects) + b"--bound--\r\n"


def _read(connection: socket.socket) -> Request:
    with connection.makefile("rb") as stream:
        method, path, _ = stream.readline().decode().split(" ", 2)
        headers: dict[str, str] = {}
        while line := stream.readline().strip().decode():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = b""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(stream.readline(), 16):
                body += stream.read(size)
                stream.readline()
            stream.readline()
        return Request(method, path, headers, body)
