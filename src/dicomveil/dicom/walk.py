"""Walk a data set: every element in the order it lies, items included, as spans of the bytes.

The walk never reads a value, never guesses, and raises Truncated, Malformed or TooDeep naming the
element's path and the byte: nothing else. `READERS` at the end picks the head reader by form.
A known tag that arrives as UN has the dictionary's VR; a UN that is a sequence is implicit VR
little endian inside (PS3.5 §6.2.2).
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from dicomveil.dicom.dictionary import vr_of
from dicomveil.dicom.elements import Element, path_of
from dicomveil.dicom.forms import (
    EXPLICIT_HEADS,
    IMPLICIT_HEAD,
    LENGTHS,
    SHORT_CODES,
    TAGS,
    UNDEFINED,
    VRS,
    Form,
)
from dicomveil.dicom.tags import ITEM, ITEM_END, PIXEL_DATA, SEQUENCE_END, Tag, tag_text
from dicomveil.errors import Malformed, TooDeep, Truncated

Bytes = bytes | memoryview
MAX_DEPTH: Final = 64
_HEAD: Final = 8
_LONG_HEAD: Final = 12
_FRAGMENTS_A_BREATH: Final = 4096
_FRAGMENTED: Final = frozenset({"OB", "OW"})
_HOLDING: Final = frozenset({"SQ", "UN"})
_DELIMITERS: Final = 0xFFFE


class Head(NamedTuple):
    """An element's head as it is written."""

    tag: Tag
    vr: str
    value: int
    length: int


def walk(
    data: Bytes,
    form: Form,
    start: int = 0,
    *,
    depth: int = MAX_DEPTH,
    breathe: Callable[[], None] | None = None,
) -> list[Element]:
    """Every element from `start` to the end of the data set, in order, items included.

    The end is that of `data`, or where padding of zeros or bytes after the pixel data begin: the
    last top-level element's `end` says where. `breathe` is called between stretches of pixel data
    fragments, so that a mapped file's pages can be let go. Raises Truncated, Malformed, TooDeep.
    """
    walker = _Walker(data, len(data), depth, breathe or _nothing)
    walker.elements(start, len(data), None, form)
    return walker.found


def walk_into(
    found: list[Element], data: Bytes, form: Form, start: int, breathe: Callable[[], None]
) -> None:
    """Walk as `walk` does, into `found`: after an error, all that was read before it is there.

    A sequence or item that the error kept from its end is left with an `end` below 0.
    """
    walker = _Walker(data, len(data), MAX_DEPTH, breathe, found)
    walker.elements(start, len(data), None, form)


def walk_element(data: Bytes, at: int, form: Form) -> list[Element]:
    """The one top-level element that begins at `at`, and all that lies in it."""
    stop = len(data)
    walker = _Walker(data, stop, MAX_DEPTH, _nothing)
    if form is Form.IMPLICIT_LE:
        head = _implicit_head(data, at, stop, None)
    else:
        head = explicit_head(data, at, stop, None, form)
    walker.element(head, at, stop, None, form)
    return walker.found


def fragments_end(data: Bytes, at: int, breathe: Callable[[], None]) -> int:
    """Where encapsulated pixel data whose first fragment is at `at` ends, delimiter included.

    `breathe` is called between stretches of fragments, as in `walk`.
    """
    form = Form.EXPLICIT_LE
    pixels = Element(PIXEL_DATA, "OB", at, at, -1, -2, None, form)
    _Walker(data, len(data), MAX_DEPTH, breathe).fragments(pixels, len(data))
    return pixels.end


def _nothing() -> None:
    """Take no breath."""


