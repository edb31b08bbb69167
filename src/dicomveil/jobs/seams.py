"""What a run asks of the engine and of its caller, so that each can be built apart."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from dicomveil.dicom.splice import Segment
from dicomveil.engine.original import Original


class Cleaned(Protocol):
    """An object as it may leave: what `engine.cleaner` gives."""

    @property
    def segments(self) -> Sequence[Segment]:
        """The output, in order."""
        ...

    @property
    def patient_id(self) -> str:
        """The new value, "" when absent; so the UIDs."""
        ...

    @property
    def study_uid(self) -> str: ...

    @property
    def series_uid(self) -> str: ...

    @property
    def sop_uid(self) -> str: ...

    @property
    def sop_class(self) -> str: ...

    @property
    def illegal(self) -> int:
        """How many values were removed because they are not legal for their VR."""
        ...

    @property
    def changed_uids(self) -> Iterable[tuple[str, str]]:
        """Old and new, for the crosswalk alone."""
        ...

    @property
    def patient(self) -> tuple[str, str] | None:
        """Old and new Patient ID, for the crosswalk alone."""
        ...


class Cleaner(Protocol):
    """Cleans objects; raises InvalidDicom and Refused."""

    def clean(self, original: Original) -> Cleaned:
        """The object as it may leave."""
        ...
