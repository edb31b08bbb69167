"""A place in memory: the twin of every other, for tests and dry runs."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from dicomveil.errors import PlaceRefuses
from dicomveil.places.asking import Hits, answered, checked, to_fetch
from dicomveil.places.labels import Label, read_label
from dicomveil.places.place import Arrival, Asked, SeriesFound, Step, StudyFound
from dicomveil.places.spool import Spool
from dicomveil.places.tally import Received, Tally


class Memory:
    """Objects under names, as an archive has them; a source and a destination."""

    def __init__(
        self, objects: Mapping[str, bytes] | None = None, *, name: str = "memory", hits: Hits
    ) -> None:
        """Hold `objects`, each a DICOM file's bytes."""
        self.objects = dict(objects or {})
        self._name = name
        self._hits = hits

    def __repr__(self) -> str:
        """How much it holds, and nothing of it."""
        return f"<Memory: {len(self.objects)} objects>"

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """The studies that equal what is asked."""
        checked(asked)
        held = [label for name, label in self._labels() if _is_asked(asked, name, label)]
        studies = groupby(sorted(held, key=_study_and_series), lambda label: label.study)
        return answered(self._name, asked, [_study(list(labels)) for _, labels in studies])

    def fetch(self, asked: Asked, spool: Path) -> Iterator[Path]:
        """Write each object to the spool."""
        studies = to_fetch(self._name, asked, self.find(asked), self._hits)
        wanted = {one.series_instance_uid for study in studies for one in study.series}
        tally = Tally(self._name, asked, studies)
        into = Spool(spool)
        for name, label in self._labels():
            if label.series not in wanted or not name.startswith(asked.below):
                continue
            with into.incoming() as coming:
                coming.write(self.objects[name])
                path = coming.keep()
            if tally.note(path) is Received.NEW:
                yield path
            else:
                path.unlink()
        tally.close()

    def deliver(self, root: Path, names: Iterable[str]) -> Iterator[tuple[str, Arrival]]:
        """Hold each file under its name; PlaceRefuses when another object has the name."""
        for name in names:
            content = (root / name).read_bytes()
            before = self.objects.setdefault(name, content)
            if before != content:
                raise PlaceRefuses(self._name, "it holds a different object under that name")
            yield name, Arrival.DELIVERED if before is content else Arrival.ALREADY_THERE

    def steps(self) -> Iterator[Step]:
        """Say that memory is there."""
        yield Step("memory", fine=True, said=f"{len(self.objects)} objects")

    def _labels(self) -> list[tuple[str, Label]]:
        return [(name, read_label(data, len(data))) for name, data in self.objects.items()]


def _study_and_series(label: Label) -> tuple[str, str]:
    return label.study, label.series


def _is_asked(asked: Asked, name: str, label: Label) -> bool:
    pairs = (
        (asked.accession_number, label.accession_number),
        (asked.study_instance_uid, label.study),
        (asked.series_instance_uid, label.series),
        (asked.patient_id, label.patient_id),
    )
    return name.startswith(asked.below) and all(key in {"", said} for key, said in pairs)


def _study(labels: list[Label]) -> StudyFound:
    """The study of these objects, which are in the order of their series."""
    first = labels[0]
    return StudyFound(
        first.study,
        first.accession_number,
        first.patient_id,
        first.patient_name,
        first.study_date,
        first.study_description,
        tuple(_series(list(one)) for _, one in groupby(labels, lambda label: label.series)),
    )


def _series(labels: list[Label]) -> SeriesFound:
    first = labels[0]
    return SeriesFound(first.series, first.modality, first.series_description, len(labels))
