"""Certificates of an authority that the tests alone trust."""

import datetime as dt
import ipaddress
import ssl
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = dt.timedelta(days=1)


class Pair(NamedTuple):
    """A certificate and its key, as PEM files."""

    certificate: str
    key: str


class Authority:
    """Makes certificates in a folder; `file` is its own."""

    def __init__(self, folder: Path) -> None:
        """A new authority."""
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("authority of the tests")
        made = self._builder(self._name, self._key.public_key(), 30).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.file = self._written("authority.pem", made)

    def pair(self, name: str, days: int = 30) -> Pair:
        """A certificate for localhost that ends in so many days, or ended before."""
        key = ec.generate_private_key(ec.SECP256R1())
        hosts = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        )
        made = self._builder(_name(name), key.public_key(), days)
        certificate = self._written(f"{name}.pem", made.add_extension(hosts, critical=False))
        written = self._folder / f"{name}.key"
        written.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return Pair(certificate, str(written))

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 90 * _DAY)
            .not_valid_after(now + days * _DAY)
        )

    def _written(self, name: str, made: x509.CertificateBuilder) -> str:
        path = self._folder / name
        signed = made.sign(self._key, hashes.SHA256())
        path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        return str(path)


def serving(pair: Pair, clients: str = "") -> ssl.SSLContext:
    """A server's side of TLS; with `clients`, those that this authority vouches for alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    if clients:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
