"""Open files that are framed like the one before: all of the file meta the same but the instance.

`open_part10` says how a file is framed. In a series, preamble and file meta differ from file to
file in the SOP Instance UID and in what its length changes; then two comparisons say the same.
"""

from dicomveil.dicom.part10 import MEDIA_SOP_INSTANCE, PREAMBLE, PREFIX, Part10, open_part10
from dicomveil.dicom.walk import Bytes

_PREFIXED = PREAMBLE + len(PREFIX)
_LENGTH_HEAD = 8  # the group length's tag, VR and length; its value follows
_LENGTH_END = _PREFIXED + 12
_HEAD = 8


class Frames:
    """Opens file after file, and remembers the frame of the last one."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._part10: Part10 | None = None
        self._length_head = b""
        self._before = b""  # from the group length's end to the instance UID's length
        self._after = b""  # what follows the instance UID

    def framed(self, head: Bytes) -> Part10 | None:
        """How a file of the remembered frame is framed; None for any other.

        It has no elements of the file meta: whoever needs them opens the file.
        """
        part10 = self._part10
        if part10 is None or not isinstance(head, bytes):
            return None
        at = _LENGTH_END + len(self._before)
        same = head.startswith(self._length_head, PREAMBLE) and head.startswith(
            self._before, _LENGTH_END
        )
        if not same or len(head) < at + 2:
            return None
        length = int.from_bytes(head[at : at + 2], "little")
        end = at + 2 + length
        if length & 1 or not head.startswith(self._after, end):
            return None
        start = end + len(self._after)
        said = int.from_bytes(head[_LENGTH_END - 4 : _LENGTH_END], "little")
        return part10._replace(start=start) if said == start - _LENGTH_END else None

    def open(self, head: Bytes, size: int) -> Part10:
        """What `open_part10` says; remembered when the next file may be framed like this one."""
        part10 = open_part10(head, size)
        self._part10 = None
        meta = part10.meta
        instance = next((e for e in meta if e.tag == MEDIA_SOP_INSTANCE), None)
        plain = instance is not None and part10.prefixed and meta[0].end == _LENGTH_END
        if instance is not None and plain and part10.start <= len(head):
            self._length_head = bytes(head[PREAMBLE : _PREFIXED + _LENGTH_HEAD])
            self._before = bytes(head[_LENGTH_END : instance.start + _HEAD - 2])
            self._after = bytes(head[instance.end : part10.start])
            self._part10 = part10._replace(meta=(), media_sop_instance="")
        return part10
