"""A workshop whose engine is the real one, but for a word in a file that kills its process."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.cleaner import Cleaner
from dicomveil.engine.original import Original
from dicomveil.jobs.frozen import FrozenPlan
from dicomveil.jobs.seams import Workshop
from dicomveil.serving import workshop_of
from dicomveil.wiring import EngineWorkshop

POISON = b"POISON-OF-TESTS"


class PoisonedCleaner:
    """Cleans as the real one does, or takes its process with it."""

    def __init__(self, cleaner: Cleaner) -> None:
        self._cleaner = cleaner
        self.wanted_head = cleaner.wanted_head

    def clean(self, original: Original) -> Cleaned:
        if POISON in bytes(original.view()):
            os.kill(os.getpid(), signal.SIGKILL)
        return self._cleaner.clean(original)


@dataclass(frozen=True, slots=True)
class Poisoned:
    """Builds it."""

    workshop: EngineWorkshop

    def cleaner(self) -> PoisonedCleaner:
        """A cleaner for one process."""
        return PoisonedCleaner(self.workshop.cleaner())

    def code(self) -> Callable[[str, bytes], bytes]:
        """As the real one."""
        return self.workshop.code()

    def facts(self) -> dict[str, object]:
        """As the real one."""
        return self.workshop.facts()

    def options(self) -> dict[str, str]:
        """As the real one."""
        return self.workshop.options()


def poisoned(plan: FrozenPlan, key: bytes) -> Workshop:
    """What cleans by a plan, and may die of it."""
    workshop = workshop_of(plan, key)
    assert isinstance(workshop, EngineWorkshop)
    return Poisoned(workshop)
