"""What a profile would do over many objects, told by tag: counts, never values.

Distinct values are counted by short hashes, up to a bound, so that memory does not grow with the
tree. Private elements are told by group and element alone: their creators may be anything.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from dicomveil.dicom.hashing import blake2b
from dicomveil.dicom.tags import Tag, tag_text
from dicomveil.engine.fate import Fate, Fates, What

MOST_DISTINCT: Final = 10_000
MOST_TAGS: Final = 10_000


class Told(NamedTuple):
    """What would become of the elements of one tag."""

    tag: Tag
    values: int
    before: int  # distinct values
    after: int
    fates: dict[str, int]
    rules: dict[str, int]


class _Tag:
    """The counts of one tag."""

    __slots__ = ("after", "before", "count", "fates", "rules")

    def __init__(self) -> None:
        self.count = 0
        self.before: set[bytes] = set()
        self.after: set[bytes] = set()
        self.fates: Counter[What] = Counter()
        self.rules: Counter[str] = Counter()

    def add(self, fate: Fate) -> None:
        """Count one element."""
        self.count += 1
        self.fates[fate.what] += 1
        self.rules[f"{fate.name} [{fate.origin}]"] += 1
        _note(self.before, fate.before)
        if fate.what in (What.KEPT, What.REPLACED):
            _note(self.after, fate.after)


class Census:
    """The counts of all objects seen."""

    def __init__(self) -> None:
        """Nothing is seen yet."""
        self._tags: dict[Tag, _Tag] = {}
        self.quarantined: Counter[str] = Counter()
        self.objects = 0

    def add(self, fates: Fates) -> None:
        """Count what becomes of one object's elements."""
        self.objects += 1
        if fates.refused is not None:
            self.quarantined[fates.refused.code] += 1
        for fate in fates.fates:
            tag = fate.element.tag
            if tag in self._tags or len(self._tags) < MOST_TAGS:
                self._tags.setdefault(tag, _Tag()).add(fate)

    def told(self) -> Iterator[Told]:
        """The counts of each tag, in order."""
        for tag, one in sorted(self._tags.items()):
            fates = {what.value: count for what, count in one.fates.items()}
            yield Told(tag, one.count, len(one.before), len(one.after), fates, dict(one.rules))

    def lines(self) -> Iterator[str]:
        """A line for each tag."""
        for one in self.told():
            fates = ", ".join(f"{n:,} {what}" for what, n in one.fates.items())
            distinct = f"{_bounded(one.before)} -> {_bounded(one.after)} distinct"
            rules = "; ".join(sorted(one.rules))
            yield f"{tag_text(one.tag)}  {one.values:,} values: {fates}; {distinct}  {rules}"


def _bounded(count: int) -> str:
    return f"{count:,}" + ("+" if count >= MOST_DISTINCT else "")


def _note(seen: set[bytes], value: str) -> None:
    if value and len(seen) < MOST_DISTINCT:
        seen.add(blake2b(value.encode("utf-8", "replace"), digest_size=8).digest())
