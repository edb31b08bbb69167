"""What a node has: C-FIND at patient, study, series and image level (PS3.4 §C.4.1).

Answers are read from their own bytes. What equals the question is for `asking` to judge.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final, NamedTuple

from pynetdicom import evt
from pynetdicom.association import Association

from dicomveil.dicom.tags import Tag
from dicomveil.errors import InvalidDicom, PlaceBusy, PlaceRefuses
from dicomveil.places.asking import answered, key_of
from dicomveil.places.dimse_association import Proposal, associated, context
from dicomveil.places.dimse_identifiers import Keys, identifier, read_identifier
from dicomveil.places.dimse_peer import Peer
from dicomveil.places.dimse_status import Meaning, meaning_of, trouble
from dicomveil.places.place import Asked, SeriesFound, StudyFound

STUDY_ROOT: Final = "1.2.840.10008.5.1.4.1.2.2.1"
PATIENT_ROOT: Final = "1.2.840.10008.5.1.4.1.2.1.1"
SOP_CLASS: Final = 0x00080016
SOP_INSTANCE: Final = 0x00080018
STUDY_DATE: Final = 0x00080020
ACCESSION: Final = 0x00080050
MODALITY: Final = 0x00080060
CLASSES_IN_STUDY: Final = 0x00080062
STUDY_DESCRIPTION: Final = 0x00081030
SERIES_DESCRIPTION: Final = 0x0008103E
PATIENT_NAME: Final = 0x00100010
PATIENT_ID: Final = 0x00100020
STUDIES_OF_PATIENT: Final = 0x00201200
STUDY: Final = 0x0020000D
SERIES: Final = 0x0020000E
INSTANCES_IN_SERIES: Final = 0x00201209
MOST: Final = 100_000
"""Answers to one question, after which a node is taken not to have understood it."""

_STUDY_KEYS: Final = (
    STUDY_DATE,
    ACCESSION,
    CLASSES_IN_STUDY,
    STUDY_DESCRIPTION,
    PATIENT_NAME,
    PATIENT_ID,
    STUDY,
)
_SERIES_KEYS: Final = (MODALITY, SERIES_DESCRIPTION, STUDY, SERIES, INSTANCES_IN_SERIES)
_KEY: Final = {"accession_number": ACCESSION, "study_instance_uid": STUDY, "patient_id": PATIENT_ID}
_FIND_RESPONSE: Final = "C_FIND_RSP"


NO_SERIES: Final[Mapping[str, frozenset[str]]] = MappingProxyType({})


class Hit(NamedTuple):
    """A study of an answer, and the SOP classes of its objects as far as the node says."""

    study: StudyFound
    classes: frozenset[str]
    of_series: Mapping[str, frozenset[str]] = NO_SERIES  # their classes, once they are counted


class PatientFound(NamedTuple):
    """A patient of a node's answer; `studies` is None where it does not say."""

    patient_id: str
    patient_name: str
    studies: int | None


@contextmanager
def finding(peer: Peer) -> Iterator["Finder"]:
    """A finder over one association; raises PlaceBusy and PlaceRefuses."""
    answers: list[bytes] = []

    def keep(event: evt.Event) -> None:
        message = event.message
        answer = message.data_set if type(message).__name__ == _FIND_RESPONSE else None
        if answer is not None and len(answers) <= MOST:
            answers.append(answer.getvalue())

    contexts = [context(STUDY_ROOT), context(PATIENT_ROOT)]
    with associated(peer, Proposal(contexts, handlers=[(evt.EVT_DIMSE_RECV, keep)])) as association:
        yield Finder(peer, association, answers)


