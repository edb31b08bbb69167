"""The places that are held to the contract, each from a file of its own."""

from tests.contracts.memory import memory_place
from tests.contracts.smb import smb_place
from tests.contracts.store import store_place

__all__ = ["memory_place", "smb_place", "store_place"]
