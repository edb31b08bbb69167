"""The only place that knows concrete classes: what is built from what was asked."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dicomveil.engine.cleaner import Cleaner, Options
from dicomveil.engine.pseudonyms import Given, GivenTo, Pseudonyms
from dicomveil.errors import CannotStart, MappingError
from dicomveil.jobs.keyfile import find_key
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.plan import (
    Alignment,
    Checksum,
    Copying,
    Crosswalk,
    Directory,
    Existing,
    Order,
    Purpose,
)
from dicomveil.jobs.pool import MakeExecutor, executors_of, usable_cores
from dicomveil.places.scan import Links, Scan
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
    engine: Options = field(repr=False)  # it may say who gets which pseudonym
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
        given = {"pseudonyms": self._given_digest()} if self.engine.given else {}
        return {
            "pixels": self.engine.pixels.name.lower(),
            "verify": self.engine.verify.name.lower(),
            **given,
        }

    def _given_digest(self) -> str:
        """By which two runs are seen to give the same pseudonyms to the same patients."""
        whom = repr(sorted(self.engine.given)).encode()
        return Pseudonyms(self.key).digest("given", whom, 8).hex()


class Asked(NamedTuple):
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
    pseudo_id: str | None = None
    pseudo_name: str | None = None
    pseudonyms: str | None = None  # a CSV file of them
    directory: Directory = Directory.NONE


def order_of(asked: Asked, environment: Mapping[str, str]) -> Order:
    """The order that carries out what was asked. Nothing is written.

    Raises ProfileError and KeyRefused, and CannotStart for pseudonyms that cannot be given.
    """
    destination = os.path.realpath(os.fsencode(asked.destination))
    private = os.fsencode(asked.private) if asked.private else destination + b".private"
    profile = find_profile(asked.profile, asked.further)
    key = find_key(asked.key_file, environment)
    sources = tuple(map(_absolute, asked.sources))
    engine = asked.engine._replace(given=_given(asked, sources))
    workers = asked.workers or usable_cores()
    return Order(
        sources=sources,
        destination=destination,
        private=os.path.realpath(private),
        layout=asked.layout,
        links=asked.links,
        existing=asked.existing,
        checksum=asked.checksum,
        alignment=asked.alignment,
        crosswalk=asked.crosswalk,
        purpose=asked.purpose,
        directory=asked.directory,
        workers=workers,
        workshop=EngineWorkshop(profile, profile.digest, engine, key.value),
        key=key,
        copying=Copying.BESIDE if workers < usable_cores() else Copying.HERE,
    )


def _given(asked: Asked, sources: Sequence[bytes]) -> GivenTo:
    """The pseudonyms that are given rather than computed, after a look at whom they are for."""
    if not (asked.pseudo_id or asked.pseudo_name or asked.pseudonyms):
        return ()
    from pathlib import Path

    from dicomveil.job_errors import JobError
    from dicomveil.jobs import giving
    from dicomveil.jobs.survey import survey

    patients = list(survey(Scan(sources, asked.links)).patients.values())
    try:
        if asked.pseudonyms:
            with Path(asked.pseudonyms).open(encoding="utf-8", newline="") as file:
                given = giving.read_given(file)
        else:
            pseudo_id = asked.pseudo_id or asked.pseudo_name or ""
            pair = Given(pseudo_id, asked.pseudo_name or pseudo_id)
            for name in pair:
                giving.check_pseudonym("pseudonym", name)
            given = giving.one_for_all(patients, pair)
        giving.check_given(patients, dict(given))
    except (JobError, MappingError) as error:
        raise CannotStart(str(error)) from None
    except (OSError, UnicodeDecodeError):
        raise CannotStart("the file of pseudonyms cannot be read") from None
    return given


def executors(order: Order) -> MakeExecutor:
    """What runs the chunks of an order: this process, or several."""
    return executors_of(order.workers)


def _absolute(path: str) -> bytes:
    """The path from the root, its links as they are: the report names files as they were given."""
    return os.path.abspath(os.fsencode(path))  # noqa: PTH100 - resolve() would follow links
