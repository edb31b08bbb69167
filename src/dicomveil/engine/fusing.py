"""Fuse a template's elements that do not vary within a series into its literals."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from operator import itemgetter
from struct import Struct
from typing import Final, NamedTuple

from dicomveil.dicom.part10 import PREFIX
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.identity import SHORTEST_UID
from dicomveil.engine.lonely import Lonely
from dicomveil.engine.narrow import Asked, Checks, Frame, Narrow, Pick, Proof, Run, Stretch
from dicomveil.engine.slots import Check, Doing, Found
from dicomveil.engine.template import Step, Template, uids_written
from dicomveil.engine.verify import Stems, as_text

_LONG: Final = 4  # bytes of a long length field
_KEPT: Final = (Doing.KEEP, Doing.KEEP_DECIMAL)


class Place(NamedTuple):
    """Where the varying element of a step lies in one head."""

    at: int  # its length field
    start: int  # its value
    stop: int


class Varying(NamedTuple):
    """Which steps of a template vary within a series."""

    steps: AbstractSet[int]
    loose: AbstractSet[int]  # of them, those whose values vary in length
    frames: Mapping[int, list[int]]  # and the lengths around these, with what is loose inside


class Fusing:
    """The making of one narrow template: literals are gathered until the next varying element."""

    def __init__(
        self,
        template: Template,
        head: bytes,
        places: Sequence[Place],
        varying: Varying,
    ) -> None:
        """Begin with a head that the template fits, and where its steps' elements lie in it."""
        self._template = template
        self._head = head
        self._places = places
        self._varying, self._loose, self._frames = varying
        self._value: dict[int, int] = {}  # step to value
        self._runs: list[Run] = []
        self._format: list[str] = []
        self._expected: list[bytes] = []
        self._size = len(PREFIX)  # of the run at hand
        self._literal = bytearray(PREFIX)
        self._frame: list[bytes] = []
        self._stretches: list[Stretch] = []
        self._gap_read = bytearray(PREFIX)  # since the last varying element
        self._gap_written = bytearray()
        self._joins = False  # whether the last stretch ends where the gap begins
        self._uids: list[tuple[int, int]] = []
        self._lonely: list[Lonely] = []
        self._named: dict[str, int] = {}  # sop and series: which of the UIDs
        self._meta = (-1, -1)
        self._fixed = Found()
        self._constant: list[bytes] = []  # values that are written for every file

    def made(self, like: Cleaned) -> Narrow | None:
        """The narrow template; `like` is what the template made of the head."""
        for n, step in enumerate(self._template.steps):
            self._add(n, step)
        self._read(self._template.last.expected)
        self._gap_written += self._template.last.written
        self._frame.append(bytes(self._gap_written))
        self._close_literal()
        if ("sop" in self._named) != (self._meta != (-1, -1)):
            return None
        fixed = tuple(zip(self._fixed.replaced, self._fixed.new, strict=True))
        return Narrow(
            runs=self._runs,
            last=self._run("<"),
            frame=self._frame,
            stretches=self._stretches,
            uids=self._uids,
            lonely=self._lonely,
            instance=self._named.get("sop", -1),
            series=self._named.get("series", -1),
            meta=self._meta,
            checks=self._checks(),
            proof=self._proof() if self._template.verified else None,
            like=replace(like, segments=[], report=None, changed_uids=()),
            fixed_uids=(*self._template.fixed_uids, *fixed),
            judge=self._template.judge,
        )

    def _add(self, n: int, step: Step) -> None:
        """One step: its literal, and its element as a literal or as what varies."""
        at, start, stop = self._places[n]
        self._read(step.expected)
        self._gap_written += step.written
        if n not in self._varying:
            self._read(self._head[at:stop])
            self._gap_written += self._fixed_output(step, at, start, stop)
            return
        self._begin(step)
        self._value[n] = len(self._value)
        if step.slot.gone is not None:
            self._end_run_at_gone(step)
        elif n in self._loose:
            self._end_run(step)
        elif step.doing == Doing.OPEN:
            self._close_literal()
            self._format.append("L")
            self._size += step.width
        else:
            self._read(self._head[at:start])
            self._fixed_value(stop - start)
        if step.doing in _KEPT:
            last = self._stretches[-1]
            self._stretches[-1] = last._replace(last=len(self._runs), stop=self._size)
            self._gap_read.clear()
            self._joins = True
        else:
            self._joins = False

    def _begin(self, step: Step) -> None:
        """What is written for an element that varies: a stretch as it lies, or a gap."""
        if step.doing in _KEPT:
            self._begin_stretch(step.opening)
        elif step.doing == Doing.NEW_UID:
            self._uid(step)
        elif step.slot.lone is not None:
            self._alone(step)

    def _fixed_output(self, step: Step, at: int, start: int, stop: int) -> bytes:
        """What is written for an element that is the same in all files of the series."""
        head, fixed = self._head, self._fixed
        if step.doing in _KEPT:
            self._constant.append(head[start:stop])
            return head[at - step.opening : stop]
        if step.doing == Doing.NEW_UID:
            old = head[start:stop].rstrip(b"\0 ")
            new = self._template.judge.names.uid(old)
            fixed.replaced.append(old)
            fixed.new.append(new)
            return new
        if step.doing == Doing.JUDGE:
            _, output = self._template.judge.judge(head, at - step.opening, step.slot, fixed)
            self._constant.append(output)
            return output
        return b""

    def _read(self, literal: bytes) -> None:
        self._literal += literal
        self._gap_read += literal
        self._size += len(literal)

    def _close_literal(self) -> None:
        self._format.append(f"{len(self._literal)}s")
        self._expected.append(bytes(self._literal))
        self._literal.clear()

    def _fixed_value(self, length: int) -> None:
        """A value of a length that is literal too."""
        self._close_literal()
        self._format.append(f"{length}s")
        self._size += length

    def _end_run(self, step: Step) -> None:
        """The length field that ends a run."""
        self._close_literal()
        self._format.append("L" if step.width == _LONG else "H")
        self._size += step.width
        self._runs.append(self._run(step.slot.length.format[:1]))

    def _end_run_at_gone(self, step: Step) -> None:
        """A sequence that goes ends the run, whatever its length."""
        self._close_literal()
        run = self._run("<")
        self._runs.append(run._replace(gone=step.slot.gone, begun=step.opening))

    def _run(self, order: str) -> Run:
        layout = Struct(order + "".join(self._format))
        run = Run(layout.unpack_from, layout.size, tuple(self._expected))
        self._format, self._expected, self._size = [], [], 0
        return run

    def _begin_stretch(self, opening: int) -> None:
        """Begin an element that is written as it lies, joined to the last one if all between is."""
        between = bytes(self._gap_read[: len(self._gap_read) - opening])
        if self._joins and between == self._gap_written:
            self._gap_written.clear()
            return
        self._frame += [bytes(self._gap_written), b""]
        self._gap_written.clear()
        here = len(self._runs), self._size - opening
        self._stretches.append(Stretch(len(self._frame) - 1, *here, *here))

    def _uid(self, step: Step) -> None:
        """A gap for a new UID."""
        self._frame += [bytes(self._gap_written), b""]
        self._gap_written.clear()
        gap = len(self._frame) - 1, len(self._value)
        if step.slot.meaning == "meta":
            self._meta = gap
            return
        if step.slot.meaning:
            self._named[step.slot.meaning] = len(self._uids)
        self._uids.append(gap)

    def _alone(self, step: Step) -> None:
        """A gap for an element that is judged by itself."""
        self._frame += [bytes(self._gap_written), b""]
        self._gap_written.clear()
        gap, value, run = len(self._frame) - 1, len(self._value), len(self._runs)
        opening = step.opening + step.width
        self._lonely.append(Lonely(gap, value, run, opening, step.slot, {}))

    def _checks(self) -> Checks:
        steps, value = self._template.steps, self._value
        by: dict[Check, list[Asked]] = {check: [] for check in Check}
        for n, at in value.items():
            step = steps[n]
            if step.doing in (*_KEPT, Doing.REPLACE):
                check = step.slot.check
                steady = check is Check.LENGTH and n not in self._loose
                if not steady:
                    grouped = check if check is not Check.LENGTH else Check.OWN
                    by[grouped].append(Asked(at, step.known, step.passes))
        return Checks(
            frames=[
                self._frame_of(n, [value[k] for k in inside]) for n, inside in self._frames.items()
            ],
            others=by[Check.OWN],
            texts=_pick([a.value for a in by[Check.CONTROL]]),
            each_text=by[Check.CONTROL],
            integers=_pick([a.value for a in by[Check.INTEGER]]),
            decimals=_pick([a.value for a in by[Check.DECIMAL]]),
            each_number=by[Check.INTEGER] + by[Check.DECIMAL],
        )

    def _frame_of(self, n: int, inside: list[int]) -> Frame:
        """The frame of step n, with what its length is besides what varies."""
        step, at = self._template.steps[n], self._places[n].at
        length = step.length(self._head, at)[0]
        of_loose = (self._places[k] for k in self._frames[n])
        base = length - sum(place.stop - place.start for place in of_loose)
        return Frame(self._value[n], base, tuple(inside))

    def _proof(self) -> Proof:
        template, steps = self._template, self._template.steps
        kept = [at for n, at in self._value.items() if steps[n].doing == Doing.KEEP]
        decimals = [at for n, at in self._value.items() if steps[n].doing == Doing.KEEP_DECIMAL]
        old = {*self._fixed.replaced, *self._fixed.uids}
        gone = [as_text(uid) for uid in old if len(uid) >= SHORTEST_UID]
        return Proof(
            kept=_pick(kept),
            decimals=_pick(decimals),
            stems=Stems((*template.stems.words, *gone), (*template.stems.numbers, *gone)),
            written_uids=template.written_uids | uids_written(self._constant),
        )


def _pick(values: Sequence[int]) -> Pick:
    """What gives these of the values, always as a tuple."""
    if not values:
        return lambda _all: ()
    if len(values) == 1:
        only = values[0]
        return lambda all_: (all_[only],)
    return itemgetter(*values)
