"""A receiver of webhooks for tests: a real HTTP server that keeps what it was sent."""

import datetime as dt
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Sent:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """What was sent, and what is answered."""

    url: str = ""
    sent: list[Sent] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)  # of the next answers; then 204
    pause: float = 0.0  # seconds before an answer

    @property
    def bodies(self) -> bytes:
        """Everything that was sent."""
        return b"\n".join(one.body for one in self.sent)


class Answering(BaseHTTPRequestHandler):
    """Answers for one receiver."""

    receiver: Receiver

    def taken(self) -> None:
        """A POST is kept, and answered."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.sent.append(Sent(self.path, dict(self.headers), body))
        time.sleep(self.receiver.pause)
        statuses = self.receiver.statuses
        self.send_response(statuses.pop(0) if statuses else 204)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def receiving(
    certificate: Path | None = None, port: int = 0, host: str = "127.0.0.1"
) -> Iterator[Receiver]:
    """A receiver, over TLS where there is a certificate."""
    receiver = Receiver()

    answers = type("Of", (Answering,), {"receiver": receiver, "do_POST": Answering.taken})
    server = ThreadingHTTPServer((host, port), answers)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    receiver.url = f"{scheme}://localhost:{server.server_port}/hook?of=trial"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certified(folder: Path, *names: str) -> Path:
    """A file with a certificate for these names, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    hosts: list[x509.GeneralName] = [
        x509.IPAddress(ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path
