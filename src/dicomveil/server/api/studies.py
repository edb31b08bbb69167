"""Looking for studies at places, for those who may: what is found identifies patients."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from dicomveil.errors import BadIdentifier
from dicomveil.mapping.sources import parse_source
from dicomveil.places.place import Asked, StudyFound
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.models import REFUSALS, Given
from dicomveil.server.callers import Caller
from dicomveil.server.documentation import API
from dicomveil.server.office import Office
from dicomveil.server.refusals import RequestRefused, Status

router = APIRouter(prefix=API, tags=["studies"], responses=REFUSALS)
MOST = 200
"""Questions of one call: who has more asks again."""


class Sought(Given):
    """Sources as a mapping writes them; for each, dates that narrow it."""

    sources: list[str] = Field(max_length=MOST)
    dates: list[str] = Field(
        default=[], max_length=MOST, description="20240131 or 20240101-20240131; empty for any"
    )


class FoundStudy(BaseModel):
    """One study, and the number of the source that it answers."""

    asked: int
    study_instance_uid: str
    accession_number: str
    study_date: str
    modality: str
    files: int | None


class FoundStudies(BaseModel):
    """The studies that places have."""

    studies: list[FoundStudy]


@router.post("/studies/find", summary="Studies that sources name, at your projects' places")
def find(sought: Sought, caller: ACaller, office: AnOffice) -> FoundStudies:
    """`asked` is the number of the source; 404 where there is no place to look in."""
    return _found(office, caller, _names(office, caller), sought)


@router.post("/places/{name}/studies", summary="Studies that sources name, at one place")
def at_place(
    name: Annotated[str, Path(max_length=64)], sought: Sought, caller: ACaller, office: AnOffice
) -> FoundStudies:
    """As `/studies/find`, at one of the places of your projects."""
    if name not in _names(office, caller):
        raise RequestRefused({"place": "There is no such place, or none for you"}, Status.ABSENT)
    return _found(office, caller, [name], sought)


def _names(office: Office, caller: Caller) -> list[str]:
    """The places that the caller's projects may read, in the order in which they name them."""
    mine = [one for one in office.registry.projects() if caller.is_in(one.name)]
    return list(dict.fromkeys(name for one in mine for name in one.recipe.places))


def _found(office: Office, caller: Caller, names: Sequence[str], sought: Sought) -> FoundStudies:
    questions = list(_questions(sought))
    answers = office.looker.look(caller.name, names, questions)
    return FoundStudies(studies=[_told(number, study) for number, study in answers])


def _questions(sought: Sought) -> Iterator[Asked]:
    """What is asked; RequestRefused names a source by its number, never by its value."""
    if sought.dates and len(sought.dates) != len(sought.sources):
        raise RequestRefused({"dates": "Give a date for each source, or none at all"})
    dates = sought.dates or [""] * len(sought.sources)
    for number, (text, date) in enumerate(zip(sought.sources, dates, strict=True), 1):
        try:
            source = parse_source(text)
        except BadIdentifier as error:
            raise RequestRefused({f"source {number}": error.problem}) from None
        if source.is_path:
            raise RequestRefused({f"source {number}": "A path, which no archive knows"})
        yield Asked(**{source.type.value: source.value})._replace(study_date=date)


def _told(number: int, study: StudyFound) -> FoundStudy:
    return FoundStudy(
        asked=number,
        study_instance_uid=study.study_instance_uid,
        accession_number=study.accession_number,
        study_date=study.study_date,
        modality=", ".join(sorted({one.modality for one in study.series})),
        files=study.instances,
    )
