"""The places that are held to the contract, each from a file of its own."""

from tests.contracts.dicomweb import dicomweb_place
from tests.contracts.dimse import dimse_dcmtk_place, dimse_get_place, dimse_move_place
from tests.contracts.directory import directory_place
from tests.contracts.memory import memory_place
from tests.contracts.smb import smb_place
from tests.contracts.store import store_place
from tests.contracts.wado_uri import wado_uri_place

__all__ = [
    "dicomweb_place",
    "dimse_dcmtk_place",
    "dimse_get_place",
    "dimse_move_place",
    "directory_place",
    "memory_place",
    "smb_place",
    "store_place",
    "wado_uri_place",
]
