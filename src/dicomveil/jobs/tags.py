"""A run of substitutions as a person asks for it, and the order that carries it out."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from dicomveil.dicom.fitting import Fit
from dicomveil.dicom.hashing import blake2b
from dicomveil.errors import CannotStart
from dicomveil.jobs import preflight
from dicomveil.jobs.keyfile import Key
from dicomveil.jobs.plan import (
    Alignment,
    Changes,
    Checksum,
    Crosswalk,
    Existing,
    Order,
    Overlap,
    Purpose,
)
from dicomveil.jobs.seams import Workshop
from dicomveil.jobs.trees import Shape, Tree, checked_leaf
from dicomveil.places.folder import Taken
from dicomveil.places.scan import Links
from dicomveil.places.sieve import ANY_WORDS, Sieve, Words
from dicomveil.policy.substitution import Keys, Private


class Manners(Enum):
    """How a run of substitutions treats its output."""

    OURS = "a new output, its manifest in it and its private side beside it"
    OLD = "files are added and replaced in any folder; manifest and journal are kept apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Substituting:
    """A substitution as a person asks for it: paths as they were typed."""

    source: str
    destination: str
    structure: Mapping[str, str]
    manners: Manners
    keys: Keys = Keys.ALL
    private_elements: Private = Private.KEEP
    fit: Fit = Fit.REFUSE
    shape: Shape = Shape.DOCUMENTED
    leaf: str = ""
    stem: str = ""
    file_filter: Words = ANY_WORDS
    folder_filter: Words = ANY_WORDS
    only: str = ""
    depth: int | None = None
    links: Links = Links.IGNORE
    workers: int = 1
    existing: Existing = Existing.REFUSE
    overwrite: bool = False  # whether the input itself may be overwritten
    private: str | None = None
    key_file: str | None = None
    changes: Changes = Changes.NONE
    purpose: Purpose = Purpose.DELIVER


def order_of_tags(
    asked: Substituting, workshop: Workshop, key: Key | None, environment: Mapping[str, str]
) -> Order:
    """The order; raises StructureError for a leaf's format, and CannotStart. Nothing is written."""
    destination = os.path.realpath(os.fsencode(asked.destination))
    tree = _tree(asked)
    private = _private_of(asked, destination, environment)
    _check_in_place(asked, destination, tree)
    old = asked.manners is Manners.OLD
    return Order(
        sources=(os.path.abspath(os.fsencode(asked.source)),),
        destination=destination,
        private=private,
        layout=tree,
        links=asked.links,
        existing=asked.existing,
        checksum=Checksum.NONE,
        alignment=Alignment.NONE,
        crosswalk=Crosswalk.NONE,
        purpose=asked.purpose,
        workers=asked.workers,
        workshop=workshop,
        key=key,
        sieve=_sieve(asked, destination, private),
        changes=asked.changes,
        taken=Taken.REPLACE if old and not asked.stem else Taken.KEEP,
        overlap=Overlap.ALLOW if old else Overlap.REFUSE,
        kept_apart=old,
    )


def _tree(asked: Substituting) -> Tree:
    prefix = ""
    if asked.shape is Shape.OLD:
        steps = (step for step in asked.source.split("/") if step not in {"", ".", ".."})
        prefix = "/".join(steps)
    return Tree(asked.shape, os.fsencode(prefix), checked_leaf(asked.leaf), bool(asked.stem))


def _sieve(asked: Substituting, destination: bytes, private: bytes) -> Sieve:
    """What is asked for; what the run itself writes is avoided where it lies in the input."""
    source = os.path.realpath(os.fsencode(asked.source))
    inside = [p for p in (destination, private) if p != source and preflight.inside(p, source)]
    only = os.fsencode(os.path.normpath(asked.only)) if asked.only else b""
    named = bool(only) and os.path.isfile(os.path.join(source, only))
    return Sieve(
        names=asked.file_filter,
        folders=asked.folder_filter,
        top=os.fsencode(asked.source.rstrip("/") or "/"),
        only=only if named else b"",
        somewhere=b"" if named else os.fsencode(asked.only),
        depth=asked.depth,
        avoided=tuple(inside),
    )


def _private_of(asked: Substituting, destination: bytes, environment: Mapping[str, str]) -> bytes:
    """The private folder: as named, beside the output, or where programs keep their state."""
    if asked.private:
        return os.path.realpath(os.fsencode(asked.private))
    if asked.manners is Manners.OURS:
        return destination + b".private"
    both = os.path.realpath(os.fsencode(asked.source)) + b"\0" + destination
    name = f"{blake2b(both, digest_size=12).hexdigest()}"
    return os.path.realpath(os.fsencode(os.path.join(_state(environment), name)))


def _state(environment: Mapping[str, str]) -> str:
    """Where this program keeps its state; a folder for this run alone where there is no home."""
    home = environment.get("XDG_STATE_HOME") or os.path.join(
        os.path.expanduser("~"), ".local", "state"
    )
    folder = os.path.join(home, "dicomveil", "tags")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError:
        writable = False
    else:
        writable = os.access(folder, os.W_OK)
    if writable:
        return folder
    from tempfile import mkdtemp  # 2 ms of a start that seldom needs it

    return mkdtemp(prefix="dicomveil-tags-")


def _check_in_place(asked: Substituting, destination: bytes, tree: Tree) -> None:
    """Raise CannotStart where outputs would take the place of inputs and nobody allowed it."""
    if tree.leaf not in {"", "%s"} or tree.stems or asked.manners is Manners.OURS:
        return
    target = os.path.realpath(os.path.join(destination, tree.prefix))
    if not preflight.inside(os.path.realpath(os.fsencode(asked.source)), target):
        return
    if not asked.overwrite:
        raise CannotStart("the output would overwrite the input; --overwrite allows it")
    if asked.existing is Existing.RESUME:
        raise CannotStart("a run that overwrites its input cannot be resumed")