class Finder:
    """Asks a node; every question raises PlaceBusy and PlaceRefuses."""

    def __init__(self, peer: Peer, association: Association, answers: list[bytes]) -> None:
        """Ask over the association, which puts each answer's bytes into `answers`."""
        self._peer = peer
        self._association = association
        self._answers = answers
        self._roots = {str(cx.abstract_syntax) for cx in association.accepted_contexts}

    def patients(self, patient_id: str) -> tuple[PatientFound, ...]:
        """The patients of this ID."""
        keys = {PATIENT_NAME: "", PATIENT_ID: patient_id, STUDIES_OF_PATIENT: ""}
        if PATIENT_ROOT not in self._roots:
            raise PlaceRefuses(self._peer.name, "it cannot be asked for patients")
        found = self._asked("PATIENT", keys, PATIENT_ROOT)
        if any(said.get(PATIENT_ID) != patient_id for said in found):
            raise PlaceRefuses(self._peer.name, "it answered with a patient not asked for")
        return tuple(
            PatientFound(
                patient_id, said.get(PATIENT_NAME, ""), _number(said.get(STUDIES_OF_PATIENT, ""))
            )
            for said in found
        )

    def studies(self, asked: Asked) -> tuple[Hit, ...]:
        """The studies that equal what is asked, with those of their series that do."""
        found = [said for keys in self._study_keys(asked) for said in self._ask("STUDY", keys)]
        hits = {said.get(STUDY, ""): self._hit(said) for said in found}
        kept = answered(self._peer.name, asked, [hit.study for hit in hits.values()])
        return tuple(Hit(study, hits[study.study_instance_uid].classes) for study in kept)

    def counted(self, hit: Hit) -> Hit:
        """The same study with the number of objects of each series, and their classes."""
        classes: dict[str, frozenset[str]] = {}
        series: list[SeriesFound] = []
        for one in hit.study.series:
            found = self._ask(
                "IMAGE",
                {
                    STUDY: hit.study.study_instance_uid,
                    SERIES: one.series_instance_uid,
                    SOP_CLASS: "",
                    SOP_INSTANCE: "",
                },
            )
            told = frozenset(said.get(SOP_CLASS, "") for said in found)
            classes[one.series_instance_uid] = told
            series.append(one._replace(instances=len({said.get(SOP_INSTANCE) for said in found})))
        every = frozenset[str]().union(*classes.values())
        study = hit.study._replace(series=tuple(series))
        return Hit(study, hit.classes) if "" in every else Hit(study, every, classes)

    def _study_keys(self, asked: Asked) -> Iterator[Keys]:
        """The questions for studies: one, or one for each study of a series."""
        name, value = key_of(asked)
        empty = dict.fromkeys(_STUDY_KEYS, "") | {STUDY_DATE: asked.study_date}
        if name == "series_instance_uid":
            found = self._ask("SERIES", dict.fromkeys(_SERIES_KEYS, "") | {SERIES: value})
            for study in sorted({said.get(STUDY, "") for said in found}):
                yield empty | {STUDY: study}
        elif name in _KEY:
            yield empty | {_KEY[name]: value}
        else:
            raise PlaceRefuses(self._peer.name, "it has no folders")

    def _hit(self, said: dict[Tag, str]) -> Hit:
        """The study of an answer, after asking for its series."""
        study = said.get(STUDY, "")
        keys = dict.fromkeys(_SERIES_KEYS, "") | {STUDY: study}
        series = {one.get(SERIES, ""): one for one in self._ask("SERIES", keys)}
        found = StudyFound(
            study,
            said.get(ACCESSION, ""),
            said.get(PATIENT_ID, ""),
            said.get(PATIENT_NAME, ""),
            said.get(STUDY_DATE, ""),
            said.get(STUDY_DESCRIPTION, ""),
            tuple(_series(one) for one in series.values()),
        )
        classes = said.get(CLASSES_IN_STUDY, "").split("\\")
        return Hit(found, frozenset(filter(None, classes)))

    def _ask(self, level: str, keys: Keys) -> list[dict[Tag, str]]:
        """The answers over the study root, or the patient root of a node that has no other."""
        root = STUDY_ROOT if STUDY_ROOT in self._roots else PATIENT_ROOT
        return self._asked(level, keys, root)

    def _asked(self, level: str, keys: Keys, root: str) -> list[dict[Tag, str]]:
        self._answers.clear()
        name = self._peer.name
        for said, _ in self._association.send_c_find(identifier(level, keys), root):
            if "Status" not in said:
                raise PlaceBusy(name, "it broke off, or said nothing, while it was asked")
            if meaning_of(said.Status) is Meaning.FAILED:
                raise trouble(name, f"finding at the level {level}", said.Status)
            if len(self._answers) > MOST:
                raise PlaceRefuses(name, f"it gave more than {MOST:,} answers to one question")
        try:
            return [read_identifier(answer) for answer in self._answers if answer]
        except InvalidDicom as error:
            raise PlaceRefuses(name, f"an answer of it is no data set: {error}") from error


def _series(said: dict[Tag, str]) -> SeriesFound:
    return SeriesFound(
        said.get(SERIES, ""),
        said.get(MODALITY, ""),
        said.get(SERIES_DESCRIPTION, ""),
        _number(said.get(INSTANCES_IN_SERIES, "")),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
