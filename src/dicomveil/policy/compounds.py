"""The one place where a compound action of Table E.1-1 becomes a plain one.

PS3.15 leaves `X/Z`, `X/D`, `X/Z/D`, `Z/D` and `X/Z/U*` to the attribute's Type in the IOD at hand.
Where the Type is not known the choice is the one that is valid whatever it is: a value where one
may be required, nothing of the old value in any case.
"""

from enum import Enum
from typing import NamedTuple


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


class Need(Enum):
    """What an IOD asks of an attribute that is present (PS3.5 7.4): 1C counts as 1, 2C as 2."""

    VALUE = "Type 1: it must have a value"
    PRESENCE = "Type 2: it must be there, with or without a value"
    NOTHING = "Type 3, or not of the IOD: it may be absent"
    UNKNOWN = "nothing is known of the IOD or of what lies at the path"


class ByNeed(NamedTuple):
    """A rule's action that the attribute's Type decides, where the element is met."""

    code: Code


_SAFE_FOR_EVERY_TYPE = {
    Code.X_Z: Code.Z,  # Type 3 or 2
    Code.Z_D: Code.D,  # Type 2 or 1
    Code.X_D: Code.D,  # Type 3 or 1
    Code.X_Z_D: Code.D,  # Type 3, 2 or 1
    Code.X_Z_U: Code.U,  # references stay, and point to the new UIDs
}
_EXACT = {
    (Code.X_Z, Need.NOTHING): Code.X,
    (Code.Z_D, Need.NOTHING): Code.Z,
    (Code.Z_D, Need.PRESENCE): Code.Z,
    (Code.X_D, Need.NOTHING): Code.X,
    (Code.X_Z_D, Need.NOTHING): Code.X,
    (Code.X_Z_D, Need.PRESENCE): Code.Z,
}


def is_compound(code: Code) -> bool:
    """Whether the attribute's Type decides."""
    return code in _SAFE_FOR_EVERY_TYPE


def choose(code: Code, need: Need) -> Code:
    """The plain action for `code` where the IOD needs this much of the attribute."""
    return _EXACT.get((code, need)) or _SAFE_FOR_EVERY_TYPE.get(code, code)
