"""The engine of a run: clean one object after the other, on the fast road where there is one."""

from enum import Enum
from typing import Final, NamedTuple

from dicomveil.dicom.part10 import Writer
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.deidentify import Act, Rules, cleaned, deidentify
from dicomveil.engine.gate import PixelTrust
from dicomveil.engine.learning import Learner
from dicomveil.engine.marks import Marks
from dicomveil.engine.narrowing import Narrowing
from dicomveil.engine.original import Original
from dicomveil.engine.pseudonyms import GivenTo, Pseudonyms
from dicomveil.engine.template import Template
from dicomveil.policy.profile import Profile
from dicomveil.version import IMPLEMENTATION_UID, __version__

WRITER: Final = Writer(IMPLEMENTATION_UID, f"DICOMVEIL_{__version__}"[:16])
SMALLEST_HEAD: Final = 1 << 14
LARGEST_HEAD: Final = 1 << 20
ACCEPTED_PIXELS: Final = "pixel data accepted on the user's word, not checked"
_TEMPLATES: Final = 8


class Verify(Enum):
    """Whether each output is searched for the people of its original."""

    ON = "every output is searched; a hit is quarantined"
    OFF = "outputs are not searched"


class Templates(Enum):
    """Whether headers of a known layout take the fast road."""

    ON = "learned templates are used"
    OFF = "every object takes the plain road"


class Options(NamedTuple):
    """How a run is carried out; the profile alone says what happens to elements."""

    verify: Verify = Verify.ON
    templates: Templates = Templates.ON
    pixels: PixelTrust = PixelTrust.UNPROVEN
    given: GivenTo = ()


class Cleaner:
    """Cleans objects by one profile under one key. One per process; not for several threads."""

    def __init__(self, profile: Profile, key: bytes, *, options: Options | None = None) -> None:
        """Clean by `profile` under a key of 32 to 64 bytes; ValueError for another length."""
        options = options or Options()
        accepted = options.pixels is PixelTrust.ACCEPTED
        self.rules = Rules(
            compiled=profile.compiled,
            names=Pseudonyms(key, dict(options.given), profile.renaming),
            marks=Marks.of(profile, *([ACCEPTED_PIXELS] if accepted else [])),
            pixels=options.pixels,
            writer=WRITER,
            verified=options.verify is Verify.ON,
        )
        self._learner = Learner(self.rules) if options.templates is Templates.ON else None
        self._templates: list[Narrowing] = []
        self.wanted_head = SMALLEST_HEAD  # bytes of a file that are worth reading at once
        self.hits = 0

    @property
    def narrow_hits(self) -> int:
        """How many of the hits were of templates narrowed to a series, as far as is known."""
        return sum(template.hits for template in self._templates)

    def clean(self, original: Original) -> Cleaned:
        """The object as it may leave, and the record of what was changed.

        Raises InvalidDicom (NotDicom when nothing says DICOM) and Refused; then nothing may leave.
        """
        for place, template in enumerate(self._templates):
            found = template.apply(original)
            if found is not None:
                self.hits += 1
                if place:
                    self._templates.insert(0, self._templates.pop(place))
                return found
        act = deidentify(original, self.rules)
        done = cleaned(act, self.rules)
        if self._learner is not None:
            self._learn(self._learner.learn(act, done), act, original)
        return done

    def _learn(self, template: Template | None, act: Act, original: Original) -> None:
        """Hold a new template as the most recent, and read enough of the next file for it."""
        if template is not None:
            last = self._templates[0] if self._templates else None
            self._templates.insert(0, Narrowing(template, last))
            del self._templates[_TEMPLATES:]
        header = max((e.value for e in act.scene.roots.values()), default=0)
        if len(original.head) < min(original.size, header) and header <= LARGEST_HEAD:
            self.wanted_head = max(self.wanted_head, -(-header // SMALLEST_HEAD) * SMALLEST_HEAD)