class _Walker:
    __slots__ = ("breathe", "data", "depth", "found", "level", "size")

    def __init__(
        self,
        data: Bytes,
        size: int,
        depth: int,
        breathe: Callable[[], None],
        found: list[Element] | None = None,
    ) -> None:
        self.data = data
        self.size = size
        self.depth = depth
        self.breathe = breathe
        self.found: list[Element] = [] if found is None else found
        self.level = 0

    def elements(self, at: int, stop: int, holder: Element | None, form: Form) -> int:
        """Read elements until `stop`, or until the delimiter of an item of undefined length."""
        read = self._implicit if form is Form.IMPLICIT_LE else self._explicit
        at = read(at, stop, holder, form)
        if holder is not None and holder.end < 0:  # no delimiter has closed it
            raise Truncated("the item has no end", path=holder.path, offset=at)
        return at

    def _explicit(self, at: int, stop: int, holder: Element | None, form: Form) -> int:
        """Read elements that say their VR; the commonest, of a short VR, without another call."""
        data, note = self.data, self.found.append
        unpack = EXPLICIT_HEADS[form].unpack_from
        previous = -1
        while at < stop:
            if holder is None and _is_after_the_end(data, at, previous):
                return at
            if stop - at < _HEAD:
                raise _cut_head(holder, at)
            group, number, code, length = unpack(data, at)
            vr = SHORT_CODES.get(code)
            if vr is None or group == _DELIMITERS:
                head = _long_head(data, at, stop, holder, form)
                if group == _DELIMITERS:
                    return self._item_end(head, at, holder)
                previous = _ascending(head, previous, at, holder)
                at = self.element(head, at, stop, holder, form)
                continue
            tag = group << 16 | number
            value = at + _HEAD
            end = value + length
            if tag <= previous or length & 1 or end > stop:
                head = Head(tag, vr, value, length)
                _ascending(head, previous, at, holder)
                _check_length(head, at, stop, holder)
            note(Element(tag, vr, at, value, end, end, holder, form))
            previous, at = tag, end
        return at

    def _implicit(self, at: int, stop: int, holder: Element | None, form: Form) -> int:
        """Read elements whose VR the dictionary knows."""
        data, note = self.data, self.found.append
        previous = -1
        while at < stop:
            if holder is None and _is_after_the_end(data, at, previous):
                return at
            head = _implicit_head(data, at, stop, holder)
            if head.tag >> 16 == _DELIMITERS:
                return self._item_end(head, at, holder)
            previous = _ascending(head, previous, at, holder)
            tag, vr, value, length = head
            if vr in _HOLDING or length == UNDEFINED:
                at = self.element(head, at, stop, holder, form)
                continue
            _check_length(head, at, stop, holder)
            end = value + length
            note(Element(tag, vr, at, value, end, end, holder, form))
            at = end
        return at

    def element(self, head: Head, at: int, stop: int, holder: Element | None, form: Form) -> int:
        """Note one element of any kind, and what lies in it; the byte after it."""
        tag, wire_vr, value, length = head
        vr = (vr_of(tag) or "UN") if wire_vr == "UN" else wire_vr
        inside = Form.IMPLICIT_LE if wire_vr == "UN" else form
        if length != UNDEFINED:
            _check_length(head, at, stop, holder)
            end = value + length
            element = Element(tag, vr, at, value, end, end, holder, form)
            self.found.append(element)
            if vr == "SQ":
                self._items(element, end, inside)
            return end
        element = Element(tag, vr, at, value, -1, -2, holder, form)
        self.found.append(element)
        if vr in _FRAGMENTED and wire_vr != "UN":
            self.fragments(element, stop)
        elif vr in _HOLDING:
            element.vr = "SQ"
            self._items(element, stop, inside)
        else:
            raise Malformed(
                "only sequences and pixel data have no length", path=element.path, offset=at
            )
        return element.end

    def _items(self, sequence: Element, stop: int, form: Form) -> None:
        """Read the items of a sequence, and learn where it ends."""
        self.level += 1
        if self.level > self.depth:
            raise TooDeep(
                f"sequences are nested deeper than {self.depth}",
                path=sequence.path,
                offset=sequence.start,
            )
        at = sequence.value
        index = 0
        while sequence.undefined or at < stop:
            tag, length = self._item_head(at, stop, sequence, form)
            if tag == SEQUENCE_END:
                self._close(sequence, at, length)
                break
            item = Element(ITEM, "", at, at + _HEAD, -1, -2, sequence, form, index)
            self.found.append(item)
            at = self._item(item, length, stop, form)
            index += 1
        self.level -= 1

    def _item(self, item: Element, length: int, stop: int, form: Form) -> int:
        """Read the elements of one item; the byte after it."""
        if length == UNDEFINED:
            return self.elements(item.value, stop, item, form)
        item.stop = item.end = item.value + length
        if item.end > stop:
            raise Truncated(
                f"needs {length} bytes, {stop - item.value} are left",
                path=item.path,
                offset=item.start,
            )
        return self.elements(item.value, item.end, item, form)

    def _item_head(self, at: int, stop: int, sequence: Element, form: Form) -> tuple[Tag, int]:
        """The tag and length of an item or of a sequence's delimiter."""
        if stop - at < _HEAD:
            raise Truncated("the sequence has no end", path=sequence.path, offset=at)
        group, element = TAGS[form].unpack_from(self.data, at)
        length: int = LENGTHS[form].unpack_from(self.data, at + 4)[0]
        tag = group << 16 | element
        if tag == ITEM or (tag == SEQUENCE_END and sequence.undefined):
            return tag, length
        raise Malformed("an item was expected", path=sequence.path, offset=at)

    def _item_end(self, head: Head, at: int, holder: Element | None) -> int:
        """The byte after an item's delimiter; Malformed when none is due."""
        if head.tag != ITEM_END or holder is None or not holder.undefined:
            raise Malformed(
                "a delimiter where none is due", path=_join(holder, head.tag), offset=at
            )
        self._close(holder, at, head.length)
        return holder.end

    def _close(self, element: Element, at: int, length: int) -> None:
        """Let an element of undefined length end at the delimiter at `at`."""
        if length:
            raise Malformed("the delimiter has a length", path=element.path, offset=at)
        element.stop, element.end = at, at + _HEAD

    def fragments(self, element: Element, stop: int) -> None:
        """Check the chain of fragments of encapsulated pixel data (PS3.5 §A.4)."""
        at = element.value
        count = 0
        while True:
            tag, length = self._item_head(at, stop, element, element.form)
            if tag == SEQUENCE_END:
                self._close(element, at, length)
                return
            at += _HEAD + length
            if length == UNDEFINED or length & 1 or at > stop:
                raise Truncated("a fragment does not fit", path=element.path, offset=at)
            count += 1
            if count % _FRAGMENTS_A_BREATH == 0:
                self.breathe()


