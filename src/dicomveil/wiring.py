"""The only place that knows concrete classes: what is built from what was asked."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dicomveil.engine.cleaner import Cleaner, Options
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.jobs.keyfile import find_key
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.plan import Alignment, Checksum, Copying, Crosswalk, Existing, Order, Purpose
from dicomveil.jobs.pool import MakeExecutor, here, processes, usable_cores
from dicomveil.places.scan import Links
from dicomveil.policy.finding import find_profile
from dicomveil.policy.options import Option
from dicomveil.policy.profile import Profile
from dicomveil.version import __version__


@dataclass(frozen=True, slots=True)
class EngineWorkshop:
    """Builds the engine in each process, from the profile and the key.

    The profile goes to each process as how to find it again: a recipe that is edited while a run is
    under way changes nothing of it, for a process either has it or refuses it (policy/finding.py).
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
