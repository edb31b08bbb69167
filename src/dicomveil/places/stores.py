"""An object store as a place, by fsspec: `s3://bucket/prefix`, `gs://…`, `az://…`.

A store knows no rename and no folders. Each object is put in one step that fails where the store
can tell that the name is taken; what is there already, with the same bytes, counts as delivered,
so a delivery that was cut short is finished by repeating it. Large objects come in ranges and go
in parts, each of which the client asks for again by itself.
"""

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import fsspec
from fsspec import AbstractFileSystem

from dicomveil.errors import Failed, NothingFound, PlaceBusy, PlaceFailed, PlaceRefuses
from dicomveil.places import landing
from dicomveil.places.asking import checked
from dicomveil.places.manners import Manners
from dicomveil.places.place import Arrival, Asked, SeriesFound, Step, StudyFound
from dicomveil.places.together import Lines

SCHEMES: Final = ("s3", "gs", "az")
_RANGE: Final = 8 << 20
_MD5: Final = partial(hashlib.md5, usedforsecurity=False)
_LARGEST: Final = 1 << 36
_DEEPEST: Final = 64
_PUTTING: Final[Mapping[str, Mapping[str, Any]]] = {
    "s3": {"mode": "create", "chunksize": _RANGE, "max_concurrency": 2},
    "gs": {"mode": "create"},
    "az": {"overwrite": False},
}
# Errors of the libraries that no waiting mends, by name: they are not imported for it.
_REFUSALS: Final = frozenset(
    "NoCredentialsError PartialCredentialsError ParamValidationError InvalidRegionError"
    " ClientAuthenticationError DefaultCredentialsError SSLError".split()
)


@dataclass(frozen=True)
class Store:
    """Source, destination and steps of everything below one address."""

    name: str
    address: str  # s3://bucket/prefix
    manners: Manners
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)  # credentials among them
    largest: int = _LARGEST  # bytes of one object

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """One answer that counts the objects below the prefix; a store knows no studies.

        Raises PlaceRefuses for anything but `below`, and PlaceBusy for trouble that may pass.
        """
        start = self._start(asked)
        count = sum(1 for _ in self._objects(start))
        if not count:
            return ()
        return (StudyFound("", "", "", "", "", "", (SeriesFound("", "", "", count),)),)

    def fetch(self, asked: Asked, spool: Path) -> Iterator[Path]:
        """Bring every object below the prefix, in the order of the names; raises as `find`."""
        start = self._start(asked)
        wanted = zip(self._objects(start), landing.free_paths(spool), strict=False)
        came = None
        for came in self._lines().each(self._brought, wanted):
            yield came
        if came is None:
            raise NothingFound(self.name, "there is no object below that prefix")

    def deliver(self, root: Path, names: Iterable[str]) -> Iterator[tuple[str, Arrival]]:
        """Put each file under its name; a name that is taken by other bytes is refused."""
        yield from self._lines().each(partial(self._put, root=root), names)

    def steps(self) -> Iterator[Step]:
        """List the prefix, which needs the name, the connection and the credentials."""
        try:
            entries = len(self.manners.tried(partial(self._listed, self._root)))
        except PlaceFailed as error:
            yield Step("listing", fine=False, said=error.problem)
            return
        yield Step("listing", fine=True, said=f"{entries} entries")

    @property
    def _root(self) -> str:
        """The address as the library writes it: bucket/prefix."""
        return self.address.partition("://")[2].rstrip("/")

    @property
    def _scheme(self) -> str:
        return self.address.partition("://")[0]

    @cached_property
    def _files(self) -> AbstractFileSystem:
        for library in ("botocore", "aiobotocore", "s3fs", "gcsfs", "adlfs", "azure", "fsspec"):
            logging.getLogger(library).setLevel(logging.CRITICAL + 1)  # their lines name objects
        with translated(self.name):
            return fsspec.filesystem(
                self._scheme, skip_instance_cache=True, use_listings_cache=False, **self.options
            )

    def _start(self, asked: Asked) -> str:
        """The prefix that is asked for, which lies below the address."""
        below = checked(asked).below
        if not below:
            raise PlaceRefuses(self.name, "a store is asked for a prefix, and knows no studies")
        if "://" in below:
            address = self.address.rstrip("/")
            if below.rstrip("/") != address and not below.startswith(address + "/"):
                raise PlaceRefuses(self.name, "the prefix is not on the place's list")
            below = below[len(address) :]
        return "/".join((self._root, *self._checked(below)))

    def _checked(self, key: str) -> list[str]:
        parts = [part for part in key.split("/") if part not in {"", "."}]
        if ".." in parts:
            raise PlaceRefuses(self.name, ".. is not accepted in a path")
        return parts

    def _lines(self) -> "Lines[_Own]":
        return Lines(self.manners, _Own)

    def _listed(self, prefix: str) -> list["_Object"]:
        with translated(self.name):
            found = self._files.ls(prefix, detail=True)
        return sorted(map(_object, found))

    def _objects(self, start: str) -> Iterator["_Object"]:
        """Every object below the prefix, or the object itself; each folder's in order."""
        folders = [start]
        while folders:
            folder = folders.pop()
            if folder.count("/") > start.count("/") + _DEEPEST:
                raise PlaceRefuses(self.name, "the names are nested too deeply")
            try:
                entries = self.manners.tried(partial(self._listed, folder))
            except NothingFound:
                return
            yield from (entry for entry in entries if not entry.is_folder)
            below = [e.key for e in entries if e.is_folder and e.key.startswith(folder + "/")]
            folders += reversed(below)

    def _brought(self, _: "_Own", wanted: "tuple[_Object, Path]") -> Path:
        entry = wanted[0]
        path = landing.named(wanted[1], entry.key)
        landing.room_for(self.name, path.parent, entry.size, self.largest)
        with landing.arriving(path, entry.modified) as file:
            for piece in self._ranges(entry.key, entry.size):
                file.write(piece)
            if file.size != entry.size:
                raise PlaceBusy(self.name, "an object came in part")
            if entry.size > _RANGE and self._at(entry.key) != entry:
                raise PlaceBusy(self.name, "an object changed while it was read")
        return path

    def _ranges(self, key: str, size: int) -> Iterator[bytes]:
        for at in range(0, size, _RANGE):
            with translated(self.name):
                piece: bytes = self._files.cat_file(key, start=at, end=min(at + _RANGE, size))
            yield piece

    def _at(self, key: str) -> "_Object | None":
        """What has this name; None when nothing has."""
        try:
            with translated(self.name):
                return _object(self._files.info(key))
        except NothingFound:
            return None

    def _put(self, _: "_Own", name: str, root: Path) -> tuple[str, Arrival]:
        parts = self._checked(name)
        local, key = root.joinpath(*parts), "/".join((self._root, *parts))
        there = self._at(key)
        if there is None:
            try:
                with translated(self.name):
                    self._files.put_file(str(local), key, **_PUTTING[self._scheme])
            except _Taken:
                there = self._at(key)
            else:
                return name, Arrival.DELIVERED
        if there is None or not self._is_same(local, there):
            raise PlaceRefuses(
                self.name, "a final name is taken by another object, which is not replaced"
            )
        return name, Arrival.ALREADY_THERE

    def _is_same(self, local: Path, there: "_Object") -> bool:
        """Whether the object has the very bytes of the local file."""
        try:
            with local.open("rb") as file:
                if os.fstat(file.fileno()).st_size != there.size:
                    return False
                # The tag of an object that was put in one part is often its MD5.
                if hashlib.file_digest(file, _MD5).hexdigest() == there.tag:
                    return True
                file.seek(0)
                pieces = self._ranges(there.key, there.size)
                return all(file.read(len(piece)) == piece for piece in pieces)
        except OSError as error:
            raise Failed(f"an output cannot be read: {os.strerror(error.errno or 0)}") from None


