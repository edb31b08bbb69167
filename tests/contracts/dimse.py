"""An Orthanc over DIMSE, by C-GET and by C-MOVE, for the contract."""

from collections.abc import Mapping

import pytest

from dicomveil.places.dimse import Pacs
from dicomveil.places.dimse_peer import Listening, Patience, Peer, Receiver, Retrieval
from dicomveil.places.place import Arrival
from tests.contracts.rig import Rig
from tests.servers.elements import are_alike
from tests.servers.network import program
from tests.servers.orthanc import TITLE, Orthanc

PATIENCE = Patience(connect=5, associate=20, answer=30, settle=5)


def pacs(orthanc: Orthanc, retrieval: Retrieval, receiver: Receiver = Receiver.OWN) -> Pacs:
    """The server as a place; it sends what is moved to port 11113, as its settings say."""
    return Pacs(
        Peer(
            name="pacs",
            host="127.0.0.1",
            port=orthanc.dicom_port,
            called=TITLE,
            calling="DEID",
            retrieval=retrieval,
            receiver=receiver,
            listening=Listening("127.0.0.1", 11113),
            patience=PATIENCE,
        )
    )


def rig(orthanc: Orthanc, retrieval: Retrieval, receiver: Receiver = Receiver.OWN) -> Rig:
    """The server behind the place's back: over its own protocol."""

    def put(objects: Mapping[str, bytes]) -> None:
        orthanc.upload(objects.values())

    def held() -> list[bytes]:
        return [orthanc.file(name) for name in orthanc.instances()]

    return Rig(pacs(orthanc, retrieval, receiver), put, held, are_alike, again=Arrival.DELIVERED)


@pytest.fixture
def dimse_get_place(orthanc: Orthanc) -> Rig:
    """An empty one, fetched from by C-GET."""
    return rig(orthanc, Retrieval.GET)


@pytest.fixture
def dimse_move_place(orthanc: Orthanc) -> Rig:
    """An empty one, fetched from by C-MOVE."""
    return rig(orthanc, Retrieval.MOVE)


@pytest.fixture
def dimse_dcmtk_place(orthanc: Orthanc) -> Rig:
    """An empty one, fetched from by C-MOVE to DCMTK's receiver."""
    program("storescp")
    return rig(orthanc, Retrieval.MOVE, Receiver.DCMTK)
