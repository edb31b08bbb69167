"""A template narrowed to the series at hand: what the last files shared is literal too.

The elements that still vary are read in runs: one unpacking gives all literals and values up to the
next value whose length varies. What a narrow template lets pass, the template it was made from lets
pass too, with the same output; engine/narrowing.py makes them.
"""

import re
import struct
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

from dicomveil.dicom.part10 import PREAMBLE
from dicomveil.dicom.splice import Segment
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.gone import Gone
from dicomveil.engine.lonely import Lonely
from dicomveil.engine.original import Original
from dicomveil.engine.slots import Judge, Miss, Passes
from dicomveil.engine.verify import Stems
from dicomveil.errors import InvalidDicom

_CONTROL: Final = re.compile(rb"[\x00-\x1f]").search
# Whole numbers, then "#", then decimals: all so short that they are legal whatever else holds.
_NUMBERS: Final = re.compile(rb"(?:-?\d{1,8} ?\\)*#(?:\\-?\d{1,8}\.?\d{0,5} ?)*").fullmatch

Pick = Callable[[Sequence[bytes]], tuple[bytes, ...]]  # some of the values


class Run(NamedTuple):
    """Literals and values by turns, up to the length of a value that varies in length.

    Or up to a sequence that goes, of which the last literal has the first bytes already.
    """

    unpack: Callable[[bytes, int], tuple[Any, ...]]
    size: int
    expected: tuple[bytes, ...]  # the literals
    gone: Gone | None = None
    begun: int = 0  # bytes of the sequence that goes


class Stretch(NamedTuple):
    """Bytes that are written as they lie: from a place in one run to a place in another."""

    place: int  # in the frame
    first: int
    start: int
    last: int
    stop: int


class Frame(NamedTuple):
    """The length of a sequence or item around values that vary in length: it must be true."""

    value: int
    base: int  # what it is besides what varies
    inside: tuple[int, ...]


class Asked(NamedTuple):
    """A value that is asked about by itself."""

    value: int
    known: AbstractSet[bytes]
    passes: Passes


class Checks(NamedTuple):
    """What is asked of the values: of many at once first, and one by one where that fails."""

    frames: Sequence[Frame]
    others: Sequence[Asked]
    texts: Pick
    each_text: Sequence[Asked]
    integers: Pick
    decimals: Pick
    each_number: Sequence[Asked]

    def pass_(self, values: Sequence[Any]) -> bool:
        """Whether all values are such as the plain road would do the same with."""
        for value, base, inside in self.frames:
            length = base
            for n in inside:
                length += len(values[n])
            if values[value] != length:
                return False
        if not _all_pass(self.others, values):
            return False
        if _CONTROL(b"".join(self.texts(values))) and not _all_pass(self.each_text, values):
            return False
        numbers = b"\\".join((*self.integers(values), b"#", *self.decimals(values)))
        return _NUMBERS(numbers) is not None or _all_pass(self.each_number, values)


def _all_pass(asked: Sequence[Asked], values: Sequence[bytes]) -> bool:
    for n, known, passes in asked:
        value = values[n]
        if value not in known and not passes(value):
            return False
    return True


class Proof(NamedTuple):
    """What must not be left in the values that stay."""

    kept: Pick
    decimals: Pick
    stems: Stems
    written_uids: AbstractSet[bytes]  # all that is written like a UID for every file

    def holds(
        self, values: Sequence[bytes], replaced: Sequence[bytes], judged: tuple[bytes, ...] = ()
    ) -> bool:
        """Whether nothing of the patient, and none of the file's UIDs, can be left.

        `judged` is what is written for elements that were judged by themselves.
        """
        if not self.written_uids.isdisjoint(replaced):
            return False
        kept, decimals = self.kept(values) + judged, self.decimals(values)
        return not self.stems.left_in(b"\0".join(kept), b"\0".join(decimals), replaced)


class Read(NamedTuple):
    """What was read of a head."""

    values: list[bytes]
    places: list[int]  # where each run begins
    gone: list[bytes]  # UIDs of sequences that go


