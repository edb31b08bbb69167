"""What places bring and take: `python -m benchmarks.places`, as root, with Debian's Orthanc.

200 CT slices of 512 x 512 pixels, 105 MB: fetched by WADO-RS into a spool, fetched while they are
de-identified, and delivered by STOW-RS. Orthanc runs on the same cores.
"""

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.orthanc import SLICES, best, measured, slices
from dicomveil.engine.cleaner import Options
from dicomveil.jobs.deid import deidentify_tree
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.plan import Alignment, Checksum, Crosswalk, Existing, Order, Purpose
from dicomveil.places.arriving import Arriving
from dicomveil.places.dicomweb import DicomWeb
from dicomveil.places.labels import label_of
from dicomveil.places.link import Access
from dicomveil.places.place import Asked
from dicomveil.places.scan import Links
from dicomveil.wiring import Asked as Wanted
from dicomveil.wiring import executors, order_of
from tests.servers.orthanc import Orthanc


class Row(NamedTuple):
    """One figure: the best of several runs, as the machine has others to serve."""

    name: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.name:<44} {SLICES / self.seconds:6.0f} images/s  {self.seconds:5.2f} s"


class Fetched(Order):
    """An order whose files are those that a fetch brings."""

    place: DicomWeb
    asked: Asked

    @property
    def scan(self) -> Arriving:  # type: ignore[override]  # what stands for a Scan
        """The files, as they come."""
        spool = Path(os.fsdecode(self.sources[0]))
        return Arriving(self.place.fetch(self.asked, spool))


def rows(server: Orthanc, folder: Path, runs: int) -> Iterator[Row]:
    """Every figure."""
    files = slices(folder / "corpus")
    server.upload(path.read_bytes() for path in files)
    place = DicomWeb("pacs", Access(server.web))
    asked = Asked(study_instance_uid=label_of(files[0]).study)
    spool, out = folder / "spool", folder / "out"

    def fetch() -> None:
        assert len(list(place.fetch(asked, spool))) == SLICES

    def fetch_and_clean(workers: int) -> None:
        spool.mkdir()
        order = fetched(spool, out, workers)
        order.place, order.asked = place, asked
        outcome = deidentify_tree(order, executors(order), lambda _: None)
        assert outcome.tally.found == SLICES

    def empty() -> None:
        for path in (spool, out, Path(f"{out}.private")):
            shutil.rmtree(path, ignore_errors=True)

    yield Row("WADO-RS into the spool", best(fetch, empty, runs))
    for workers in (1, 2):
        name = f"WADO-RS into de-identified files, {workers} workers"
        yield Row(name, best(partial(fetch_and_clean, workers), empty, runs))
    produced = [str(p.relative_to(out)) for p in sorted(out.rglob("*.dcm"))]

    def deliver() -> None:
        assert len(list(place.deliver(out, produced))) == SLICES

    yield Row("STOW-RS from de-identified files", best(deliver, server.clear, runs))
    place.close()


def fetched(spool: Path, out: Path, workers: int) -> Fetched:
    """The order for `deid`'s own run, by the basic profile."""
    order = order_of(
        Wanted(
            sources=[str(spool)],
            destination=str(out),
            profile="basic",
            further=(),
            engine=Options(),
            key_file=None,
            workers=workers,
            layout=Layout.UID,
            private=None,
            links=Links.IGNORE,
            existing=Existing.REFUSE,
            checksum=Checksum.NONE,
            alignment=Alignment.NONE,
            crosswalk=Crosswalk.NONE,
            purpose=Purpose.DELIVER,
        ),
        {"XDG_CONFIG_HOME": str(out.parent / "settings")},
    )
    return Fetched(*order)


if __name__ == "__main__":
    raise SystemExit(measured(rows, __doc__, 3))
