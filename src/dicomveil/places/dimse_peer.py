"""A DICOM node to talk to: where it is, what the two call each other, what is borne with."""

import re
import ssl
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from dicomveil.errors import CannotStart
from dicomveil.places.asking import Hits

_TITLE: Final = re.compile(
    r"[\x21-\x5B\x5D-\x7E](?:[\x20-\x5B\x5D-\x7E]{0,14}[\x21-\x5B\x5D-\x7E])?"
)
LARGEST: Final = 1 << 32
"""Bytes of one object, unless a node is given another bound: an object is held in memory."""


class Retrieval(Enum):
    """How objects are asked for."""

    GET = "get"  # over the association that asks: nothing needs to listen
    MOVE = "move"  # the node connects to us, as its own configuration says


class Receiver(Enum):
    """What takes the objects of a C-MOVE."""

    OWN = "own"  # this process
    DCMTK = "dcmtk"  # DCMTK's storescp, where it is installed: several times as fast


class Patience(NamedTuple):
    """Seconds after which a node that says nothing is given up."""

    connect: float = 10.0
    associate: float = 30.0
    answer: float = 60.0  # without a byte, while an answer or an object is waited for
    settle: float = 5.0  # for objects that come after the last word of a C-MOVE


class Listening(NamedTuple):
    """Where objects are taken: the address and port that a node knows us by."""

    address: str = "127.0.0.1"
    port: int = 11112


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One node, as it is configured; CannotStart for titles or bounds that cannot be."""

    name: str  # ours for it: the one that messages say
    host: str
    port: int
    called: str  # its AE title
    calling: str = "DICOMVEIL"  # our AE title
    retrieval: Retrieval = Retrieval.GET
    receiver: Receiver = Receiver.OWN
    listening: Listening = field(default_factory=Listening)
    senders: tuple[str, ...] = ()  # from where a C-MOVE may bring objects, besides `host`
    patience: Patience = field(default_factory=Patience)
    associations: int = 2  # at once, over all threads that share the place
    hits: Hits = Hits.ONE
    largest: int = LARGEST
    tls: ssl.SSLContext | None = field(default=None, compare=False)
    listening_tls: ssl.SSLContext | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be, before anything is connected."""
        for title in (self.called, self.calling):
            check_title(title)
        if self.associations < 1:
            raise CannotStart("at least one association must be allowed")


def check_title(title: str) -> None:
    """Raise CannotStart for what is no AE title (PS3.5 §6.2: AE)."""
    if not _TITLE.fullmatch(title):
        raise CannotStart("an AE title has 1 to 16 printable ASCII characters and no backslash")
