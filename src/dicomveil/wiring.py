"""The only place that knows concrete classes: what is built from what was asked."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dicomveil import __version__
from dicomveil.engine.cleaner import Cleaner, Options
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.jobs.keyfile import VARIABLE, default_place, make_key, read_key
from dicomveil.jobs.pool import MakeExecutor, here, processes
from dicomveil.policy.profile import load_profile


@dataclass(frozen=True, slots=True)
class EngineWorkshop:
    """Builds the engine of `engine/` in each process, from the profile's name and the key."""

    profile: str
    engine: Options
    key: bytes = field(repr=False)

    def cleaner(self) -> Cleaner:
        """A cleaner for one process; ProfileError for an unknown profile."""
        return Cleaner(load_profile(self.profile), self.key, options=self.engine)

    def code(self) -> Callable[[str, bytes], bytes]:
        """What gives the keyed pseudonym of a kind of value."""
        return Pseudonyms(self.key).code

    def facts(self) -> dict[str, object]:
        """What the manifest's first line says of the tool, profile and key."""
        profile = load_profile(self.profile)
        return {
            "dicomveil": __version__,
            "profile": {"name": profile.name, "digest": profile.digest},
            "key": Pseudonyms(self.key).fingerprint,
        }

    def options(self) -> dict[str, str]:
        """What it says of the engine's options. Templates change no byte, so they are left out."""
        return {
            "pixels": self.engine.pixels.name.lower(),
            "verify": self.engine.verify.name.lower(),
        }


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and where it is kept."""

    value: bytes = field(repr=False)
    place: str
    made: bool  # just now


def key_place(named: str | None, environment: Mapping[str, str]) -> tuple[str, bool]:
    """Where the key is, and whether somebody said so, rather than the default."""
    chosen = named or environment.get(VARIABLE)
    return (chosen, True) if chosen else (default_place(environment), False)


def executors(workers: int) -> MakeExecutor:
    """What runs chunks: this process, or several."""
    return here if workers == 1 else processes
