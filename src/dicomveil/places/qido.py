"""Search a DICOMweb server (QIDO-RS, PS3.18 §10.6): studies, their series, their objects.

One key is matched by the server; what narrows is matched here. Answers are asked for in windows,
because servers cut at limits of their own.
"""

from collections.abc import Iterator
from typing import Final

from dicomveil.errors import PlaceRefuses
from dicomveil.places.asking import answered, checked, is_uid, key_of
from dicomveil.places.dicom_json import MOST, Hit, count, hits_of, text
from dicomveil.places.link import Link, Params
from dicomveil.places.place import Asked, SeriesFound, StudyFound

WINDOW: Final = 500
MOST_HITS: Final = 1 << 20
STUDY, SERIES, INSTANCE = "0020000D", "0020000E", "00080018"
_ACCESSION, _PATIENT, _NAME = "00080050", "00100020", "00100010"
_DATE, _STUDY_DESCRIPTION = "00080020", "00081030"
_MODALITY, _DESCRIPTION, _COUNT = "00080060", "0008103E", "00201209"
_JSON: Final = "application/dicom+json"
_KEYS: Final = {
    "accession_number": "AccessionNumber",
    "study_instance_uid": "StudyInstanceUID",
    "patient_id": "PatientID",
}
# One parameter for each: Orthanc does not see a list's commas once they are escaped.
_OF_STUDY: Final = (_ACCESSION, _PATIENT, _NAME, _DATE, _STUDY_DESCRIPTION)
_OF_SERIES: Final = (STUDY, _MODALITY, _DESCRIPTION, _COUNT)


class Qido:
    """Finds studies by asking a server."""

    def __init__(self, link: Link, window: int = WINDOW) -> None:
        """Search by `link`, for `window` hits at a time."""
        self._link = link
        self._window = window

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """The studies that equal what is asked, with their series and counts; see Source."""
        checked(asked)
        place = self._link.place
        name, value = key_of(asked)
        if name == "below":
            raise PlaceRefuses(place, "it has studies, and no folders")
        if name == "series_instance_uid":
            name, value = "study_instance_uid", self._study_of(value)
            if not value:
                return ()
        params: Params = {_KEYS[name]: value, "includefield": _OF_STUDY}
        if asked.study_date:
            params["StudyDate"] = asked.study_date
        hits = self._hits("studies", params, STUDY)
        return answered(place, asked, [self._study(hit) for hit in hits])

    def instances(self, study: str, series: str) -> Iterator[str]:
        """The SOP Instance UIDs of a series, in windows as they come."""
        place = self._link.place
        path = f"studies/{study}/series/{series}/instances"
        for hit in self._hits(path, {}, INSTANCE):
            uid = text(place, hit, INSTANCE)
            if not is_uid(uid):
                raise PlaceRefuses(place, "its answer has a UID that is none")
            yield uid

    def _study_of(self, series: str) -> str:
        """The UID of the study that a series is of; "" when there is no such series."""
        place = self._link.place
        params: Params = {"SeriesInstanceUID": series, "includefield": _OF_SERIES}
        hits = list(self._hits("series", params, SERIES))
        if any(text(place, hit, SERIES) != series for hit in hits):
            raise PlaceRefuses(place, "it answered with a series that was not asked for")
        studies = {text(place, hit, STUDY) for hit in hits}
        if len(studies) > 1 or not all(map(is_uid, studies)):
            raise PlaceRefuses(place, "it answered with one series of several studies")
        return next(iter(studies), "")

    def _study(self, hit: Hit) -> StudyFound:
        place = self._link.place
        study = text(place, hit, STUDY)
        if not is_uid(study):
            raise PlaceRefuses(place, "its answer has a UID that is none")
        found = self._hits(f"studies/{study}/series", {"includefield": _OF_SERIES}, SERIES)
        return StudyFound(
            study,
            text(place, hit, _ACCESSION),
            text(place, hit, _PATIENT),
            text(place, hit, _NAME),
            text(place, hit, _DATE),
            text(place, hit, _STUDY_DESCRIPTION),
            tuple(self._series(study, one) for one in found),
        )

    def _series(self, study: str, hit: Hit) -> SeriesFound:
        place = self._link.place
        if text(place, hit, STUDY) not in {"", study}:
            raise PlaceRefuses(place, "it answered with a series of another study")
        series = text(place, hit, SERIES)
        said = count(place, hit, _COUNT)
        if said is None and is_uid(series):
            said = sum(1 for _ in self.instances(study, series))
        modality, description = text(place, hit, _MODALITY), text(place, hit, _DESCRIPTION)
        return SeriesFound(series, modality, description, said)

    def _hits(self, path: str, params: Params, key: str) -> Iterator[Hit]:
        """Every hit once, window by window, until one brings nothing new."""
        place = self._link.place
        seen: set[str] = set()
        offset = 0
        while True:
            window: Params = {"limit": str(self._window), "offset": str(offset)}
            hits = self._window_of(path, params | window)
            new = {text(place, hit, key): hit for hit in hits}
            fresh = [uid for uid in new if uid not in seen]
            seen.update(fresh)
            for uid in fresh:
                yield new[uid]
            offset += len(hits)
            if offset > MOST_HITS:
                raise PlaceRefuses(place, f"it answered with more than {MOST_HITS} hits")
            # Fewer than was asked for may be a server's own limit: the next window tells.
            if not fresh:
                return

    def _window_of(self, path: str, params: Params) -> list[Hit]:
        with self._link.get(path, _JSON, params) as answer:
            if answer.status == 404 and "/" not in path:
                raise PlaceRefuses(self._link.place, "it has no searches (404): see its address")
            if answer.status != 200:
                return []
            return hits_of(self._link.place, answer.content(MOST))
