"""The user's token: made, checked, shown in part, kept in a file or the system's keyring."""

import secrets
import string
from importlib import import_module
from types import ModuleType

from dicomveil.errors import Unusable

_LETTERS = string.ascii_letters + string.digits
_SERVICE = "dicomveil anon"
# Stands in the shared settings file when the token itself lies in the keyring.
IN_KEYRING = "in-the-keyring"


def new_token() -> str:
    """A random token of 64 letters and digits, as anonapi makes them."""
    return "".join(secrets.choice(_LETTERS) for _ in range(64))


def checked(token: str) -> str:
    """The token without spaces around it; MappingError when it cannot stand in a header."""
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Unusable("a token is printable ASCII without spaces")
    return token


def masked(token: str) -> str:
    """Enough of the token to tell it from another, never the whole."""
    return f"{token[:4]}... ({len(token)} characters)" if len(token) >= 16 else "(set)"


def keyring() -> ModuleType:
    """The keyring library; MappingError when this computer has none that works."""
    try:
        library = import_module("keyring")
        broken = import_module("keyring.backends.fail").Keyring
    except ImportError as error:
        raise Unusable("the keyring package is not installed here") from error
    if isinstance(library.get_keyring(), broken):
        raise Unusable("this computer has no keyring that can be used")
    return library


def keep_in_keyring(user_name: str, token: str) -> None:
    """Put the token into the system's keyring."""
    keyring().set_password(_SERVICE, user_name, token)


def from_keyring(user_name: str) -> str:
    """The token out of the system's keyring; MappingError when it is not there."""
    token = keyring().get_password(_SERVICE, user_name)
    if not token:
        raise Unusable("the keyring has no token for this user; set it again")
    return str(token)