class _Object(NamedTuple):
    """What a listing says of an object or a folder."""

    key: str  # bucket/name
    size: int
    modified: float  # seconds since 1970; 0 where the store does not say
    tag: str
    is_folder: bool


class _Own:
    """What a thread has of its own here: nothing, the library shares its connections."""

    def close(self) -> None:
        """Let go of nothing."""


class _Taken(Exception):
    """The final name is taken."""


@contextmanager
def translated(place: str) -> Iterator[None]:
    """What the libraries raise, as trouble of this place; what they say is not passed on."""
    try:
        yield
    except PlaceFailed:
        raise
    except FileExistsError:
        raise _Taken from None
    except Exception as error:  # noqa: BLE001 - each library has its own, and none is imported
        if "PreconditionFailed" in str(error):
            raise _Taken from None
        raise _trouble(place, error) from None


def _trouble(place: str, error: Exception) -> PlaceFailed:
    match error:
        case FileNotFoundError():
            return NothingFound(place, "there is no such object, prefix or bucket")
        case PermissionError():
            return PlaceRefuses(place, "access was denied")
        case ImportError():
            return PlaceRefuses(place, "the library for such a store is not installed")
        case _ if {kind.__name__ for kind in type(error).__mro__} & _REFUSALS:
            return PlaceRefuses(place, "the credentials or settings were not accepted")
        case _:
            return PlaceBusy(place, "the store was not reached, or did not do it")


def _object(found: Mapping[str, Any]) -> _Object:
    changed = found.get("LastModified") or found.get("mtime") or found.get("last_modified")
    return _Object(
        str(found["name"]).rstrip("/"),
        int(found.get("size") or 0),
        changed.timestamp() if isinstance(changed, datetime) else 0.0,
        str(found.get("ETag") or found.get("etag") or "").strip('"'),
        found.get("type") == "directory",
    )
