"""Send a webhook: to an address that was resolved once and is allowed, signed, without redirects.

The host's name is asked for once, what it stands for is held against the allowed networks, and
the connection goes to that very address, with the name in TLS: a name that means something else a
moment later is of no use to anybody. Raises Undelivered, whose text says why without saying where.
"""

import asyncio
import hmac
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from dicomveil.errors import Unusable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS: Final = {"https": 443, "http": 80}


class Undelivered(Exception):
    """Nobody took it."""


class Letter(NamedTuple):
    """What is sent: a body, the delivery's name, and when."""

    body: bytes
    name: str
    at: int  # seconds since 1970


@dataclass(frozen=True, slots=True)
class Post:
    """Sends letters to allowed networks, trusting the authorities of a file or the usual ones."""

    networks: Sequence[Network]
    authorities: str = ""
    patience: float = 20.0  # seconds for all of it

    def send(self, url: str, letter: Letter, secret: str) -> None:
        """Have the letter taken by whoever is at the address; Undelivered when it was not."""
        try:
            asyncio.run(asyncio.wait_for(self._sent(url, letter, secret), self.patience))
        except TimeoutError:
            raise Undelivered("it took too long") from None

    async def _sent(self, url: str, letter: Letter, secret: str) -> None:
        import httpx

        parts = urlsplit(url)
        address = await self._address(parts)
        host = f"[{address}]" if address.version == 6 else str(address)
        port = parts.port or _PORTS[parts.scheme]
        target = parts._replace(netloc=f"{host}:{port}").geturl()
        headers = {
            "Host": parts.netloc,
            "Content-Type": "application/json",
            "User-Agent": "dicomveil",
            "Dicomveil-Delivery": letter.name,
            "Dicomveil-Timestamp": str(letter.at),
            "Dicomveil-Signature": f"v1={signature(secret, letter)}",
        }
        named = {"sni_hostname": parts.hostname}
        try:
            async with (
                httpx.AsyncClient(verify=self._trusted(), trust_env=False) as client,
                client.stream(
                    "POST", target, content=letter.body, headers=headers, extensions=named
                ) as answer,
            ):
                status = answer.status_code  # its body is of no interest, and is not read
        except httpx.ConnectError:
            raise Undelivered("no connection, or none that can be trusted") from None
        except httpx.HTTPError as error:
            raise Undelivered(f"the connection failed ({type(error).__name__})") from None
        if not 200 <= status < 300:
            raise Undelivered(f"the answer was {status}")

    async def _address(self, parts: SplitResult) -> Address:
        """The address that the host has, when it is allowed."""
        port = parts.port or _PORTS[parts.scheme]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        except OSError:
            raise Undelivered("the host has no address") from None
        for *_, (address, *_more) in found:
            given = ipaddress.ip_address(str(address).partition("%")[0])
            if self._allows(given) and (parts.scheme == "https" or given.is_loopback):
                return given
        raise Undelivered("the host's address is not among the allowed ones (webhook_networks)")

    def _allows(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def _trusted(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.authorities or None)
        except (OSError, ssl.SSLError):
            raise Undelivered("the file of authorities cannot be used") from None


def signature(secret: str, letter: Letter) -> str:
    """HMAC-SHA256 of name, time and body, with points between them, in hexadecimal digits."""
    message = b".".join((letter.name.encode(), str(letter.at).encode(), letter.body))
    return hmac.new(secret.encode(), message, "sha256").hexdigest()


def networks_of(text: str) -> tuple[Network, ...]:
    """The networks of a setting, with commas between; Unusable for one that is none."""
    try:
        return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError:
        raise Unusable(
            "webhook_networks are addresses like 10.1.2.3 or 10.1.0.0/16, with commas"
        ) from None
