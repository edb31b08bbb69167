"""Job numbers as people write them: `1 2 5-9` and `1,2,5-9` alike."""

import re
from collections.abc import Iterable

from dicomveil.errors import Unusable

MOST = 100_000
_RANGE = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,15}))?")


def parse_ids(words: Iterable[str]) -> tuple[int, ...]:
    """The numbers, sorted, each once; MappingError says what a word should be."""
    found: set[int] = set()
    for word in words:
        for part in re.split(r"[,\s]+", word.strip(", ")):
            found |= set(_span(part))
            if len(found) > MOST:
                raise Unusable(f"more than {MOST} job ids")
    return tuple(sorted(found))


def _span(part: str) -> range:
    match = _RANGE.fullmatch(part)
    if match is None:
        raise Unusable("a job id is a number or a range, like 12 or 5-9 or 1,2,5-9")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise Unusable(f"the range {part} counts down; write {last}-{first}")
    if last - first >= MOST:
        raise Unusable(f"the range {part} has more than {MOST} job ids")
    return range(first, last + 1)
