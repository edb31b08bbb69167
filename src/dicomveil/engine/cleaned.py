"""What comes out of the engine: an object's new bytes, and the record of what was changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dicomveil.dicom.splice import Segment
from dicomveil.engine.report import Report


@dataclass(slots=True)
class Cleaned:
    """An object as it may leave the hospital: its bytes as segments, and what was done.

    The UIDs are the new ones, "" where the original's was absent or not legal. `changed_uids` and
    `patient` are the crosswalk's (old, new): the only place where original values are.
    """

    segments: list[Segment]
    patient_id: str
    study_uid: str
    series_uid: str
    sop_uid: str
    sop_class: str
    illegal: int = 0
    report: Report | None = field(default=None, repr=False)
    changed_uids: Sequence[tuple[bytes, bytes]] = field(default=(), repr=False)
    patient: tuple[str, str] = field(default=("", ""), repr=False)
    stem: str = field(default="", repr=False)  # of its name, where a substitution tells one
