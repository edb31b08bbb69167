"""What a configured place is built of: its technology, its credential, and the manners owed to it.

Each technology is imported when a place of it is built; who de-identifies a folder imports none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from dicomveil.errors import PlaceRefuses, Unusable
from dicomveil.places.credentials import Credential, Kept, secret_of
from dicomveil.places.manners import Hours, Limits, Manners
from dicomveil.places.place import Arrival, Asked, Destination, Place, Source, Step, StudyFound
from dicomveil.places.register import Configured

if TYPE_CHECKING:
    from dicomveil.places.link import Access


_C = TypeVar("_C", bound=Enum)


class Built(Source, Destination, Place, Protocol):
    """A place with all its sides; one that it has not refuses."""


Places = Mapping[str, Configured]


@contextmanager
def opened(name: str, places: Places, environment: Mapping[str, str]) -> Iterator[Built]:
    """The place of this name, ready to be asked; its connections are let go of afterwards.

    Raises Unusable for a name that is not configured, or settings that do not fit together, and
    PlaceRefuses when its credential cannot be had or its library is not installed.
    """
    if name not in places:
        raise Unusable(f"no place of that name is configured; there are {len(places)}")
    configured = places[name]
    build = _KINDS[configured.kind]
    try:
        built = build(configured, places, environment)
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        raise PlaceRefuses(
            name, f"{library} is not installed: pip install 'dicomveil[{configured.kind}]'"
        ) from None
    try:
        yield built
    finally:
        close = getattr(built, "close", None)
        if close is not None:
            close()


def limits_of(configured: Configured) -> Limits:
    """What the place is asked to bear."""
    usual = Limits()
    hours = configured.text("hours")
    at_once = int(configured.number("at_once", usual.at_once))
    attempts = int(configured.number("attempts", usual.attempts))
    if at_once < 1 or attempts < 1:
        raise Unusable(f"[{configured.name}]: at_once and attempts are at least 1")
    return Limits(
        at_once=at_once,
        per_second=configured.number("per_second", usual.per_second),
        hours=Hours.of(hours) if hours else None,
        attempts=attempts,
    )


def credential_of(configured: Configured, environment: Mapping[str, str]) -> Credential:
    """Who logs in, and by what; both may be empty."""
    file = configured.text("secret_file")
    kept = Kept(
        command=configured.several("secret_command"),
        variable=configured.text("secret_variable"),
        file=Path(file) if file else None,
        usual=configured.secrets / configured.name,
    )
    secret = secret_of(configured.name, kept, environment)
    return Credential(configured.text("user"), secret)


class Polite:
    """A place whose every operation waits for its turn."""

    def __init__(
        self, manners: Manners, source: Source, place: Place, destination: Destination | None
    ) -> None:
        """Ask these sides of one place; None where it takes nothing."""
        self._manners = manners
        self._source = source
        self._place = place
        self._destination = destination

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """As the place, tried again where trouble may pass."""
        return self._manners.tried(lambda: self._source.find(asked))

    def fetch(self, asked: Asked, spool: Path) -> Iterator[Path]:
        """As the place."""
        with self._manners.turn():
            yield from self._source.fetch(asked, spool)

    def deliver(self, root: Path, names: Iterable[str]) -> Iterator[tuple[str, Arrival]]:
        """As the place; PlaceRefuses where it takes nothing."""
        if self._destination is None:
            raise PlaceRefuses(self._manners.place, "it is a source alone")
        with self._manners.turn():
            yield from self._destination.deliver(root, names)

    def steps(self) -> Iterator[Step]:
        """As the place."""
        with self._manners.turn():
            yield from self._place.steps()

    def close(self) -> None:
        """Let go of the place's connections."""
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


def _folder(configured: Configured, _: Places, __: Mapping[str, str]) -> Built:
    from dicomveil.places.directory import Directory

    folder = Directory(configured.name, Path(configured.address))
    return Polite(Manners(configured.name, limits_of(configured)), folder, folder, folder)


def _smb(configured: Configured, _: Places, environment: Mapping[str, str]) -> Built:
    from dicomveil.places.smb import SmbPlace
    from dicomveil.places.smb_line import Login
    from dicomveil.places.smb_paths import share_of

    name = configured.name
    credential = credential_of(configured, environment)
    login = Login(
        name,
        credential.user,
        credential.secret,
        port=int(configured.number("port", 445)),
        seconds=configured.number("seconds", 30),
        encrypted=bool(configured.settings.get("encrypted", False)),
    )
    addresses = (configured.address, *configured.several("shares"))
    shares = tuple(share_of(name, address) for address in addresses)
    return SmbPlace(login, shares, Manners(name, limits_of(configured)))


