"""Orthanc by DICOMweb, for the contract."""

from collections.abc import Iterator, Mapping

import pytest

from dicomveil.places.dicomweb import DicomWeb
from dicomveil.places.link import Access
from tests.contracts.rig import Rig
from tests.servers.orthanc import Orthanc


@pytest.fixture
def dicomweb_place(orthanc: Orthanc) -> Iterator[Rig]:
    """An empty Orthanc."""

    def put(objects: Mapping[str, bytes]) -> None:
        orthanc.upload(objects.values())

    place = DicomWeb("pacs", Access(orthanc.web))
    yield Rig(place, put, lambda: [orthanc.file(name) for name in orthanc.instances()])
    place.close()
