"""What each function of a template makes of one value's text."""

import hmac
import re
from typing import Final, assert_never

from dicomveil.policy.names import name_for
from dicomveil.policy.templates import FakeName, Function, Hmac, Mask, Md5, NoSpace

_NO_WORD: Final = re.compile(r"\W+")


def applied(function: Function, text: str, seed: bytes, key: bytes) -> str:
    """The text after the function; `seed` counts for names alone, `key` for hmac alone."""
    match function:
        case Md5(length):
            # The original's hash: a dictionary of patient numbers reverses it, and a run says so.
            from hashlib import md5  # OpenSSL, for those who ask for it

            return md5(text.encode(), usedforsecurity=False).hexdigest()[:length]
        case Hmac(length):
            return hmac.digest(key, text.encode(), "sha256").hex()[:length]
        case Mask(mask):
            pairs = zip(text, mask, strict=False)  # the shorter one decides
            return "".join(own if other == "*" else other for own, other in pairs)
        case NoSpace(joint):
            return joint.join(_NO_WORD.sub(" ", text).split())
        case FakeName():
            return name_for(seed)
        case _:
            assert_never(function)
