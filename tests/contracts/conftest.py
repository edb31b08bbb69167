"""The places that are held to the contract, each from a file of its own."""

from tests.contracts.dicomweb import dicomweb_place
from tests.contracts.memory import memory_place
from tests.contracts.wado_uri import wado_uri_place

__all__ = ["dicomweb_place", "memory_place", "wado_uri_place"]
