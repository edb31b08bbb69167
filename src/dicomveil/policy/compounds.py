"""The one place where a compound action of Table E.1-1 becomes a plain one.

PS3.15 leaves `X/Z`, `X/D`, `X/Z/D`, `Z/D` and `X/Z/U*` to the attribute's Type in the IOD at hand.
Without the IODs' tables the choice is the one that is valid whatever the Type is: a value where
one may be required, nothing of the old value in any case. `choose` already takes what the exact
choice needs, so that only this file changes with it.
"""

from enum import Enum


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


_SAFE_FOR_EVERY_TYPE = {
    Code.X_Z: Code.Z,  # Type 3 or 2
    Code.Z_D: Code.D,  # Type 2 or 1
    Code.X_D: Code.D,  # Type 3 or 1
    Code.X_Z_D: Code.D,  # Type 3, 2 or 1
    Code.X_Z_U: Code.U,  # references stay, and point to the new UIDs
}


def choose(code: Code, sop_class: str, path: tuple[int, ...]) -> Code:
    """The plain action for `code` at `path`, tags from the root, in an object of `sop_class`.

    Both may be empty when the object is not known; for now they do not change the answer.
    """
    del sop_class, path  # the IOD-exact choice will read them
    return _SAFE_FOR_EVERY_TYPE.get(code, code)
