"""Orthanc by WADO-URI, with QIDO-RS as its index, for the contract."""

from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from dicomveil.places.dicomweb import DicomWeb
from dicomveil.places.link import Access
from dicomveil.places.wado_uri import WadoUri
from tests.contracts.rig import Both, Rig
from tests.servers.orthanc import Orthanc


@pytest.fixture
def wado_uri_place(orthanc: Orthanc) -> Iterator[Rig]:
    """An empty Orthanc."""

    def put(objects: Mapping[str, bytes]) -> None:
        orthanc.upload(objects.values())

    index = DicomWeb("pacs", Access(orthanc.web))
    place = WadoUri("pacs", Access(orthanc.wado), index)
    # It takes no objects, and is held to what a source does alone.
    both = cast("Both", place)
    yield Rig(both, put, lambda: [orthanc.file(name) for name in orthanc.instances()])
    place.close()
    index.close()
