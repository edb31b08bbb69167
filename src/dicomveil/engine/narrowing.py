"""Make narrow templates from files that a template fitted.

Two files of one series show which of the template's varying elements vary within a series, and
which of them in length. A new series has other values in the same places: its narrow template is
made of its first file.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from dicomveil.dicom.walk import walk_element
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.fusing import Fusing, Place, Varying
from dicomveil.engine.narrow import Narrow
from dicomveil.engine.original import Original
from dicomveil.engine.slots import Doing, Slot
from dicomveil.engine.template import PREFIX_END, Step, Template

_COST: Final = 24  # hits that pay for one making
_MOST_CREDIT: Final = 8 * _COST
_NEVER: Final = -(1 << 62)


class Narrowing:
    """One template, and the narrow one made of it for the series at hand."""

    def __init__(self, template: Template, other: "Narrowing | None" = None) -> None:
        """Begin with the template, and what is known of another of the same layout."""
        self.template = template
        self._narrow: Narrow | None = None
        self.hits = 0  # of narrow templates, in all
        self._paid = 0  # of these hits, those that paid for a making
        self._credit = _MOST_CREDIT
        self._before: list[bytes] = []
        self.varying: set[int] = set()
        self.loose: set[int] = set()
        if other is not None and _heads(other.template) == _heads(template):
            self.varying, self.loose = set(other.varying), set(other.loose)

    def apply(self, original: Original) -> Cleaned | None:
        """The object cleaned, or None when the template does not fit it exactly."""
        template = self.template
        if self._narrow is not None:
            found = self._narrow.apply(original, template.tail)
            if found is not None:
                self.hits += 1
                return found
        found = template.apply(original)
        if found is not None:
            self._narrow = self._narrowed(original.head, found)
        return found

    def _narrowed(self, head: bytes, like: Cleaned) -> Narrow | None:
        """A narrow template for files like this one, which gave `like`; None when not worth it."""
        self._credit = min(self._credit + self.hits - self._paid + 1, _MOST_CREDIT)
        self._paid = self.hits
        if self._credit < _COST:
            return None
        places = list(_places(self.template, head))
        values = [head[place.at : place.stop] for place in places]
        before, self._before = self._before, values
        if before and self._one_series(before, values):
            self._widen(before, values)
        if not self.varying:
            return None
        self._credit -= _COST
        return self._made(head, places, like)

    def _one_series(self, before: Sequence[bytes], values: Sequence[bytes]) -> bool:
        """Whether the files do not differ in their Series Instance UID."""
        return not any(
            step.slot.meaning == "series" and old != new
            for step, old, new in zip(self.template.steps, before, values, strict=True)
        )

    def _widen(self, before: Sequence[bytes], values: Sequence[bytes]) -> None:
        """Note which elements vary within a series, and which of them in length."""
        for n, (old, new) in enumerate(zip(before, values, strict=True)):
            if old != new and self.template.steps[n].doing != Doing.OPEN:
                self.varying.add(n)
                if len(old) != len(new):
                    self.loose.add(n)

    def _made(self, head: bytes, places: Sequence[Place], like: Cleaned) -> Narrow | None:
        steps = self.template.steps
        judged = {n for n in self.varying if steps[n].doing == Doing.JUDGE}
        if not all(_is_easy(steps[n].slot) for n in judged):
            self._credit = _NEVER  # such an element must be walked
            return None
        loose = self.loose | {n for n in judged if steps[n].slot.gone is None}
        frames = _frames(steps, loose)
        varying = Varying(self.varying | frames.keys(), loose, frames)
        return Fusing(self.template, head, places, varying).made(like)


def _is_easy(slot: Slot) -> bool:
    """Whether what is judged goes whatever it is, or is judged by itself and may have any size."""
    return slot.gone is not None or (slot.lone is not None and slot.size == -1)


def _heads(template: Template) -> list[bytes]:
    return [step.slot.head for step in template.steps]


def _places(template: Template, head: bytes) -> Iterator[Place]:
    """Where each step's element lies in a head that the template fits."""
    at = PREFIX_END
    for step in template.steps:
        at += step.size
        if step.doing == Doing.CLOSE:
            yield Place(at, at, at)
            continue
        start = at + step.width
        if step.doing == Doing.OPEN:
            stop = start
        elif step.doing == Doing.JUDGE:
            stop = walk_element(head, at - step.opening, step.slot.form)[0].end
        else:
            stop = start + step.length(head, at)[0]
        yield Place(at, start, stop)
        at = stop


def _frames(steps: Sequence[Step], loose: set[int]) -> dict[int, list[int]]:
    """The sequences and items around values that vary in length, and these values."""
    frames: dict[int, list[int]] = {}
    around: list[int] = []
    for n, step in enumerate(steps):
        if step.doing == Doing.OPEN:
            around.append(n)
        elif step.doing == Doing.CLOSE:
            around.pop()
        elif n in loose:
            for frame in around:
                frames.setdefault(frame, []).append(n)
    return frames
