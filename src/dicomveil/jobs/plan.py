"""What a run was asked to do: the values that its parent and its workers share."""

from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING, NamedTuple

from dicomveil.dicom.hashing import blake2b
from dicomveil.jobs.keyfile import Key
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.seams import Workshop
from dicomveil.places.folder import Taken
from dicomveil.places.scan import Links, Scan
from dicomveil.places.sieve import EVERYTHING, Sieve

if TYPE_CHECKING:
    from dicomveil.jobs.trees import Tree


class Existing(Enum):
    """What is done about a DST that is there already."""

    REFUSE = auto()
    RESUME = auto()  # finish the interrupted run that made it
    OVERWRITE = auto()  # replace the whole of an earlier output
    ADD = auto()  # whatever is there stays, but for files of the same names


class Purpose(Enum):
    """Whether anything is written."""

    DELIVER = auto()
    REHEARSE = auto()  # clean and verify everything, write nothing


class Alignment(StrEnum):
    """Whether pixel data is shifted to where a file system can share it with the original."""

    NONE = "none"
    REFLINK = "reflink"  # zeros in the file meta; dicom/aligning.py


class Checksum(StrEnum):
    """What the manifest says of an output's bytes."""

    NONE = "none"
    SHA256 = "sha256"


class Changes(StrEnum):
    """Whether the manifest lists what was changed in each output: places and actions."""

    NONE = "none"
    LISTED = "listed"


class Overlap(Enum):
    """Whether SRC, DST and the private folder may lie in each other."""

    REFUSE = auto()
    ALLOW = auto()  # what is written is not read: the sieve avoids it


class Crosswalk(StrEnum):
    """Whether the private folder keeps the old values beside the new."""

    NONE = "none"
    WRITE = "write"


class Directory(StrEnum):
    """Whether DST gets a DICOMDIR, made of the outputs."""

    NONE = "none"
    WRITE = "write"


class Copying(Enum):
    """Where large outputs are written."""

    HERE = auto()  # by the thread that cleans
    BESIDE = auto()  # by another, while the next file is cleaned: where a core is free for it


class Delivery(NamedTuple):
    """How outputs are delivered: what each worker must know besides its chunk."""

    destination: bytes
    journal: bytes  # the private folder's journals
    layout: "Layout | Tree"
    checksum: Checksum
    alignment: Alignment
    crosswalk: Crosswalk
    purpose: Purpose
    workshop: Workshop
    copying: Copying = Copying.HERE
    changes: Changes = Changes.NONE
    taken: Taken = Taken.KEEP
    beneath: bytes = b""  # the only folder that originals may lie in; any, when empty


class Order(NamedTuple):
    """One run as it was asked for; paths are absolute, without links."""

    sources: tuple[bytes, ...]
    destination: bytes
    private: bytes
    layout: "Layout | Tree"
    links: Links
    existing: Existing
    checksum: Checksum
    alignment: Alignment
    crosswalk: Crosswalk
    purpose: Purpose
    workers: int
    workshop: Workshop
    key: Key | None  # None where nothing is hashed under one
    copying: Copying = Copying.HERE
    beneath: bytes = b""  # the only folder that originals may lie in; any, when empty
    sieve: Sieve = EVERYTHING
    changes: Changes = Changes.NONE
    taken: Taken = Taken.KEEP
    overlap: Overlap = Overlap.REFUSE
    directory: Directory = Directory.NONE
    kept_apart: bool = False  # the manifest lies in the private folder, not in DST

    @property
    def scan(self) -> Scan:
        """Every file that is asked for."""
        return Scan(self.sources, self.links, self.sieve)

    @property
    def books(self) -> bytes:
        """The folder of the manifest."""
        return self.private if self.kept_apart else self.destination

    @property
    def journal(self) -> bytes:
        """The folder of the journals."""
        return self.private + b"/journal"

    @property
    def header(self) -> dict[str, object]:
        """What the manifest's first line says: a run that differs in it is another run."""
        options = {
            **self.workshop.options(),
            "checksum": self.checksum.value,
            "alignment": self.alignment.value,
            "crosswalk": self.crosswalk.value,
            "links": self.links.value,
        }
        if self.directory is Directory.WRITE:
            options["dicomdir"] = self.directory.value
        if self.sieve != EVERYTHING:
            options["sieve"] = blake2b(repr(self.sieve).encode(), digest_size=8).hexdigest()
        return {**self.workshop.facts(), "options": options, "layout": self.layout.value}

    @property
    def delivery(self) -> Delivery:
        """What the workers get."""
        return Delivery(
            self.destination,
            self.journal,
            self.layout,
            self.checksum,
            self.alignment,
            self.crosswalk,
            self.purpose,
            self.workshop,
            self.copying,
            self.changes,
            self.taken,
            self.beneath,
        )
