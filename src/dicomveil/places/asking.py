"""What may be asked of a place, and whether what it answers is what was asked.

One key is asked for and never matched loosely: a place that answers with another study did not
understand the question, and nothing of its answer is used. What narrows (modality, description,
dates) is applied here as well, because PS3.4 lets a place ignore keys that it does not support.
"""

import re
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final

from dicomveil.errors import BadIdentifier, NothingFound, PlaceRefuses, SeveralFound
from dicomveil.places.place import Asked, SeriesFound, StudyFound

KEYS: Final = (
    "accession_number",
    "study_instance_uid",
    "series_instance_uid",
    "patient_id",
    "below",
)
UIDS: Final = frozenset({"study_instance_uid", "series_instance_uid", "sop_class"})
LONGEST: Final = 64  # PS3.5 §6.2: LO and UI; an accession number longer than SH's 16 exists
# Components with leading zeros are not legal and exist; what matters is that it is no path.
_UID: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_MODALITY: Final = re.compile(r"[A-Z0-9_ ]{1,16}")  # PS3.5 §6.2: CS
_DATES: Final = re.compile(r"[0-9]{8}(?:-(?:[0-9]{8})?)?|-[0-9]{8}")  # PS3.4 §C.2.2.2.5.1
_REFUSED: Final = frozenset("*?\\")


class Hits(Enum):
    """How many studies one accession number may stand for."""

    ONE = "one"
    ANY = "any"


def checked(asked: Asked) -> Asked:
    """What is asked, when it names one thing and holds nothing that matches loosely.

    Raises BadIdentifier, which names the field and never its value.
    """
    given = [name for name in KEYS if getattr(asked, name)]
    if len(given) != 1:
        raise BadIdentifier(
            f"exactly one of {', '.join(KEYS)} is to be asked for, not {len(given)}"
        )
    for name, value in asked._asdict().items():
        problem = value and _problem(name, value)
        if problem:
            raise BadIdentifier(f"{name}: {problem}")
    return asked


def key_of(asked: Asked) -> tuple[str, str]:
    """The name and the value of the one thing that is asked for."""
    return next((name, getattr(asked, name)) for name in KEYS if getattr(asked, name))


def is_uid(text: str) -> bool:
    """Whether the text may stand for a UID: digits between dots, 64 at most (PS3.5 §9.1)."""
    return len(text) <= LONGEST and _UID.fullmatch(text) is not None


def answered(place: str, asked: Asked, studies: Sequence[StudyFound]) -> tuple[StudyFound, ...]:
    """The studies of a place's answer, without the series that were not asked for.

    Raises PlaceRefuses when one of them is not what was asked for: the place ignored the key.
    """
    equal = [study for study in studies if _is_answer(place, asked, study)]
    narrowed = (_narrowed(asked, study) for study in equal if _is_dated(asked, study))
    return tuple(study for study in narrowed if study.series)


def to_fetch(
    place: str, asked: Asked, found: Sequence[StudyFound], hits: Hits
) -> tuple[StudyFound, ...]:
    """The studies that are to be fetched.

    Raises NothingFound when there is none, and SeveralFound when an accession number stands for
    several while one is wanted.
    """
    if not found:
        raise NothingFound(place, "nothing there equals what was asked for")
    if asked.accession_number and len(found) > 1 and hits is Hits.ONE:
        problem = f"{len(found)} studies have the accession number, and one is wanted"
        raise SeveralFound(place, problem)
    return tuple(found)


def _problem(name: str, value: str) -> str:
    """What is wrong with the value of this field; empty when nothing is."""
    if not value.strip():
        return "a value is needed, not spaces"
    if not value.isprintable():
        return "a control character is not accepted"
    if name == "below":
        return ""  # how a path is written is the place's to judge
    if _REFUSED & set(value):
        return "* and ? match anything and \\ separates values: none is accepted"
    if value != value.strip():
        return "spaces around the value mean nothing and are not accepted"
    form, wanted = _FORMS.get(name, (_is_short, f"at most {LONGEST} characters are accepted"))
    return "" if form(value) else wanted


def _is_short(value: str) -> bool:
    return len(value) <= LONGEST


_FORMS: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "study_instance_uid": (is_uid, "digits and dots are accepted, at most 64"),
    "series_instance_uid": (is_uid, "digits and dots are accepted, at most 64"),
    "sop_class": (is_uid, "digits and dots are accepted, at most 64"),
    "modality": (lambda text: _MODALITY.fullmatch(text) is not None, "write it like CT or MR"),
    "study_date": (
        lambda text: _DATES.fullmatch(text) is not None,
        "write 20240131, 20240101-20240131, 20240101- or -20240131",
    ),
}


def _is_answer(place: str, asked: Asked, study: StudyFound) -> bool:
    """Whether the study is one that was asked for, and not one that differs by capitals alone.

    Many places match without regard to case (PS3.4 §C.2.2.2.1 lets them for names): such a hit is
    none, while any other difference says that the key was ignored.
    """
    series = [one.series_instance_uid for one in study.series]
    if not all(map(is_uid, (study.study_instance_uid, *series))):
        raise PlaceRefuses(place, "its answer has a UID that is none")
    name, value = key_of(asked)
    if name == "below":
        return True  # a path is no attribute of a study
    said = series if name == "series_instance_uid" else [getattr(study, name)]
    if value in said:
        return True
    if value.casefold() in (one.casefold() for one in said):
        return False
    raise PlaceRefuses(place, "it answered with a study that was not asked for")


def _is_dated(asked: Asked, study: StudyFound) -> bool:
    """Whether the study's date lies in the range; one without a date does not."""
    if not asked.study_date:
        return True
    first, dash, last = asked.study_date.partition("-")
    last = last if dash else first
    date = study.study_date.replace(".", "")  # as ACR-NEMA wrote it
    return bool(date) and (not first or first <= date) and (not last or date <= last)


def _narrowed(asked: Asked, study: StudyFound) -> StudyFound:
    return study._replace(series=tuple(one for one in study.series if _is_wanted(asked, one)))


def _is_wanted(asked: Asked, series: SeriesFound) -> bool:
    pairs = (
        (asked.series_instance_uid, series.series_instance_uid),
        (asked.modality, series.modality),
        (asked.series_description, series.description),
    )
    return all(wanted in {"", there} for wanted, there in pairs)