def _store(configured: Configured, _: Places, environment: Mapping[str, str]) -> Built:
    from dicomveil.places.stores import Store

    scheme = configured.kind
    if not configured.address.startswith(f"{scheme}://"):
        raise Unusable(f"[{configured.name}]: its address is to be {scheme}://bucket/prefix")
    options: dict[str, object] = {}
    credential = credential_of(configured, environment)
    if credential.secret:
        options = _STORE_OPTIONS[scheme](credential)
    if configured.text("endpoint"):
        options["endpoint_url"] = configured.text("endpoint")
    if configured.text("region"):
        options["client_kwargs"] = {"region_name": configured.text("region")}
    manners = Manners(configured.name, limits_of(configured))
    return Store(configured.name, configured.address, manners, options)


_STORE_OPTIONS: Final[Mapping[str, Callable[[Credential], dict[str, object]]]] = {
    "s3": lambda credential: {"key": credential.user, "secret": credential.secret},
    "gs": lambda credential: {"token": credential.secret},  # the path of a service account's file
    "az": lambda credential: {
        "account_name": credential.user,
        "account_key": credential.secret,
    },
}


def _dicomweb(configured: Configured, _: Places, environment: Mapping[str, str]) -> Built:
    from dicomveil.places.asking import Hits
    from dicomveil.places.dicomweb import DicomWeb

    hits = Hits.ANY if configured.settings.get("several") else Hits.ONE
    web = DicomWeb(configured.name, _access(configured, environment), hits)
    return Polite(Manners(configured.name, limits_of(configured)), web, web, web)


def _wado_uri(configured: Configured, places: Places, environment: Mapping[str, str]) -> Built:
    from dicomveil.places.asking import Hits
    from dicomveil.places.dicomweb import DicomWeb
    from dicomveil.places.wado_uri import WadoUri

    index = places.get(configured.text("index"))
    if index is None or index.kind != "dicomweb":
        raise Unusable(f"[{configured.name}]: its index is to name a place of the kind dicomweb")
    hits = Hits.ANY if configured.settings.get("several") else Hits.ONE
    finding = DicomWeb(index.name, _access(index, environment), hits)
    access = _access(configured, environment)
    fetching = WadoUri(configured.name, access, finding, hits)
    return Polite(Manners(configured.name, limits_of(configured)), fetching, fetching, None)


def _dimse(configured: Configured, _: Places, environment: Mapping[str, str]) -> Built:
    from dicomveil.places.asking import Hits
    from dicomveil.places.dimse import Pacs
    from dicomveil.places.dimse_peer import Listening, Peer, Receiver, Retrieval
    from dicomveil.places.link import trust_of

    host, colon, port = configured.address.rpartition(":")
    called = configured.text("called")
    if not colon or not port.isdecimal() or not called:
        raise Unusable(f"[{configured.name}]: its address is host:port, and called its AE title")
    limits = limits_of(configured)
    secured = configured.settings.get("tls", False)
    peer = Peer(
        name=configured.name,
        host=host,
        port=int(port),
        called=called,
        calling=configured.text("calling", "DICOMVEIL"),
        retrieval=_choice(configured, "retrieval", Retrieval.GET),
        receiver=_choice(configured, "receiver", Receiver.OWN),
        listening=Listening(
            configured.text("listen_address", "127.0.0.1"),
            int(configured.number("listen_port", 11112)),
        ),
        senders=configured.several("senders"),
        associations=limits.at_once,
        hits=Hits.ANY if configured.settings.get("several") else Hits.ONE,
        tls=trust_of(configured.name, _access(configured, environment)) if secured else None,
    )
    pacs = Pacs(peer)
    return Polite(Manners(configured.name, limits), pacs, pacs, pacs)


def _choice(configured: Configured, setting: str, usual: _C) -> _C:
    """One of a few words; Unusable for another."""
    try:
        return type(usual)(configured.text(setting, usual.value))
    except ValueError:
        words = " or ".join(one.value for one in type(usual))
        raise Unusable(f"[{configured.name}]: {setting} is {words}") from None


def _access(configured: Configured, environment: Mapping[str, str]) -> "Access":
    """How a server with TLS is reached."""
    from dicomveil.places.link import Access, Basic, Bearer, Certificate

    user, secret = credential_of(configured, environment)
    certificate = configured.text("certificate")
    return Access(
        configured.address,
        login=(Basic(user, secret) if user else Bearer(secret)) if secret else None,
        certificate=(
            Certificate(certificate, configured.text("certificate_key")) if certificate else None
        ),
        trusted=configured.text("trusted"),
        seconds=configured.number("seconds", 60),
    )


_KINDS: Final[Mapping[str, Callable[[Configured, Places, Mapping[str, str]], Built]]] = {
    "folder": _folder,
    "smb": _smb,
    "s3": _store,
    "gs": _store,
    "az": _store,
    "dicomweb": _dicomweb,
    "wado-uri": _wado_uri,
    "dimse": _dimse,
}
