"""What a substitution is built from, apart from `wiring.py`: `deid` starts without any of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from dicomveil.dicom.fitting import Fit
from dicomveil.dicom.hashing import blake2b
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.engine.substitute import Choices, Substituter
from dicomveil.jobs.keyfile import find_key
from dicomveil.jobs.plan import Order
from dicomveil.jobs.tags import Substituting, order_of_tags
from dicomveil.policy.substitution import Keys, Private, Substitution, substitution
from dicomveil.policy.templates import parsed
from dicomveil.version import __version__


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
