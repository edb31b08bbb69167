"""A storage SCP: a port of ours that nodes send objects to, open to those it is told of.

Who may connect is judged three times: the address before a byte is read, the two AE titles before
an association is accepted, each object by what takes it.
"""

import errno
import socket
import ssl
import threading
from collections.abc import Callable
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address
from socketserver import BaseServer
from typing import Any, Final, NamedTuple, Self

from pynetdicom import AE, evt
from pynetdicom.transport import ThreadedAssociationServer

from dicomveil.errors import CannotStart, PlaceBusy
from dicomveil.places.dimse_association import LONGEST_PDU, silence, without_delay
from dicomveil.places.dimse_contexts import acceptable
from dicomveil.places.dimse_peer import Listening

Network = IPv4Network | IPv6Network
_PATIENCE: Final = 60.0
_ENDING: Final = 5.0


class Caller(NamedTuple):
    """Who asks for an association."""

    called: str  # the AE title that was called
    calling: str  # the AE title of the caller, by its own word
    address: str


class Welcome(Enum):
    """What a caller is told: PS3.8 §9.3.4's reasons of a rejection."""

    WELCOME = 0
    NO_REASON = 1
    CALLING_UNKNOWN = 3
    CALLED_UNKNOWN = 7


class Terms(NamedTuple):
    """On which terms objects are taken."""

    title: str  # our AE title, where a caller asks for none in particular
    addresses: Callable[[str], bool]  # whether an address may connect
    welcome: Callable[[Caller], Welcome]
    take: Callable[[evt.Event], int]  # a C-STORE; its status
    hear: Callable[[evt.Event], None]  # bytes came
    gone: Callable[[evt.Event], None]  # a connection closed
    associations: int = 10
    patience: float = _PATIENCE  # seconds of silence after which an association is aborted
    further: frozenset[str] = frozenset()  # SOP classes besides the standard's


class Listener:
    """The open port, until it is closed; use it in a `with`.

    Raises CannotStart where the address is none of ours, PlaceBusy where the port is taken.
    """

    def __init__(self, where: Listening, terms: Terms, tls: ssl.SSLContext | None = None) -> None:
        """Listen, and take objects on these terms."""
        silence()
        self._terms = terms
        entity = AE(ae_title=terms.title)
        entity.maximum_associations = terms.associations
        entity.maximum_pdu_size = LONGEST_PDU
        entity.network_timeout = terms.patience
        entity.dimse_timeout = terms.patience
        entity.acse_timeout = min(terms.patience, 30.0)
        self._entity = entity
        try:
            self._server: ThreadedAssociationServer = entity.make_server(
                (where.address, where.port),
                contexts=list(acceptable(terms.further)),
                ssl_context=tls,
                evt_handlers=[
                    (evt.EVT_CONN_OPEN, self._opened),
                    (evt.EVT_CONN_CLOSE, terms.gone),
                    (evt.EVT_REQUESTED, self._requested),
                    (evt.EVT_DATA_RECV, terms.hear),
                    (evt.EVT_C_STORE, terms.take),
                ],
                server_class=_Server,
            )
        except OSError as error:
            raise _unbound(error) from None
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="dicom-listener"
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port: the one asked for, or a free one where 0 was asked for."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Take nothing more, and break off what is under way."""
        BaseServer.shutdown(self._server)  # theirs looks for servers that `start_server` made
        for association in self._server.active_associations:
            association.abort()
        self._server.server_close()
        self._thread.join(_ENDING)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self, event: Any) -> None:  # noqa: ANN401 - pynetdicom's events have what their kind has
        """Hang up on an address that is not listed, before anything is read."""
        without_delay(event)
        if not self._terms.addresses(event.address[0]):
            event.assoc.dul.socket.close()

    def _requested(self, event: Any) -> None:  # noqa: ANN401 - the same
        """Reject who is not welcome."""
        association = event.assoc
        request = association.requestor.primitive
        caller = Caller(
            request.called_ae_title.strip(),
            request.calling_ae_title.strip(),
            association.requestor.address,
        )
        welcome = self._terms.welcome(caller)
        if welcome is not Welcome.WELCOME:
            association.acse.send_reject(0x01, 0x01, welcome.value)
            association.kill()  # once it is sent: the connection is shut after this


class _Server(ThreadedAssociationServer):
    """A server whose TLS handshakes hold nobody up: each happens in its caller's own thread."""

    daemon_threads = True

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """The next connection; its handshake is made when it is first read from."""
        assert self.socket is not None  # it is bound as long as the server serves
        client, address = self.socket.accept()
        if self.ssl_context is not None:
            client = self.ssl_context.wrap_socket(
                client, server_side=True, do_handshake_on_connect=False
            )
        return client, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the base class would print a traceback with what was received."""


def listed(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether an address lies in one of the networks."""
    found = ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in networks)


def _unbound(error: OSError) -> CannotStart | PlaceBusy:
    if error.errno == errno.EADDRINUSE:
        return PlaceBusy("the listening port", "it is taken: another fetch or receiver has it")
    return CannotStart(f"the listening port cannot be opened: {error.strerror}")
