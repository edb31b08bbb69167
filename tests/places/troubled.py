"""A fetch by DICOMweb from a scripted server, and what it leaves in the spool."""

from dataclasses import replace
from pathlib import Path

from dicomveil.places.dicomweb import DicomWeb
from dicomveil.places.link import Access
from dicomveil.places.place import Asked
from tests.contracts.rig import an_object
from tests.servers.scripted import Script, scripted

ASKED = Asked(accession_number="A1")
OBJECTS = [an_object(number) for number in range(1, 4)]


def fetch(script: Script, spool: Path, access: Access | None = None) -> list[Path]:
    """All that comes; raises what the fetch does."""
    with scripted(script) as server:
        place = DicomWeb("pacs", replace(access or Access("", seconds=10), url=server.url))
        try:
            return list(place.fetch(ASKED, spool))
        finally:
            place.close()


def whole_files(spool: Path) -> list[bytes]:
    """Everything in the spool, none of which may be cut."""
    return [path.read_bytes() for path in sorted(spool.iterdir())] if spool.exists() else []
