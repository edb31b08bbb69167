"""Where a job's source and destination lie on this server: UNC in, local mounts out.

Both must lie below what the project allows and what the translation table knows. Whether they
really do is settled when they are opened (places/confined.py), not here.
"""

import os
import stat
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, assert_never

from dicomveil.errors import MappingError
from dicomveil.job_errors import JobRefused, NoPlace, Unfit
from dicomveil.jobs.fetching import Wanted
from dicomveil.jobs.model import Job, Recipe
from dicomveil.jobs.steps import Where
from dicomveil.mapping.selection import load_selection
from dicomveil.mapping.shares import Shares
from dicomveil.mapping.sources import PATH_TYPES, SourceIdentifier, SourceType
from dicomveil.mapping.unc import UncPath, parse_unc
from dicomveil.places.addresses import covering
from dicomveil.places.confined import Root
from dicomveil.places.place import Asked
from dicomveil.places.register import read_places

_BLOCK: Final = 1 << 20


class Place(NamedTuple):
    """A path below a root that the project allows; both local."""

    root: bytes
    relative: bytes

    @property
    def path(self) -> bytes:
        """The whole path."""
        return self.root + b"/" + self.relative if self.relative else self.root


class Located(NamedTuple):
    """A source on this server."""

    sources: tuple[bytes, ...]
    beneath: bytes
    selection: str = ""  # the digest of a file selection
    fetched: str = ""  # the SRC by which a place had it, where it was fetched


class Locations:
    """Finds places by the translation table of the server."""

    def __init__(self, shares: Shares, register: Path) -> None:
        """Translate by `shares`; shares without a mount are those of the places in `register`."""
        self._shares = shares
        self._register = register

    def place(self, unc: UncPath, roots: Sequence[str], field: str) -> Place:
        """The place on this server; Unfit, naming `field`, where the project does not allow it."""
        root = _root_of(unc, roots, field)
        local = self._shares.to_local(root)
        if local is None:
            raise Unfit(field, "the server's translation table has no line for this share")
        relative = "/".join(unc.below(root) or ())
        return Place(os.fsencode(os.path.realpath(local)), os.fsencode(relative))

    def where(self, job: Job, roots: Sequence[str]) -> Where:
        """A job's destination; Unfit where the project does not allow it."""
        place = self.place(parse_unc(job.destination), roots, "destination_path")
        return Where(place.root, place.relative, job.id, job.attempt)

    def check(self, source: SourceIdentifier, recipe: Recipe) -> None:
        """Raise Unfit, or NotUnc, for a path that the project cannot read."""
        if source.is_path and self._unmounted(source.type, source.value, recipe) is None:
            self.place(parse_unc(source.value), recipe.sources, "source_path")

    def wanted(self, kind: SourceType, value: str, recipe: Recipe) -> Wanted | None:
        """What is to be fetched for the source; None for one that lies in a folder here.

        Raises NoPlace when the project may read no place.
        """
        if kind in PATH_TYPES:
            return self._unmounted(kind, value, recipe)
        if not recipe.places:
            raise NoPlace(f"no such place is configured: nothing here can fetch a {kind}")
        return Wanted(recipe.places, Asked(**{kind.value: value}))

    def _unmounted(self, kind: SourceType, value: str, recipe: Recipe) -> Wanted | None:
        """How a folder is fetched that no line of the table covers, and a place's share does.

        Raises Unfit for one that the project does not allow.
        """
        unc = parse_unc(value)
        root = _root_of(unc, recipe.sources, "source_path")
        if kind is not SourceType.FOLDER or self._shares.to_local(root) is not None:
            return None
        places = read_places(self._register)
        allowed = {name: places[name] for name in recipe.places if name in places}
        name = covering(str(unc), allowed)
        return Wanted((name,), Asked(below=str(unc))) if name else None

    def source(self, kind: SourceType, value: str, roots: Sequence[str]) -> Located:
        """A job's source; JobRefused when it is not there, NoPlace when nobody could look."""
        match kind:
            case SourceType.FOLDER:
                place = self.place(parse_unc(value), roots, "source_path")
                _check_there(place)
                return Located((place.path,), place.root)
            case SourceType.FILE_SELECTION:
                return selected(self.place(parse_unc(value), roots, "source_path"))
            case SourceType.STUDY | SourceType.ACCESSION | SourceType.SERIES | SourceType.PATIENT:
                raise NoPlace(f"a {kind} is fetched, and lies in no folder here")
            case _:
                assert_never(kind)


def _root_of(unc: UncPath, roots: Sequence[str], field: str) -> UncPath:
    """The longest of the roots that the path lies below; Unfit where there is none."""
    fitting = [root for root in map(parse_unc, roots) if unc.below(root) is not None]
    if not fitting:
        allowed = "; it allows " + ", ".join(roots) if roots else ""
        raise Unfit(field, f"the project does not allow this path{allowed}")
    return max(fitting, key=lambda one: len(one.parts))


def selected(place: Place) -> Located:
    """The files that the selection at this place lists; JobRefused when it cannot be used."""
    digest = selection_digest(place.path, place.root)
    folder = os.path.dirname(place.path)
    with closing(Root(place.root)) as root:
        fd = root.open(place.relative)
        try:
            selection = load_selection(Path(f"/proc/self/fd/{fd}"))
        except MappingError as error:
            raise JobRefused(
                "selection-unusable", f"the file selection cannot be used: {error.problem}"
            ) from None
        finally:
            os.close(fd)
    listed = {folder + b"/" + os.path.normpath(os.fsencode(path)) for path in selection.paths}
    bad = sum(not _is_file(path) for path in listed)
    if bad:
        text = f"{bad} of the files that the selection lists are missing, or are no files"
        raise JobRefused("selection-unusable", text)
    return Located(tuple(sorted(listed)), place.root, f"{digest}:{place.path.hex()}")


def check_selection(kept: str, beneath: bytes) -> None:
    """Raise JobRefused when the selection is no longer what it was at the start."""
    if kept:
        digest, _, path = kept.partition(":")
        if selection_digest(bytes.fromhex(path), beneath) != digest:
            text = "the file selection was changed after the job began"
            raise JobRefused("selection-changed", text)


def selection_digest(path: bytes, beneath: bytes) -> str:
    """The SHA-256 of a selection, opened beneath the project's root; JobRefused if not there."""
    seen = sha256()
    with closing(Root(beneath)) as root:
        try:
            fd = root.open(path[len(beneath.rstrip(b"/")) + 1 :])
        except OSError:
            raise JobRefused("source-missing", "there is no file selection there") from None
        with open(fd, "rb") as file:
            while block := file.read(_BLOCK):
                seen.update(block)
    return seen.hexdigest()


def _is_file(path: bytes) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _check_there(place: Place) -> None:
    """JobRefused for a folder that is not there, or lies out of the root by way of a link."""
    with closing(Root(place.root)) as root:
        try:
            os.close(root.open(place.relative, os.O_RDONLY | os.O_DIRECTORY))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise JobRefused(
                "source-missing", f"the source folder cannot be opened: {reason}"
            ) from None
