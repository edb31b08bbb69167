"""How an identifying shape is said: a pattern, and what else must hold of what it matches.

Patterns read folded text: figures are ASCII, letters lower case and without accents. Every
repetition is bounded, so a search is linear in the text. The group `it` goes, or the whole match
where there is none.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple

Match = re.Match[str]

# Neither a letter nor a figure before, or after; the low line is a separator, as in protocols.
BEFORE: Final = r"(?<![^\W_])"
AFTER: Final = r"(?![^\W_])"


def always(_match: Match) -> bool:
    """Whether a match counts of which nothing else is asked."""
    return True


class Shape(NamedTuple):
    """A pattern; what must hold of its match; and texts one of which it cannot do without."""

    pattern: str  # verbose; compiled when it is first looked for: all of them take 60 ms
    holds: Callable[[Match], bool] = always
    needs: tuple[str, ...] = ()
    span: Callable[[Match], tuple[int, int]] | None = None  # where it is not the match's own


def shape(
    pattern: str,
    holds: Callable[[Match], bool] = always,
    *,
    needs: Iterable[str] = (),
    span: Callable[[Match], tuple[int, int]] | None = None,
) -> Shape:
    """A shape of a verbose pattern, in which a space is written with a backslash or in brackets."""
    return Shape(pattern, holds, tuple(needs), span)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE)


def spans_of(shapes: Iterable[Shape], text: str) -> Iterator[tuple[int, int]]:
    """The spans of the folded text that go for one of the shapes."""
    for pattern, holds, needs, span in shapes:
        if needs and not any(need in text for need in needs):
            continue
        compiled = _compiled(pattern)
        group = "it" if "it" in compiled.groupindex else 0
        for match in compiled.finditer(text):
            if holds(match):
                start, stop = span(match) if span else match.span(group)
                opens = text[start] == "(" and ")" not in text[start:stop]
                yield start + opens, stop  # a bracket that closes behind the match stays


def figures(least: int, most: int) -> Callable[[Match], bool]:
    """Whether a match has at least and at most so many figures."""
    return lambda match: least <= sum(map(str.isdigit, match[0])) <= most


def goes_on(match: Match, marks: str) -> bool:
    """Whether another number stands before or after, behind one of these marks."""
    text, start, stop = match.string, match.start(), match.end()
    before, after = text[max(0, start - 2) : start], text[stop : stop + 2]
    follows = len(after) == 2 and after[0] in marks and after[1].isdigit()
    return follows or (len(before) == 2 and before[1] in marks and before[0].isdigit())
