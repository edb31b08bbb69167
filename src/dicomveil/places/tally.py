"""What came of a fetch: each object held to what was asked for, and counted against what was said.

One of these per fetch, whatever brought the objects. It raises as soon as an object cannot be one
of those asked for, and at the end when some are missing; what identifies is in no message.
"""

import filecmp
from collections import Counter
from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path

from dicomveil.errors import InvalidDicom, PlaceRefuses, Short
from dicomveil.places.asking import is_uid
from dicomveil.places.labels import Label, label_of
from dicomveil.places.place import Asked, StudyFound


class Received(Enum):
    """What an object is to the fetch."""

    NEW = auto()
    AGAIN = auto()  # the very bytes that came before under this UID
    UNWANTED = auto()  # of the study, and not of the class or description asked for


class Tally:
    """Counts what comes. The place's name is for its messages."""

    def __init__(self, place: str, asked: Asked, studies: Sequence[StudyFound]) -> None:
        """Expect the objects of `studies`, which are the place's answer to `asked`."""
        self._place = place
        self._asked = asked
        self._studies = {study.study_instance_uid: study for study in studies}
        self._expected = {
            (study.study_instance_uid, series.series_instance_uid): series.instances
            for study in studies
            for series in study.series
        }
        self._came: dict[str, Path] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, path: Path) -> Received:
        """What the object in this file is; the caller drops all but the new ones.

        Raises PlaceRefuses for one that was not asked for, that is no DICOM, or that differs from
        another of its UID: its file is gone then.
        """
        try:
            return self._noted(path)
        except PlaceRefuses:
            path.unlink()
            raise

    def close(self) -> None:
        """Raise Short when a series has fewer or more objects than the place said."""
        numbered = enumerate(sorted(self._expected.items()), 1)
        wrong = [
            f"series {number} of {len(self._expected)}: {self._counts[series]} of {said} objects"
            for number, (series, said) in numbered
            if said is not None and self._counts[series] != said
        ]
        if wrong:
            more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
            raise Short(self._place, f"{wrong[0]} came{more}")

    def _noted(self, path: Path) -> Received:
        try:
            label = label_of(path)
        except InvalidDicom as error:
            raise PlaceRefuses(self._place, f"it sent what is no DICOM object: {error}") from error
        self._hold_to(label)
        before = self._came.get(label.sop_instance)
        if before is not None:
            return self._again(before, path)
        self._came[label.sop_instance] = path
        self._counts[label.study, label.series] += 1
        return Received.NEW if self._is_wanted(label) else Received.UNWANTED

    def _hold_to(self, label: Label) -> None:
        """Raise PlaceRefuses unless the object is of a series that was asked for.

        Accession number and patient ID may be empty in an object (PS3.3 §C.7.2.1, §C.7.1.1); where
        they are not, they are equal.
        """
        if not is_uid(label.sop_instance):
            raise PlaceRefuses(self._place, "it sent an object without a UID of its own")
        if (label.study, label.series) not in self._expected:
            raise PlaceRefuses(self._place, "it sent an object of a study not asked for")
        study = self._studies[label.study]
        accession = self._asked.accession_number or study.accession_number
        patient = self._asked.patient_id or study.patient_id
        for said, known in ((label.accession_number, accession), (label.patient_id, patient)):
            if said and known and said != known:
                raise PlaceRefuses(self._place, "it sent an object of another patient or order")

    def _is_wanted(self, label: Label) -> bool:
        return self._asked.sop_class in {"", label.sop_class}

    def _again(self, before: Path, path: Path) -> Received:
        # A caller that has taken the earlier one away cannot have it compared: then it differs.
        if before.exists() and filecmp.cmp(before, path, shallow=False):
            return Received.AGAIN
        raise PlaceRefuses(self._place, "it sent two different objects of one UID")
