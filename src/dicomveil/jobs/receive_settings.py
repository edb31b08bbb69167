"""The settings of `dicomveil receive`: one TOML file, every key of which is known.

docs/receive.md has all of them. A message names the key, never what it was set to.
"""

import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from dicomveil.errors import Place, Unreadable, Unusable
from dicomveil.places.dimse_peer import LARGEST, Listening
from dicomveil.places.receiving import Network

_T = TypeVar("_T")
_MB: Final = 1 << 20


class TlsFiles(NamedTuple):
    """The files of TLS, PEM; empty names where there are none."""

    certificate: str = ""
    key: str = ""
    authorities: str = ""


class Onward(NamedTuple):
    """A node that is sent what was de-identified."""

    host: str
    port: int
    called: str
    calling: str
    tls: TlsFiles | None


class ProjectSettings(NamedTuple):
    """One `[[project]]`."""

    called: str
    callers: frozenset[str]
    networks: tuple[Network, ...]
    profile: str
    options: tuple[str, ...]
    key_file: str
    accept_pixels: bool
    quiet: float
    destination: str
    pacs: Onward | None


class Settings(NamedTuple):
    """The whole file."""

    spool: Path
    keep_free: int  # bytes
    largest: int  # bytes
    listening: Listening
    associations: int
    tls: TlsFiles | None
    projects: tuple[ProjectSettings, ...]


def read_settings(path: Path) -> Settings:
    """The settings of a file; Unreadable and Unusable, which say the key."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise Unreadable(error.strerror or "it cannot be read", Place(file="settings")) from None
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"it is no TOML: {error}", Place(file="settings")) from None
    return _settings(_Table(table, ""))


class _Table:
    """A table of the file, of which every key must be taken."""

    def __init__(self, members: Mapping[str, object], name: str) -> None:
        self._left = dict(members)
        self._name = name

    def take(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        """The value of a key, which is needed where there is no default."""
        value = self._left.pop(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        whole = kind is float and isinstance(value, int) and not isinstance(value, bool)
        if not (whole or type(value) is kind):
            raise self.wrong(key, f"is to be of the kind {kind.__name__}")
        return value  # type: ignore[return-value]  # an int serves as a float

    def texts(self, key: str) -> list[str]:
        """A list of texts; empty where the key is absent."""
        found = self.take(key, list, [])
        if not all(isinstance(one, str) for one in found):
            raise self.wrong(key, "is to be a list of texts")
        return found

    def table(self, key: str) -> "_Table | None":
        """A table in this one; None where it is absent."""
        if key not in self._left:
            return None
        return _Table(self.take(key, dict), f"{self._name}{key}.")

    def tables(self, key: str) -> list["_Table"]:
        """An array of tables."""
        found = self.take(key, list, [])
        if not all(isinstance(one, dict) for one in found):
            raise self.wrong(key, "is to be tables")
        return [_Table(one, f"{self._name}{key}[{n}].") for n, one in enumerate(found, 1)]

    def end(self) -> None:
        """Raise Unusable for keys that nobody took."""
        for key in self._left:
            raise self.wrong(key, "is not known")

    def wrong(self, key: str, problem: str) -> Unusable:
        """The error of a key."""
        return Unusable(f"{self._name}{key} {problem}", Place(file="settings"))


def _settings(table: _Table) -> Settings:
    listen = table.table("listen") or _Table({}, "listen.")
    found = Settings(
        spool=Path(table.take("spool", str)).absolute(),
        keep_free=table.take("keep_free_mb", int, 1024) * _MB,
        largest=table.take("largest_mb", int, LARGEST // _MB) * _MB,
        listening=Listening(
            listen.take("address", str, "127.0.0.1"), listen.take("port", int, 11112)
        ),
        associations=listen.take("associations", int, 10),
        tls=_tls(listen.table("tls")),
        projects=tuple(_project(one) for one in table.tables("project")),
    )
    listen.end()
    table.end()
    titles = [project.called for project in found.projects]
    if not titles:
        raise table.wrong("project", "is missing: nobody may send anything")
    if len(set(titles)) < len(titles):
        raise table.wrong("project", "has one AE title twice")
    return found


def _project(table: _Table) -> ProjectSettings:
    found = ProjectSettings(
        called=table.take("called", str),
        callers=frozenset(table.texts("callers")),
        networks=_networks(table),
        profile=table.take("profile", str, "basic"),
        options=tuple(table.texts("options")),
        key_file=table.take("key_file", str),
        accept_pixels=table.take("accept_pixels", bool, False),  # noqa: FBT003 - the default
        quiet=table.take("quiet_seconds", float, 60.0),
        destination=table.take("destination", str, ""),
        pacs=_onward(table.table("pacs")),
    )
    table.end()
    if bool(found.destination) == (found.pacs is not None):
        raise table.wrong("destination", "or a table pacs is needed, and not both")
    return found


def _networks(table: _Table) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(one) for one in table.texts("from"))
    except ValueError:
        raise table.wrong("from", "is to be addresses or networks, as 10.1.2.0/24") from None


def _onward(table: _Table | None) -> Onward | None:
    if table is None:
        return None
    found = Onward(
        table.take("host", str),
        table.take("port", int),
        table.take("called", str),
        table.take("calling", str, "DICOMVEIL"),
        _tls(table.table("tls")),
    )
    table.end()
    return found


def _tls(table: _Table | None) -> TlsFiles | None:
    if table is None:
        return None
    found = TlsFiles(
        table.take("certificate", str, ""),
        table.take("key", str, ""),
        table.take("authorities", str, ""),
    )
    table.end()
    return found
