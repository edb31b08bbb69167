"""What can happen to one element, as plain values.

An action is chosen by a profile from a tag and a VR alone; it has never seen the element's value.
The engine turns an action into an edit. An action on a sequence is for the sequence as a whole:
only `Recurse` looks inside it, and there every element gets its own action (PS3.15 E.1.1).
"""

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from dicomveil.dicom.hashing import blake2b

if TYPE_CHECKING:
    from dicomveil.policy.documents import DocumentKind

_Kind = TypeVar("_Kind", bound=tuple[object, ...])


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


def _is_same(one: tuple[object, ...], other: object) -> bool:
    """Whether they are of one kind and say the same."""
    return type(one) is type(other) and tuple.__eq__(one, other)


def _is_other(one: tuple[object, ...], other: object) -> bool:
    return not _is_same(one, other)


def _of_a_kind(kind: type[_Kind]) -> type[_Kind]:
    """Compare these tuples with their own kind alone: `Hash(8)` is no `Truncate(8)`."""
    for name, method in (("__eq__", _is_same), ("__ne__", _is_other)):
        setattr(kind, name, method)
    return kind


class Keep(_Plain):
    """The element stays byte for byte (PS3.15 E.1.1, action K)."""

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


@_of_a_kind
class KeepIfLegal(NamedTuple):
    """The element stays when every value is legal for its VR, else `otherwise`, and it is counted.

    For VRs of a form, such as CS, DS and IS: text that is no code and no number may be anything
    (PS3.5 6.2).
    """

    otherwise: "Remove | Empty | Dummy | NewUid" = Remove()

    def __repr__(self) -> str:
        """Short where an illegal value goes, as most do."""
        illegal = "" if self.otherwise == Remove() else repr(self.otherwise)
        return f"KeepIfLegal({illegal})"


@_of_a_kind
class CapAge(NamedTuple):
    """A legal age stays, but for one of 90 years or more, which becomes 090Y.

    PS3.15 E.3.7 lets ages stay; so few people are older than 89 that laws count such an age among
    identifiers (45 CFR 164.514(b)(2)(i)(C)). What is not legal becomes `otherwise`.
    """

    otherwise: "Remove | Empty | Dummy | NewUid" = Remove()


class NewUid(_Plain):
    """Each UID of the value is replaced by its keyed pseudonym (PS3.15 E.1.1, action U)."""

    __slots__ = ()


@_of_a_kind
class Pseudonym(NamedTuple):
    """The value becomes the keyed pseudonym of its kind (PS3.15 E.1.1, action Z or D)."""

    kind: Kind


class Ask(_Plain):
    """No action yet: where the element lies, or whose it is, decides."""

    __slots__ = ()


@_of_a_kind
class ShiftDate(NamedTuple):
    """Dates move by the patient's whole days, `least` to `most`, back (PS3.15 E.3.6, action C).

    For DA and DT; a TM stays, because whole days do not change it. What cannot be moved, as an
    illegal value, becomes `otherwise`, and is counted. With 0 for both, true dates stay (E.3.6, K).
    """

    least: int = 30
    most: int = 3_650
    otherwise: "Remove | Empty | Dummy | NewUid" = Remove()


@_of_a_kind
class ShiftEpoch(NamedTuple):
    """A count of seconds since 1970, in a number or in text, moves by the patient's whole days.

    For private elements that a knowledge base marks so; any other value is not kept.
    """

    least: int = 30
    most: int = 3_650


@_of_a_kind
class KeepScanned(NamedTuple):
    """Private bytes stay when they can be understood and nothing in them identifies (E.3.10).

    `vr` is what a table knows such bytes to be, "" where it knows no more than that they are bytes.
    """

    vr: str = ""


class Spans(Enum):
    """Which spans of a text identify."""

    ALL = "what the object says of its people, and what has an identifying shape"
    KNOWN = "what the object says of its people alone: a serial number has such a shape, and stays"


@_of_a_kind
class Clean(NamedTuple):
    """Only the spans of the text that identify go, the rest stays (PS3.15 E.3.5, action C).

    A text of which nothing is left, and one that cannot be read, becomes `otherwise`. On a
    sequence: each element of its items gets its own action.
    """

    otherwise: "Empty | Dummy" = Empty()
    spans: Spans = Spans.ALL


@_of_a_kind
class CleanStrict(NamedTuple):
    """As `Clean`, but nothing is left of a text that then still holds unexplained words."""

    otherwise: "Empty | Dummy" = Empty()


@_of_a_kind
class UidsInText(NamedTuple):
    """Each UID in the text is replaced by its keyed pseudonym, and what is around it is treated.

    For private texts that a table knows to hold UIDs. A text without any, one that cannot be read,
    and one too long for its VR afterwards goes.
    """

    around: "Clean | CleanStrict | Keep"


@_of_a_kind
class CleanContent(NamedTuple):
    """A sequence of content items: each is judged by its concept (PS3.15 Table E.3.4-1)."""

    columns: tuple[str, ...]  # the options in force, by their columns of the table
    dates: ShiftDate
    texts: Clean | CleanStrict


@_of_a_kind
class Hash(NamedTuple):
    """The value becomes a keyed hash of itself, of `length` characters of A-Z and 2-7.

    There is no hash without the key: one of a short number is undone by trying all numbers.
    """

    length: int = 16


@_of_a_kind
class Replace(NamedTuple):
    """The value becomes this text, written as the element's VR writes it."""

    value: str


@_of_a_kind
class Truncate(NamedTuple):
    """Each value of the text keeps its first `length` characters."""

    length: int


@_of_a_kind
class Mask(NamedTuple):
    """Each match of the regular expression in the text becomes `X`, one for each character."""

    pattern: str


@_of_a_kind
class Document(NamedTuple):
    """The encapsulated document becomes this one, in objects of its class alone.

    Objects of other classes keep theirs, and do not leave.
    """

    kind: "DocumentKind"
    content: bytes

    def __repr__(self) -> str:
        """The kind, and a digest: the profile's digest is made of this."""
        told = blake2b(self.content, digest_size=16).hexdigest()
        return f"Document({self.kind.name}, {told})"


@_of_a_kind
class JitterDate(NamedTuple):
    """Each date moves by its own keyed number of days, at most `days` either way."""

    days: int


Action = (
    Keep
    | KeepIfLegal
    | CapAge
    | KeepScanned
    | KeepIfRegistered
    | Recurse
    | Remove
    | Empty
    | Dummy
    | NewUid
    | Pseudonym
    | ShiftDate
    | ShiftEpoch
    | Clean
    | CleanStrict
    | UidsInText
    | CleanContent
    | Hash
    | Replace
    | Truncate
    | Mask
    | JitterDate
    | Document
)

Change = (
    ShiftDate
    | ShiftEpoch
    | JitterDate
    | CapAge
    | KeepScanned
    | Document
    | Clean
    | CleanStrict
    | UidsInText
    | Hash
    | Replace
    | Truncate
    | Mask
)
"""The actions that make a new value of the old one."""
