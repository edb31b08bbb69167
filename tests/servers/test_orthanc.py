"""The real server of the tests is what the tests take it for."""

import os
import socket

import pytest

from tests.builders import part10
from tests.places.test_tally import OBJECT
from tests.servers.network import Network
from tests.servers.orthanc import Orthanc


def test_orthanc_holds_what_is_uploaded_byte_for_byte(orthanc: Orthanc) -> None:
    (name,) = orthanc.upload([part10(OBJECT)])

    assert orthanc.file(name) == part10(OBJECT)
    assert orthanc.instances() == [name]


def test_a_server_of_the_network_cannot_be_reached_from_outside(
    started_orthanc: Orthanc, network: Network
) -> None:
    place = ("127.0.0.1", started_orthanc.dicom_port)

    with network.inside():
        socket.create_connection(place, timeout=5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place, timeout=5)


def test_nothing_in_the_network_reaches_out(network: Network) -> None:
    with network.inside():
        assert os.listdir("/proc/thread-self/net/dev_snmp6") == ["lo"]
        with pytest.raises(OSError, match="unreachable"):
            socket.create_connection(("192.0.2.1", 80), timeout=5)
