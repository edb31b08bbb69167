"""Listen: on loopback, or openly with TLS or behind a proxy; stop gracefully.

A stop lets answers under way end, tells listeners of events good-bye, and takes no new calls.
"""

import ipaddress
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import anyio.to_thread
import uvicorn
from starlette.types import ASGIApp

from dicomveil.errors import CannotStart
from dicomveil.server.patience import LARGEST_HEAD, PatientProtocol
from dicomveil.server.streams import Streams

_CONNECTIONS = 2000
_THREADS = 6
_TURN = 0.001  # seconds that a thread computes before another may; the loop waits so long
_FAREWELL = 10  # seconds that answers under way have to end


class Proxy(Enum):
    """Whether something stands before the server, and speaks TLS in its place."""

    NONE = auto()
    BEFORE = auto()


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and how."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate: str = ""
    certificate_key: str = ""
    proxy: Proxy = Proxy.NONE

    @property
    def is_near(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def url(self) -> str:
        """The address as a person writes it."""
        scheme = "https" if self.certificate else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"


def check(address: Address, users: int) -> None:
    """Raise CannotStart for an address that would send tokens in clear, or let nobody in."""
    if address.is_near:
        return
    if not address.certificate and address.proxy is Proxy.NONE:
        raise CannotStart(
            "listening beyond this machine needs TLS (settings certificate and certificate_key), "
            "or --behind-proxy where a proxy on this network speaks TLS"
        )
    if not users:
        raise CannotStart("there are no users yet; listening openly needs them (dicomveil admin)")


def listen(address: Address) -> socket.socket:
    """The socket, open before anything else is started; CannotStart when it is taken."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((address.host, address.port))
    except OSError as error:
        opened.close()
        raise CannotStart(f"cannot listen on port {address.port}: {error.strerror}") from error
    return opened


def serve(
    app: ASGIApp,
    address: Address,
    opened: socket.socket,
    streams: Streams,
    ready: Callable[[], None],
) -> None:
    """Answer calls until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=address.proxy is Proxy.BEFORE,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=_FAREWELL,
        limit_concurrency=_CONNECTIONS,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        ssl_certfile=address.certificate or None,
        ssl_keyfile=address.certificate_key or None,
    )
    sys.setswitchinterval(_TURN)
    _Server(config, streams, ready).run(sockets=[opened])


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it is ready and ends the streams of events."""

    def __init__(self, config: uvicorn.Config, streams: Streams, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._streams = streams
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # Answers are the interpreter's own work, and one thread at a time does that: many threads
        # only make each other, and the loop, wait. There are no more than kept connections.
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.closing.set()
        await super().shutdown(sockets)
