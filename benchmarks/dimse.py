"""What a PACS brings and takes by DIMSE: `python -m benchmarks.dimse`, as root, with an Orthanc.

200 CT slices of 512 x 512 pixels, 105 MB: by C-GET, by C-MOVE to pynetdicom and to DCMTK's
storescp, and delivered by C-STORE. Orthanc runs on the same cores.
"""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.orthanc import SLICES, best, measured, slices
from dicomveil.places.dimse import Pacs
from dicomveil.places.dimse_peer import Listening, Peer, Receiver, Retrieval
from dicomveil.places.labels import label_of
from dicomveil.places.place import Asked
from tests.servers.orthanc import TITLE, Orthanc

PORT: Final = 11113
ROADS: Final = (
    ("C-GET", Retrieval.GET, Receiver.OWN, 150),
    ("C-MOVE to pynetdicom", Retrieval.MOVE, Receiver.OWN, 150),
    ("C-MOVE to DCMTK's storescp", Retrieval.MOVE, Receiver.DCMTK, 600),
)


class Row(NamedTuple):
    """One figure: the best of several runs, as the machine has others to serve."""

    name: str
    seconds: float
    target: int

    def __str__(self) -> str:
        rate = SLICES / self.seconds
        verdict = (
            "" if not self.target else f"met {self.target}" if rate >= self.target else "missed"
        )
        return f"{self.name:<34} {rate:6.0f} images/s  {self.seconds:5.2f} s  {verdict}"


def rows(server: Orthanc, folder: Path, runs: int) -> Iterator[Row]:
    """Every figure."""
    files = slices(folder / "corpus")
    server.upload(path.read_bytes() for path in files)
    asked = Asked(study_instance_uid=label_of(files[0]).study)
    spool = folder / "spool"

    def fetch(place: Pacs) -> None:
        assert len(list(place.fetch(asked, spool))) == SLICES

    def empty() -> None:
        shutil.rmtree(spool, ignore_errors=True)

    for name, retrieval, receiver, target in ROADS:
        place = pacs(server, retrieval, receiver)
        yield Row(name, best(partial(fetch, place), empty, runs), target)
    names = [str(path.relative_to(folder / "corpus")) for path in files]

    def deliver() -> None:
        place = pacs(server, Retrieval.GET, Receiver.OWN)
        assert len(list(place.deliver(folder / "corpus", names))) == SLICES

    yield Row("C-STORE", best(deliver, server.clear, runs), 0)


def pacs(server: Orthanc, retrieval: Retrieval, receiver: Receiver) -> Pacs:
    """The server, asked in this way."""
    return Pacs(
        Peer(
            name="pacs",
            host="127.0.0.1",
            port=server.dicom_port,
            called=TITLE,
            calling="DEID",
            retrieval=retrieval,
            receiver=receiver,
            listening=Listening("127.0.0.1", PORT),
        )
    )


if __name__ == "__main__":
    raise SystemExit(measured(rows, __doc__, 5))