class Narrow(NamedTuple):
    """One series of one layout, ready to be tried on a head."""

    runs: Sequence[Run]
    last: Run
    frame: list[bytes]  # the output, with gaps for what varies
    stretches: Sequence[Stretch]
    uids: Sequence[tuple[int, int]]  # where in the frame, and which value
    lonely: Sequence[Lonely]
    instance: int  # which of `uids` is the SOP Instance UID; -1 when it does not vary
    series: int  # likewise
    meta: tuple[int, int]  # the SOP Instance UID of the file meta; only with `instance`
    checks: Checks
    proof: Proof | None
    like: Cleaned
    fixed_uids: tuple[tuple[bytes, bytes], ...]
    judge: Judge

    def apply(
        self, original: Original, tail_of: Callable[[Original, int], list[Segment] | None]
    ) -> Cleaned | None:
        """The object cleaned, or None when the template does not fit it exactly."""
        head = original.head
        values: list[bytes] = []
        places: list[int] = []
        gone: list[bytes] = []
        try:
            at = self._read(head, values, places, gone)
            if not at or not self.checks.pass_(values):
                return None
            tail = tail_of(original, at)
            if tail is None:
                return None
            return self._cleaned(head, Read(values, places, gone), tail)
        except (InvalidDicom, Miss, struct.error):
            return None

    def _read(self, head: bytes, values: list[bytes], places: list[int], uids: list[bytes]) -> int:
        """All that varies, and where each run begins; the place after the last, 0 for a miss."""
        at, odd = PREAMBLE, 0
        for unpack, size, expected, gone, begun in self.runs:
            fields = unpack(head, at)
            if fields[::2] != expected:
                return 0
            places.append(at)
            values += fields[1::2]
            start = at + size
            if gone is not None:
                at, its_uids = gone.fit(head, start - begun)
                if not at:
                    return 0
                uids += its_uids
                values.append(b"")
                continue
            at = start + fields[-1]
            odd |= at
            values[-1] = head[start:at]
        fields = self.last.unpack(head, at)
        if odd & 1 or fields[::2] != self.last.expected:
            return 0
        places.append(at)
        values += fields[1::2]
        return at + self.last.size

    def _cleaned(self, head: bytes, read: Read, tail: list[Segment]) -> Cleaned | None:
        values, places, gone = read
        out = self.frame.copy()
        replaced: list[bytes] = []
        new: list[bytes] = []
        known, uid_of = self.judge.known, self.judge.uid
        for place, n in self.uids:
            value = values[n].rstrip(b"\0 ")
            replaced.append(value)
            uid = known.get(value) or uid_of(value)
            new.append(uid)
            out[place] = uid
        like = self.like
        sop = like.sop_uid
        if self.instance >= 0:
            place, n = self.meta
            if values[n].rstrip(b"\0 ") != replaced[self.instance]:
                return None
            out[place] = new[self.instance]
            sop = new[self.instance].decode()
        judged = self._judged(head, read, out) if self.lonely else ()
        if self.proof is not None and not self.proof.holds(values, replaced + gone, judged):
            return None
        for place, first, start, last, stop in self.stretches:
            out[place] = head[places[first] + start : places[last] + stop]
        if isinstance(tail[0], bytes):
            out.append(tail.pop())  # type: ignore[arg-type]  # it was just looked at
        return Cleaned(
            [b"".join(out), *tail],
            like.patient_id,
            like.study_uid,
            new[self.series].decode() if self.series >= 0 else like.series_uid,
            sop,
            like.sop_class,
            like.illegal,
            None,
            self.fixed_uids + tuple(zip(replaced, new, strict=True)),
            like.patient,
        )

    def _judged(self, head: bytes, read: Read, out: list[bytes]) -> tuple[bytes, ...]:
        """What is written for the elements that are judged by themselves, put in its places."""
        judged = []
        for lonely in self.lonely:
            end = read.places[lonely.run + 1]
            output = lonely.output(head, read.values[lonely.value], end, self.judge)
            out[lonely.place] = output
            judged.append(output)
        return tuple(judged)
