"""What can happen to one element, as plain values.

An action is chosen by a profile from a tag and a VR alone; it has never seen the element's value.
The engine turns an action into an edit. An action on a sequence is for the sequence as a whole:
only `Recurse` looks inside it, and there every element gets its own action (PS3.15 E.1.1).
"""

from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a pseudonym stands for; two kinds never give the same pseudonym for the same text."""

    PATIENT_ID = "patient-id"
    PATIENT_NAME = "patient-name"
    ACCESSION = "accession"
    STUDY_ID = "study-id"


class _Plain:
    """An action that says all by its name: two of a kind are equal."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Keep(_Plain):
    """The element stays byte for byte (PS3.15 E.1.1, action K)."""

    __slots__ = ()


class KeepIfLegal(_Plain):
    """The element stays when every value is legal for its VR, else it is removed and counted.

    For CS, DS and IS: text that is no code and no number may be anything (PS3.5 6.2).
    """

    __slots__ = ()


class KeepIfRegistered(_Plain):
    """Each UID stays only when it is exactly an entry of the UID registry, else it is replaced.

    The registry is PS3.6 Annex A; a UID that merely begins like an entry is replaced.
    """

    __slots__ = ()


class Recurse(_Plain):
    """The sequence stays and each element of its items gets its own action (PS3.15 E.1.1)."""

    __slots__ = ()


class Remove(_Plain):
    """The element goes, and a sequence goes with all its items (PS3.15 E.1.1, action X)."""

    __slots__ = ()


class Empty(_Plain):
    """The value becomes zero bytes, and a sequence has no items (PS3.15 E.1.1, action Z)."""

    __slots__ = ()


class Dummy(_Plain):
    """The value becomes the constant of `dummies.py` for its VR (PS3.15 E.1.1, action D).

    A sequence becomes one item of dummies, chosen by the sequence's tag; the old items go.
    """

    __slots__ = ()


class NewUid(_Plain):
    """Each UID of the value is replaced by its keyed pseudonym (PS3.15 E.1.1, action U)."""

    __slots__ = ()


class Pseudonym(NamedTuple):
    """The value becomes the keyed pseudonym of its kind (PS3.15 E.1.1, action Z or D)."""

    kind: Kind


Action = (
    Keep | KeepIfLegal | KeepIfRegistered | Recurse | Remove | Empty | Dummy | NewUid | Pseudonym
)
