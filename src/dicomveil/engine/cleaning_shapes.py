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


_LONG: Final = 4096  # characters; in a shorter text every word may as well be its only one


def always(_match: Match) -> bool:
    """Whether a match counts of which nothing else is asked."""
    return True


class Shape(NamedTuple):
    """A pattern; what must hold of its match; and texts one of which it cannot do without.

    `needs` are looked for in the text, with spaces at most at their ends; `drawn` in its drawing.
    """

    pattern: str  # verbose; compiled when it is first looked for: all of them take 60 ms
    holds: Callable[[Match], bool] = always
    needs: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    span: Callable[[Match], tuple[int, int]] | None = None  # where it is not the match's own


def shape(
    pattern: str,
    holds: Callable[[Match], bool] = always,
    *,
    needs: Iterable[str] = (),
    drawn: Iterable[str] = (),
    span: Callable[[Match], tuple[int, int]] | None = None,
) -> Shape:
    """A shape of a verbose pattern, in which a space is written with a backslash or in brackets."""
    return Shape(pattern, holds, tuple(needs), tuple(drawn), span)


class _Classes(dict[int, int]):
    """What each character is drawn as."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        drawn = "0" if _FIGURE.match(character) else "a" if character.isalpha() else character
        self[code] = ord(drawn)
        return self[code]


_FIGURE: Final = re.compile(r"\d")
_CLASSES: Final = _Classes()


def drawing(text: str) -> str:
    """The text with 0 for each figure and a for each letter.

    Why: to see that a million characters have nowhere "00-00" takes a thousandth of the time of
    forty patterns that look for figures and find none of theirs.
    """
    return text.translate(_CLASSES)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE)


class _Sight:
    """A text looked over before the patterns are: what it has nowhere need not be looked for."""

    def __init__(self, text: str) -> None:
        self._text = _words(text)
        self._drawing = drawing(text)
        self._drawn_words = _words(self._drawing)
        self._seen: dict[tuple[str, ...], bool] = {(): True}  # months are needed by five shapes

    def may_hold(self, shape: Shape) -> bool:
        """Whether the text has what the shape cannot do without."""
        return self._draws(shape.drawn) and self._needs(shape.needs)

    def _needs(self, some: tuple[str, ...]) -> bool:
        has = self._seen.get(some)
        if has is None:
            has = self._seen[some] = any(one in self._text for one in some)
        return has

    def _draws(self, some: tuple[str, ...]) -> bool:
        has = self._seen.get(some)
        if has is None:
            words, whole = self._drawn_words, self._drawing
            has = any(one in (whole if " " in one else words) for one in some)
            self._seen[some] = has
        return has


def _words(text: str) -> str:
    """A long text as its words, each once, with spaces around: what no word has it has not."""
    return f" {' '.join(set(text.split()))} " if len(text) > _LONG else text


def spans_of(shapes: Iterable[Shape], text: str) -> Iterator[tuple[int, int]]:
    """The spans of the folded text that go for one of the shapes."""
    for each in filter(_Sight(text).may_hold, shapes):
        compiled = _compiled(each.pattern)
        group = "it" if "it" in compiled.groupindex else 0
        for match in compiled.finditer(text):
            if each.holds(match):
                start, stop = each.span(match) if each.span else match.span(group)
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
