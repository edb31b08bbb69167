"""What a run asks of the engine and of its caller, so that each can be built apart."""

from collections.abc import Callable
from typing import Protocol

from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.original import Original


class Cleaner(Protocol):
    """Cleans objects: what `engine.cleaner` is."""

    wanted_head: int  # bytes of a file that are worth reading at once

    def clean(self, original: Original) -> Cleaned:
        """The object as it may leave; raises InvalidDicom and Refused."""
        ...


class Workshop(Protocol):
    """Builds what a worker cleans with; can be pickled, and is equal to its copies."""

    def cleaner(self) -> Cleaner:
        """A cleaner for one process; ProfileError when there can be none."""
        ...

    def code(self) -> Callable[[str, bytes], bytes]:
        """What gives the keyed pseudonym of a kind of value."""
        ...

    def facts(self) -> dict[str, object]:
        """What the manifest's first line says of the tool, profile and key."""
        ...

    def options(self) -> dict[str, str]:
        """What it says of the engine's options."""
        ...
