"""Find values that hold the elements after them, because their length is wrong.

A length that is too long by exactly some whole elements still walks. Such a value holds, from some
even offset on, a chain of well-formed elements of higher tags that ends exactly where it ends:
chance does not write that, so it is refused (threat: a name inside a text that is kept).
"""

from typing import Final

from dicomveil.dicom.dictionary import vr_of
from dicomveil.dicom.forms import (
    EXPLICIT_HEADS,
    IMPLICIT_HEAD,
    LENGTHS,
    LONG_VRS,
    UNDEFINED,
    VRS,
    Form,
)
from dicomveil.dicom.tags import Tag
from dicomveil.dicom.walk import Bytes

_LONGEST_LOOKED_AT: Final = 1 << 16
_SMALLEST: Final = 8


def holds_elements(value: Bytes, form: Form, tag: Tag) -> bool:
    """Whether some tail of `value` is a chain of whole elements that come after `tag`."""
    stop = len(value)
    first = max(0, stop - _LONGEST_LOOKED_AT)
    return any(
        _is_chain(value, at, stop, form, tag) for at in range(first, stop - _SMALLEST + 1, 2)
    )


def _is_chain(value: Bytes, at: int, stop: int, form: Form, previous: Tag) -> bool:
    """Whether `value` from `at` on is elements of ascending tags, to its very end."""
    while at < stop:
        if stop - at < _SMALLEST:
            return False
        tag, after = _step(value, at, stop, form)
        if tag <= previous or after > stop:
            return False
        previous, at = tag, after
    return True


def _step(value: Bytes, at: int, stop: int, form: Form) -> tuple[Tag, int]:
    """The tag at `at` and where its element ends; (0, 0) when there is no such element."""
    if form is Form.IMPLICIT_LE:
        group, element, length = IMPLICIT_HEAD.unpack_from(value, at)
        tag = group << 16 | element
        known = vr_of(tag) is not None and not length & 1
        return (tag, at + 8 + length) if known else (0, 0)
    group, element, code, length = EXPLICIT_HEADS[form].unpack_from(value, at)
    vr = VRS.get(code)
    if vr is None:
        return 0, 0
    tag = group << 16 | element
    if vr not in LONG_VRS:
        return tag, at + 8 + length
    if stop - at < 12:
        return 0, 0
    length = LENGTHS[form].unpack_from(value, at + 8)[0]
    return (tag, stop if length == UNDEFINED else at + 12 + length)
