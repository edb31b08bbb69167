"""One association with a node: opened, or an error that says why not; released, or aborted.

pynetdicom does the protocol. It logs what it sends and receives, so it is silenced: what is asked
and found is identity.
"""

import logging
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto
from time import monotonic, sleep
from typing import Any, Final, NamedTuple

from pydicom import config as pydicom_config
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.transport import AssociationSocket

from dicomveil.errors import PlaceBusy, PlaceFailed, PlaceRefuses
from dicomveil.places.dimse_peer import Peer

LONGEST_PDU: Final = 1 << 17
_AT_ONCE: Final = 2.0  # seconds
_PAUSE: Final = 0.2
Bound = tuple[evt.EventType, Any]
"""An event of pynetdicom, and what is called when it happens."""


class Waiting(Enum):
    """How long an answer may take."""

    PATIENCE = auto()  # the node's patience
    WATCHED = auto()  # somebody else watches the bytes: an object may take longer than that


class Proposal(NamedTuple):
    """What an association is asked to be for."""

    contexts: Sequence[PresentationContext]
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation] = ()
    handlers: Sequence[Bound] = ()
    waiting: Waiting = Waiting.PATIENCE


def context(abstract: str, *syntaxes: str) -> PresentationContext:
    """A presentation context to be proposed; implicit little endian where none is named."""
    return build_context(abstract, list(syntaxes) or ["1.2.840.10008.1.2"])


def silence() -> None:
    """Have pynetdicom, and pydicom below it, say nothing: it would be what was asked and found.

    pydicom warns of a value that its VR does not allow and quotes it; whether a value is sound is
    judged by our own reading.
    """
    for name in ("pynetdicom", "pydicom"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    pydicom_config.settings.reading_validation_mode = pydicom_config.IGNORE
    pydicom_config.settings.writing_validation_mode = pydicom_config.IGNORE
    _config.LOG_HANDLER_LEVEL = "none"
    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False
    _config.STORE_SEND_CHUNKED_DATASET = True  # files are sent as they lie, not read and written


def without_delay(event: evt.Event) -> None:
    """Switch Nagle's algorithm off: with delayed acknowledgements it costs 40 ms an object."""
    opened = event.assoc.dul.socket
    if opened is not None and opened.socket is not None:
        opened.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@contextmanager
def associated(peer: Peer, proposal: Proposal) -> Iterator[Association]:
    """An association with the node, released at the end of the block and aborted by an error.

    Raises PlaceBusy and PlaceRefuses when there is none to be had.
    """
    association = opened(peer, proposal)
    try:
        yield association
    except BaseException:
        association.abort()
        raise
    if association.is_established:
        association.release()


def opened(peer: Peer, proposal: Proposal) -> Association:
    """The association, established; raises as `associated`.

    Trouble that may pass and comes at once is tried once more: a node that shuts the connection
    right after its rejection may have the rejection lost on the way.
    """
    began = monotonic()
    try:
        return _tried(peer, proposal)
    except PlaceBusy:
        if monotonic() - began > _AT_ONCE:
            raise
    sleep(_PAUSE)
    return _tried(peer, proposal)


def _tried(peer: Peer, proposal: Proposal) -> Association:
    """One attempt."""
    silence()
    entity = _Entity(ae_title=peer.calling)
    entity.connection_timeout = peer.patience.connect
    entity.acse_timeout = peer.patience.associate
    watched = proposal.waiting is Waiting.WATCHED
    entity.dimse_timeout = None if watched else peer.patience.answer
    entity.network_timeout = None if watched else peer.patience.answer * 2
    connected: list[bool] = []
    handlers: list[Bound] = [
        (evt.EVT_CONN_OPEN, without_delay),
        (evt.EVT_CONN_OPEN, lambda _event: connected.append(True)),
        *proposal.handlers,
    ]
    try:
        association = entity.associate(
            peer.host,
            peer.port,
            contexts=list(proposal.contexts),
            ae_title=peer.called,
            max_pdu=LONGEST_PDU,
            ext_neg=list(proposal.roles),
            tls_args=(peer.tls, peer.host) if peer.tls else None,
            evt_handlers=handlers,  # type: ignore[arg-type]  # a wider union of theirs
        )
    except OSError as error:
        raise unreached(peer, error) from None
    if association.is_established:
        return association
    if connected:
        raise _refused(peer, association)
    entity.let_go()
    raise _unconnected(peer)


class _Entity(AE):
    """An application entity that closes the socket of a connection that failed: theirs forgets."""

    _raw: socket.socket

    def let_go(self) -> None:
        """Close the socket that was made last."""
        self._raw.close()

    def _create_socket(self, *arguments: Any) -> AssociationSocket:  # noqa: ANN401 - theirs
        made = super()._create_socket(*arguments)
        assert made.socket is not None  # it was made just now
        self._raw = made.socket
        return made


def connect(peer: Peer) -> None:
    """Connect and hang up; raises PlaceBusy and PlaceRefuses, saying which step failed."""
    try:
        with socket.create_connection((peer.host, peer.port), peer.patience.connect) as plain:
            if peer.tls is not None:
                peer.tls.wrap_socket(plain, server_hostname=peer.host).close()
    except OSError as error:
        raise unreached(peer, error) from None


def unreached(peer: Peer, error: OSError) -> PlaceFailed:
    """What a failed connection means."""
    match error:
        case ssl.SSLCertVerificationError():
            return PlaceRefuses(peer.name, f"TLS: its certificate: {error.verify_message}")
        case ssl.SSLError():
            reason = (error.reason or "the handshake failed").lower().replace("_", " ")
            return PlaceRefuses(peer.name, f"TLS: {reason}")
        case socket.gaierror(errno=socket.EAI_NONAME):
            return PlaceRefuses(peer.name, "its host name is not known")
        case TimeoutError():
            return PlaceBusy(peer.name, "it did not take the connection in time")
        case ConnectionRefusedError():
            return PlaceBusy(peer.name, "nothing listens at its port")
        case _:
            return PlaceBusy(
                peer.name, f"it cannot be reached: {error.strerror or 'no connection'}"
            )


def _unconnected(peer: Peer) -> PlaceFailed:
    """Why there is no connection: pynetdicom keeps it to its log, so it is tried once more."""
    try:
        connect(peer)
    except PlaceFailed as failed:
        return failed
    return PlaceBusy(peer.name, "it did not take the connection")


def _refused(peer: Peer, association: Association) -> PlaceFailed:
    """Why a node that was connected did not associate (PS3.8 §9.3.4)."""
    answer = association.acceptor.primitive
    if answer is None:
        return PlaceBusy(peer.name, "it broke off, or said nothing, when asked to associate")
    if answer.result == 0:
        return PlaceRefuses(peer.name, "it offers none of the services asked for")
    reason = (answer.result_source, answer.diagnostic)
    match reason:
        case (1, 7):
            return PlaceRefuses(peer.name, "it is not called by this AE title")
        case (1, 3):
            return PlaceRefuses(peer.name, "it does not know our AE title")
        case (3, _):
            return PlaceBusy(peer.name, "it has as many associations as it takes")
        case _ if answer.result == 2:
            return PlaceBusy(peer.name, "it takes no association now")
        case _:
            return PlaceRefuses(peer.name, "it takes no association of ours")
