"""What decides about an element beside itself: the key, the patient, the place, the preset."""

from dataclasses import dataclass, field

from tests.oracle.people import People
from tests.oracle.presets import Preset
from tests.oracle.pseudonyms import Patient
from tests.oracle.types import Asks


@dataclass(frozen=True)
class About:
    """What pseudonyms and choices depend on, for the elements of a data set or of an item."""

    key: bytes
    patient: Patient
    charsets: tuple[str, ...]
    asks: Asks | None = None
    path: tuple[int, ...] = ()
    preset: Preset = Preset.BASIC
    people: People = field(default_factory=People)
    way: tuple[str, ...] = ()  # the sequences around it, as the tables of private elements say
    owned: bool = True  # no private sequence around it is an orphan
    declared: bool = False  # the object says itself what its private blocks hold

    big: bool = False  # numbers lie with their highest byte first

    def type_of(self, tag: int) -> str | None:
        """The attribute's Type in the IOD, where both are known."""
        return self.asks.of(self.path, tag) if self.asks else None
