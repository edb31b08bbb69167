"""The one place where an action code of Table E.1-1 becomes a plain one.

PS3.15 leaves `X/Z`, `X/D`, `X/Z/D`, `Z/D` and `X/Z/U*` to the attribute's Type in the IOD and at
the place at hand (Table E.1-1a). Where that is not known the choice is the one that is valid
whatever the Type is: a value where one may be required, nothing of the old value in any case.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple

from dicomveil.policy.iods import Type


class Code(Enum):
    """An action code of Table E.1-1a."""

    D = "D"
    Z = "Z"
    X = "X"
    K = "K"
    U = "U"
    Z_D = "Z/D"
    X_Z = "X/Z"
    X_D = "X/D"
    X_Z_D = "X/Z/D"
    X_Z_U = "X/Z/U*"


class _Need(Enum):
    """What keeps the object valid."""

    VALUE = "of Type 1: the attribute must be there and have a value"
    PRESENCE = "of Type 2: the attribute must be there and may be empty"
    NOTHING = "of Type 3, or no attribute of the IOD: it may go"
    UNKNOWN = "it may be any of them"


_NEEDS: Final[Mapping[Type | None, _Need]] = {
    Type.ONE: _Need.VALUE,
    Type.ONE_C: _Need.VALUE,
    Type.TWO: _Need.PRESENCE,
    Type.TWO_C: _Need.PRESENCE,
    Type.THREE: _Need.NOTHING,
    Type.ABSENT: _Need.NOTHING,
    None: _Need.UNKNOWN,
}

# Each column is a need: VALUE, PRESENCE, NOTHING, UNKNOWN. Z allows a dummy (Table E.1-1a), which
# is what it has to be where a value is required. What is removed although the IOD requires it is
# emptied or a dummy instead, so that the object stays valid.
_CHOICES: Final[Mapping[Code, tuple[Code, Code, Code, Code]]] = {
    Code.X: (Code.D, Code.Z, Code.X, Code.X),
    Code.Z: (Code.D, Code.Z, Code.Z, Code.Z),
    Code.Z_D: (Code.D, Code.Z, Code.Z, Code.D),
    Code.X_Z: (Code.D, Code.Z, Code.X, Code.Z),
    Code.X_D: (Code.D, Code.D, Code.X, Code.D),
    Code.X_Z_D: (Code.D, Code.Z, Code.X, Code.D),
    # U: references stay, and point to the new UIDs. Of Type 2 too: an empty Source Image Sequence
    # would make the Referenced Series Sequence, which lists the same images, wrong.
    Code.X_Z_U: (Code.U, Code.U, Code.X, Code.U),
}


class ByType(NamedTuple):
    """A rule's action that the attribute's Type decides, where the element is met."""

    code: Code

    def __str__(self) -> str:
        """`Z/D by Type`."""
        return f"{self.code.value} by Type"


def is_typed(code: Code) -> bool:
    """Whether the attribute's Type may change the action."""
    return code in _CHOICES or code is Code.D


def choose(code: Code, type_: Type | None) -> Code:
    """The plain action for `code` where the attribute has this Type, None when it is not known.

    An attribute that is not of the IOD at its place needs no dummy: D is X there (PS3.15 E.1.1).
    """
    if code is Code.D and type_ is Type.ABSENT:
        return Code.X
    choices = _CHOICES.get(code)
    return code if choices is None else choices[list(_Need).index(_NEEDS[type_])]
