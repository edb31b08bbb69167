"""The only place that knows concrete classes: what is built from what was asked."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from dicomveil.dicom.fitting import Fit
from dicomveil.dicom.hashing import blake2b
from dicomveil.engine.cleaner import Cleaner, Options
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.engine.substitute import Choices, Substituter
from dicomveil.jobs.keyfile import find_key
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.plan import Alignment, Checksum, Copying, Crosswalk, Existing, Order, Purpose
from dicomveil.jobs.pool import MakeExecutor, here, processes, usable_cores
from dicomveil.jobs.tags import Substituting, order_of_tags
from dicomveil.places.scan import Links
from dicomveil.policy.finding import find_profile
from dicomveil.policy.options import Option
from dicomveil.policy.profile import Profile
from dicomveil.policy.substitution import Keys, Private, Substitution, substitution
from dicomveil.policy.templates import parsed
from dicomveil.version import __version__


@dataclass(frozen=True, slots=True)
class EngineWorkshop:
    """Builds the engine in each process, from the profile and the key.

    The profile goes to each process as it was read: a recipe that is edited while a run is under
    way changes nothing of it.
    """

    profile: Profile = field(compare=False)  # its digest is compared
    digest: str
    engine: Options
    key: bytes = field(repr=False)

    def cleaner(self) -> Cleaner:
        """A cleaner for one process."""
        return Cleaner(self.profile, self.key, options=self.engine)

    def code(self) -> Callable[[str, bytes], bytes]:
        """What gives the keyed pseudonym of a kind of value."""
        return Pseudonyms(self.key).code

    def facts(self) -> dict[str, object]:
        """What the manifest's first line says of the tool, profile and key."""
        return {
            "dicomveil": __version__,
            "profile": {"name": self.profile.name, "digest": self.digest},
            "key": Pseudonyms(self.key).fingerprint,
        }

    def options(self) -> dict[str, str]:
        """What it says of the engine's options. Templates change no byte, so they are left out."""
        return {
            "pixels": self.engine.pixels.name.lower(),
            "verify": self.engine.verify.name.lower(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A run as a person asks for it: paths as they were typed, None where nothing was said."""

    sources: Sequence[str]
    destination: str
    profile: str
    further: tuple[Option, ...]
    engine: Options
    key_file: str | None
    workers: int | None
    layout: Layout
    private: str | None
    links: Links
    existing: Existing
    checksum: Checksum
    alignment: Alignment
    crosswalk: Crosswalk
    purpose: Purpose


def order_of(asked: Asked, environment: Mapping[str, str]) -> Order:
    """The order that carries out what was asked; raises ProfileError and KeyRefused.

    Nothing is written.
    """
    destination = os.path.realpath(os.fsencode(asked.destination))
    private = os.fsencode(asked.private) if asked.private else destination + b".private"
    profile = find_profile(asked.profile, asked.further)
    key = find_key(asked.key_file, environment)
    workers = asked.workers or usable_cores()
    return Order(
        sources=tuple(map(_absolute, asked.sources)),
        destination=destination,
        private=os.path.realpath(private),
        layout=asked.layout,
        links=asked.links,
        existing=asked.existing,
        checksum=asked.checksum,
        alignment=asked.alignment,
        crosswalk=asked.crosswalk,
        purpose=asked.purpose,
        workers=workers,
        workshop=EngineWorkshop(profile, profile.digest, asked.engine, key.value),
        key=key,
        copying=Copying.BESIDE if workers < usable_cores() else Copying.HERE,
    )


def executors(order: Order) -> MakeExecutor:
    """What runs the chunks of an order: this process, or several."""
    return here if order.workers == 1 else processes


def _absolute(path: str) -> bytes:
    """The path from the root, its links as they are: the report names files as they were given."""
    return os.path.abspath(os.fsencode(path))  # noqa: PTH100 - resolve() would follow links


@lru_cache(maxsize=4)
def _compiled(pairs: tuple[tuple[str, str], ...], keys: Keys, private: Private) -> Substitution:
    return substitution(dict(pairs), keys=keys, private=private)


@dataclass(frozen=True, slots=True)
class TagWorkshop:
    """Builds the substituter in each process, from the structure as it was given."""

    pairs: tuple[tuple[str, str], ...]
    keys: Keys
    private: Private
    fit: Fit
    stem: str
    key: bytes = field(repr=False)

    @property
    def substitution(self) -> Substitution:
        """The compiled structure; StructureError for one that cannot be."""
        return _compiled(self.pairs, self.keys, self.private)

    def cleaner(self) -> Substituter:
        """A substituter for one process."""
        choices = Choices(self.fit, parsed(self.stem) if self.stem else None)
        return Substituter(self.substitution, key=self.key, choices=choices)

    def code(self) -> Callable[[str, bytes], bytes]:
        """Nothing of a substitution is named by keyed pseudonyms."""
        return _no_code

    def facts(self) -> dict[str, object]:
        """What the manifest's first line says of the tool, structure and key."""
        key = {"key": Pseudonyms(self.key).fingerprint} if self.key else {}
        return {"dicomveil": __version__, "substitution": self.substitution.digest, **key}

    def options(self) -> dict[str, str]:
        """What it says of how it is carried out; a stem's text may be anything, so it is hashed."""
        stem = blake2b(self.stem.encode(), digest_size=8).hexdigest() if self.stem else "kept"
        return {"fit": self.fit.name.lower(), "stem": stem}


def tag_order_of(asked: Substituting, environment: Mapping[str, str]) -> Order:
    """The order that carries out the substitution; StructureError, KeyRefused and CannotStart.

    Nothing is written.
    """
    pairs = tuple(asked.structure.items())
    compiled = _compiled(pairs, asked.keys, asked.private_elements)
    if asked.stem:
        parsed(asked.stem)
    key = find_key(asked.key_file, environment) if compiled.uses_hmac else None
    secret = key.value if key else b""
    private = asked.private_elements
    workshop = TagWorkshop(pairs, asked.keys, private, asked.fit, asked.stem, secret)
    return order_of_tags(asked, workshop, key, environment)


def _no_code(kind: str, message: bytes) -> bytes:
    raise AssertionError(f"a substitution has no pseudonyms: {kind}, {len(message)} bytes")
