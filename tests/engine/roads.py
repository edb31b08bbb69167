"""Both roads side by side: an engine with templates, and one that walks every object plainly."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dicomveil.dicom.splice import joined
from dicomveil.engine.cleaner import Cleaner, Options, Templates, Verify
from dicomveil.engine.gate import PixelTrust
from dicomveil.errors import DicomveilError
from dicomveil.policy.profile import load_profile
from tests.builders import CT, EXPLICIT, KEY, El, beginning, part10, with_elements

BASIC = load_profile("basic")
WHOLE = 1 << 62


class Outcome(NamedTuple):
    """All that a run can see of what became of an object."""

    written: bytes
    said: tuple[object, ...]


def outcome(cleaner: Cleaner, data: bytes, head: int = WHOLE) -> Outcome:
    """What the cleaner makes of an object of which `head` bytes were read: output, or refusal."""
    try:
        cleaned = cleaner.clean(beginning(data, max(1, min(head, len(data)))))
    except DicomveilError as error:
        return Outcome(b"", (type(error).__name__, error.code, str(error)))
    new = (cleaned.patient_id, cleaned.study_uid, cleaned.series_uid, cleaned.sop_uid)
    said = (*new, cleaned.sop_class, cleaned.illegal, cleaned.patient)
    return Outcome(joined(data, cleaned.segments), said)


@dataclass
class Roads:
    """A cleaner for each road, and what was seen of both."""

    verify: Verify = Verify.ON
    pixels: PixelTrust = PixelTrust.UNPROVEN
    hits: int = 0
    differences: list[tuple[int, Outcome, Outcome]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Build both cleaners."""
        self._fast, self._plain = (
            Cleaner(BASIC, KEY, options=Options(self.verify, templates, self.pixels))
            for templates in (Templates.ON, Templates.OFF)
        )
        self._tried = 0

    @property
    def narrow_hits(self) -> int:
        """How many files a template narrowed to their series took."""
        return self._fast.narrow_hits

    def take(self, data: bytes, head: int = WHOLE) -> bool:
        """Send the object down both; whether the fast one was a template's."""
        before = self._fast.hits
        fast, plain = outcome(self._fast, data, head), outcome(self._plain, data)
        if fast != plain:
            self.differences.append((self._tried, fast, plain))
        self._tried += 1
        self.hits = self._fast.hits
        return self._fast.hits > before


def roads_of(files: Sequence[bytes], verify: Verify = Verify.ON) -> Roads:
    """Both roads, after all the files."""
    roads = Roads(verify)
    for data in files:
        roads.take(data)
    return roads


def slice_of(number: int, *more: El) -> list[El]:
    """One slice of a small CT series; `more` are added, or take the place of what is there."""
    plain = [
        El(0x00080016, "UI", CT),
        El(0x00080018, "UI", f"1.2.3.4.100.1{number:03}"),
        El(0x00080060, "CS", "CT"),
        El(0x00080070, "LO", "ACME"),
        El(0x00080080, "LO", "Hospital"),
        El(0x00100010, "PN", "Secretname^Jane"),
        El(0x00100020, "LO", "PID12345"),
        El(0x0020000D, "UI", "1.2.3.4.5"),
        El(0x0020000E, "UI", "1.2.3.4.5.6"),
        El(0x00200013, "IS", str(number)),
        El(0x00200052, "UI", "1.2.3.4.5.6.7"),
        El(0x00280010, "US", (4,)),
        El(0x00280011, "US", (4,)),
        El(0x7FE00010, "OW", bytes(range(32))),
    ]
    return with_elements(plain, *more)


def series(cases: Sequence[Sequence[El]], syntax: str = EXPLICIT) -> list[bytes]:
    """A file for each case: a slice with these elements."""
    return [part10(slice_of(n, *more), syntax) for n, more in enumerate(cases, 1)]
