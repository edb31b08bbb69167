"""What can happen to one element, as plain values.

An action is chosen by a profile from a tag and a VR alone; it has never seen the element's value.
The engine turns an action into an edit. An action on a sequence is for the sequence as a whole:
only `Recurse` looks inside it, and there every element gets its own action (PS3.15 E.1.1).
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a pseudonym stands for; two kinds never give the same pseudonym for the same text."""

    PATIENT_ID = "patient-id"
    PATIENT_NAME = "patient-name"
    ACCESSION = "accession"
    STUDY_ID = "study-id"


@dataclass(frozen=True, slots=True)
class Keep:
    """The element stays byte for byte (PS3.15 E.1.1, action K)."""


@dataclass(frozen=True, slots=True)
class KeepIfLegal:
    """The element stays when every value is legal for its VR, else it is removed and counted.

    For CS, DS and IS: text that is no code and no number may be anything (PS3.5 6.2).
    """


@dataclass(frozen=True, slots=True)
class KeepIfRegistered:
    """Each UID stays only when it is exactly an entry of the UID registry, else it is replaced.

    The registry is PS3.6 Annex A; a UID that merely begins like an entry is replaced.
    """


@dataclass(frozen=True, slots=True)
class Recurse:
    """The sequence stays and each element of its items gets its own action (PS3.15 E.1.1)."""


@dataclass(frozen=True, slots=True)
class Remove:
    """The element goes, and a sequence goes with all its items (PS3.15 E.1.1, action X)."""


@dataclass(frozen=True, slots=True)
class Empty:
    """The value becomes zero bytes, and a sequence has no items (PS3.15 E.1.1, action Z)."""


@dataclass(frozen=True, slots=True)
class Dummy:
    """The value becomes the constant of `dummies.py` for its VR (PS3.15 E.1.1, action D).

    A sequence becomes one item of dummies, chosen by the sequence's tag; the old items go.
    """


@dataclass(frozen=True, slots=True)
class NewUid:
    """Each UID of the value is replaced by its keyed pseudonym (PS3.15 E.1.1, action U)."""


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """The value becomes the keyed pseudonym of its kind (PS3.15 E.1.1, action Z or D)."""

    kind: Kind


Action = (
    Keep | KeepIfLegal | KeepIfRegistered | Recurse | Remove | Empty | Dummy | NewUid | Pseudonym
)
