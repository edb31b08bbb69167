"""A DICOMweb server as a place: searched by QIDO-RS, fetched by WADO-RS, delivered to by STOW-RS.

Objects come as the server stores them (`transfer-syntax=*`), series by series, each streamed to the
spool part by part. They are counted before and after.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from dicomveil.errors import PlaceFailed, PlaceRefuses
from dicomveil.places.asking import Hits, to_fetch
from dicomveil.places.link import Access, Link
from dicomveil.places.multipart import Bounds, Part, boundary_of, parts
from dicomveil.places.place import Arrival, Asked, SeriesFound, Step, StudyFound
from dicomveil.places.qido import Qido
from dicomveil.places.reaching import reached
from dicomveil.places.spool import Spool
from dicomveil.places.stow import Stow
from dicomveil.places.tally import Received, Tally

ACCEPT: Final = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_MOST_PARTS: Final = 1 << 20  # where the server does not say how many there are
_MORE_PARTS: Final = 16
_NOBODY: Final = "2.25.0"  # a study that no server has


class DicomWeb:
    """One server; a source and a destination. Close it, or use it in a `with`."""

    def __init__(self, name: str, access: Access, hits: Hits = Hits.ONE) -> None:
        """The server that `access` reaches, called `name` in messages."""
        self._name = name
        self._hits = hits
        self._link = Link(name, access)
        self._qido = Qido(self._link)

    def __repr__(self) -> str:
        """Its name."""
        return f"<DicomWeb: {self._name}>"

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """The studies that equal what is asked; see Source."""
        return self._qido.find(asked)

    def instances(self, study: str, series: str) -> Iterator[str]:
        """The SOP Instance UIDs of a series, for those who fetch one by one."""
        return self._qido.instances(study, series)

    def fetch(self, asked: Asked, spool: Path) -> Iterator[Path]:
        """Bring every object; see Source."""
        studies = to_fetch(self._name, asked, self.find(asked), self._hits)
        tally = Tally(self._name, asked, studies)
        into = Spool(spool)
        for study in studies:
            for series in study.series:
                yield from self._series(study, series, into, tally)
        tally.close()

    def deliver(self, root: Path, names: Iterable[str]) -> Iterator[tuple[str, Arrival]]:
        """Store the files; see Destination."""
        return Stow(self._link, self._qido).deliver(root, names)

    def steps(self) -> Iterator[Step]:
        """Try name, port, TLS, and by a search and a fetch of what is not there the login."""
        for step in reached(self._link.access):
            yield step
            if not step.fine:
                return
        try:
            found = self.find(Asked(study_instance_uid=_NOBODY))
            yield Step("find", not found, "searches are answered")
            with self._link.get(f"studies/{_NOBODY}", ACCEPT) as answer:
                yield Step("fetch", fine=True, said=f"fetches are answered ({answer.status})")
        except PlaceFailed as error:
            yield Step("find and fetch", fine=False, said=error.problem)

    def close(self) -> None:
        """Let go of its connections."""
        self._link.close()

    def _series(
        self, study: StudyFound, series: SeriesFound, into: Spool, tally: Tally
    ) -> Iterator[Path]:
        said = series.instances
        # Some come twice, and some more than was said: the tally is to tell them.
        most = _MOST_PARTS if said is None else 2 * said + _MORE_PARTS
        bounds = Bounds(most, self._link.access.largest)
        path = f"studies/{study.study_instance_uid}/series/{series.series_instance_uid}"
        with self._link.get(path, ACCEPT) as answer:
            if answer.status not in {200, 206}:
                return  # nothing is there any more: the tally says that it is missing
            boundary = boundary_of(self._name, answer.content_type)
            for part in parts(self._name, answer.chunks(), boundary, bounds):
                came = self._written(part, into)
                if tally.note(came) is Received.NEW:
                    yield came
                else:
                    came.unlink()

    def _written(self, part: Part, into: Spool) -> Path:
        if part.head.get_content_type() != "application/dicom":
            raise PlaceRefuses(self._name, "a part of its answer is not DICOM")
        with into.incoming() as coming:
            for piece in part.body:
                coming.write(piece)
            return coming.keep()
