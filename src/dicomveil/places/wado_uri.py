"""Fetch object by object through WADO-URI (PS3.18 §9), from servers that have no WADO-RS.

WADO-URI cannot search: what there is, another place says, by QIDO-RS or C-FIND.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from dicomveil.errors import PlaceFailed, PlaceRefuses
from dicomveil.places.asking import Hits, to_fetch
from dicomveil.places.link import Access, Link, Params
from dicomveil.places.place import Asked, Step, StudyFound
from dicomveil.places.reaching import reached
from dicomveil.places.spool import Spool
from dicomveil.places.tally import Received, Tally

_KIND: Final = "application/dicom"
_NOBODY: Final = "2.25.0"


class Index(Protocol):
    """What says which objects there are."""

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """The studies that equal what is asked; see Source."""
        ...

    def instances(self, study: str, series: str) -> Iterator[str]:
        """The SOP Instance UIDs of a series."""
        ...


class WadoUri:
    """One server, and the index to it; a source. Close it after use."""

    def __init__(self, name: str, access: Access, index: Index, hits: Hits = Hits.ONE) -> None:
        """Fetch from `access.url`, to which the parameters are added, what `index` finds."""
        self._name = name
        self._hits = hits
        self._index = index
        self._link = Link(name, access)

    def __repr__(self) -> str:
        """Its name."""
        return f"<WadoUri: {self._name}>"

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """What the index finds; see Source."""
        return self._index.find(asked)

    def fetch(self, asked: Asked, spool: Path) -> Iterator[Path]:
        """Bring every object; see Source."""
        studies = to_fetch(self._name, asked, self.find(asked), self._hits)
        tally = Tally(self._name, asked, studies)
        into = Spool(spool)
        pairs = ((study.study_instance_uid, one) for study in studies for one in study.series)
        for study, one in pairs:
            series = one.series_instance_uid
            for instance in self._index.instances(study, series):
                came = self._object(_address(study, series, instance), into)
                if came is None:
                    continue  # gone meanwhile: the tally says that it is missing
                if tally.note(came) is Received.NEW:
                    yield came
                else:
                    came.unlink()
        tally.close()

    def steps(self) -> Iterator[Step]:
        """Try name, port, TLS, and the login by a fetch of what is not there."""
        for step in reached(self._link.access):
            yield step
            if not step.fine:
                return
        try:
            with self._link.get("", _KIND, _address(_NOBODY, _NOBODY, _NOBODY)) as answer:
                yield Step("fetch", fine=True, said=f"fetches are answered ({answer.status})")
        except PlaceFailed as error:
            yield Step("fetch", fine=False, said=error.problem)

    def close(self) -> None:
        """Let go of its connections."""
        self._link.close()

    def _object(self, address: Params, into: Spool) -> Path | None:
        """One object in the spool; None when the server has it no more."""
        with self._link.get("", _KIND, address) as answer:
            if answer.status != 200:
                return None
            if answer.content_type.partition(";")[0].strip().lower() != _KIND:
                raise PlaceRefuses(self._name, "it answered with something else than DICOM")
            with into.incoming() as coming:
                for chunk in answer.chunks():
                    coming.write(chunk)
                    if coming.size > self._link.access.largest:
                        raise PlaceRefuses(self._name, "an object is larger than is accepted")
                return coming.keep()


def _address(study: str, series: str, instance: str) -> Params:
    return {
        "requestType": "WADO",
        "studyUID": study,
        "seriesUID": series,
        "objectUID": instance,
        "contentType": _KIND,
        "transferSyntax": "*",  # as it is stored: nothing is to be transcoded for us
    }