def explicit_head(data: Bytes, at: int, stop: int, holder: Element | None, form: Form) -> Head:
    """The head of an element that says its VR, of any length; raises Truncated and Malformed."""
    if stop - at < _HEAD:
        raise _cut_head(holder, at)
    group, number, code, length = EXPLICIT_HEADS[form].unpack_from(data, at)
    vr = SHORT_CODES.get(code)
    if vr is None or group == _DELIMITERS:
        return _long_head(data, at, stop, holder, form)
    return Head(group << 16 | number, vr, at + _HEAD, length)


def _long_head(data: Bytes, at: int, stop: int, holder: Element | None, form: Form) -> Head:
    """The head of an element with a 32-bit length, or of an item or delimiter."""
    group, number, code, _ = EXPLICIT_HEADS[form].unpack_from(data, at)
    tag = group << 16 | number
    if group == _DELIMITERS:
        return Head(tag, "", at + _HEAD, LENGTHS[form].unpack_from(data, at + 4)[0])
    vr = VRS.get(code)
    if vr is None:
        raise Malformed("the VR is not one of PS3.5", path=_join(holder, tag), offset=at)
    if stop - at < _LONG_HEAD:
        raise _cut_head(holder, at)
    return Head(tag, vr, at + _LONG_HEAD, LENGTHS[form].unpack_from(data, at + 8)[0])


def _implicit_head(data: Bytes, at: int, stop: int, holder: Element | None) -> Head:
    """The head of an element whose VR the dictionary knows, or UN."""
    if stop - at < _HEAD:
        raise _cut_head(holder, at)
    group, number, length = IMPLICIT_HEAD.unpack_from(data, at)
    tag = group << 16 | number
    vr = vr_of(tag) or "UN"
    if length == UNDEFINED and vr == "UN":
        vr = "SQ"
    return Head(tag, vr, at + _HEAD, length)


def _ascending(head: Head, previous: Tag, at: int, holder: Element | None) -> Tag:
    """The tag, when it comes after the one before it (PS3.5 §7.1)."""
    if head.tag <= previous:
        raise Malformed(
            "the tag does not come after the one before it",
            path=_join(holder, head.tag),
            offset=at,
        )
    return head.tag


def _check_length(head: Head, at: int, stop: int, holder: Element | None) -> None:
    """Raise Truncated for a value that goes beyond `stop`, Malformed for an odd length."""
    left = stop - head.value
    if head.length > left:
        raise Truncated(
            f"needs {head.length} bytes, {left} are left", path=_join(holder, head.tag), offset=at
        )
    if head.length & 1:
        raise Malformed("the length is odd", path=_join(holder, head.tag), offset=at)


def _cut_head(holder: Element | None, at: int) -> Truncated:
    path = path_of(holder) if holder else ""
    return Truncated("the file ends inside an element's head", path=path, offset=at)


def _is_after_the_end(data: Bytes, at: int, previous: Tag) -> bool:
    """Whether what lies at `at` is no element any more but padding or a tail.

    Zeros are padding; after the pixel data anything is a tail that does not begin like the few
    groups that may still come: private 7FE1 and on, (FFFA,FFFA), (FFFC,FFFC).
    """
    if data[at] == 0 or previous >= PIXEL_DATA:
        rest = len(data) - at
        if rest >= _HEAD or previous >= PIXEL_DATA:
            if bytes(data[at : at + _HEAD]).strip(b"\0") == b"" and _all_zero(data, at):
                return True
            return previous >= PIXEL_DATA and bytes(data[at : at + 2]) not in _AFTER_PIXELS
    return False


_AFTER_PIXELS: Final = frozenset(
    {b"\xfa", b"\xfa\xff", b"\xfc", b"\xfc\xff", b"\xff", b"\xff\xfa", b"\xff\xfc"}
    | {b"\xe1", b"\xe1\x7f", b"\x7f", b"\x7f\xe1", b"\xe0\x7f", b"\xe0", b"\x7f\xe0"}
)


def _all_zero(data: Bytes, at: int) -> bool:
    """Whether every byte from `at` on is zero, looked at by pieces."""
    piece = 1 << 16
    return not any(bytes(data[i : i + piece]).strip(b"\0") for i in range(at, len(data), piece))


def _join(holder: Element | None, tag: Tag) -> str:
    """The path of the element of this tag in this item."""
    return f"{path_of(holder)} > {tag_text(tag)}" if holder else tag_text(tag)
