"""What a node's status codes mean for us: done, trouble that may pass, trouble that will not.

PS3.7 Annex C has the general codes, PS3.4 §B.2.3 and §C.4 those of storing, finding and fetching.
"""

from enum import Enum
from typing import Final

from dicomveil.errors import PlaceBusy, PlaceFailed, PlaceRefuses

SUCCESS: Final = 0x0000
DUPLICATE: Final = 0x0111
NOT_ASKED: Final = 0xA900
NO_SPACE: Final = 0xA700
NOT_UNDERSTOOD: Final = 0xC000
INVALID_INSTANCE: Final = 0x0117
_WARNINGS: Final = frozenset({0x0001, 0x0107, 0x0116, 0xB000, 0xB006, 0xB007, 0xB008, 0xB101})
_SAID: Final = {
    0x0105: "there is no such attribute",
    0x0106: "an attribute's value is not valid",
    0x0110: "processing failed there",
    0x0111: "the object is there already",
    0x0117: "the UID is not valid",
    0x0118: "there is no such SOP class",
    0x0119: "an object is in conflict with its class",
    0x0122: "the SOP class is not supported",
    0x0124: "it is not authorized",
    0x0210: "the message was sent twice",
    0x0211: "the operation is not known",
    0x0212: "an argument was mistyped",
    0x0213: "a resource is at its limit",
    0xA700: "it is out of resources",
    0xA701: "it is out of resources to count matches",
    0xA702: "it is out of resources to send the objects",
    0xA801: "it does not know our AE title as a destination",
    0xA900: "what was sent does not match the service",
    0xFE00: "it was cancelled",
}
_MAY_PASS: Final = frozenset({0x0110, 0x0213, 0xFE00})


class Meaning(Enum):
    """What an answer is."""

    DONE = "done"
    GOING_ON = "going on"
    WARNED = "done, with a warning"
    FAILED = "not done"


def meaning_of(status: int) -> Meaning:
    """What the status of an answer means."""
    if status == SUCCESS:
        return Meaning.DONE
    if status in (0xFF00, 0xFF01):
        return Meaning.GOING_ON
    return Meaning.WARNED if status in _WARNINGS else Meaning.FAILED


def trouble(place: str, operation: str, status: int) -> PlaceFailed:
    """The error that a status is: busy when it may pass, a refusal when it will not."""
    said = _SAID.get(status) or _of_range(status)
    problem = f"{operation}: {said} (status {status:04X})"
    busy = status in _MAY_PASS or 0xA700 <= status <= 0xA7FF
    return PlaceBusy(place, problem) if busy else PlaceRefuses(place, problem)


def _of_range(status: int) -> str:
    if 0xA700 <= status <= 0xA7FF:
        return "it is out of resources"
    if 0xA900 <= status <= 0xA9FF:
        return "what was sent does not match the service"
    if 0xC000 <= status <= 0xCFFF:
        return "it cannot understand or process what was sent"
    return "it failed"
