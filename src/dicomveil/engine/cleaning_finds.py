"""Where a folded text holds a needle so that it counts.

Each needle is searched for among the letters and digits alone, so that marks and spaces between
them never hide it; its law then looks at what stands around the place. Every law looks at a bounded
piece of text: the search is linear.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, assert_never

from dicomveil.engine.cleaning_folds import APOSTROPHES, Folded, is_wide, letters
from dicomveil.engine.cleaning_needles import Law, Needle
from dicomveil.policy.vocabulary import vocabulary

SHORT_NAME: Final = 4
SHORT_CODE: Final = 6
_NAMES: Final = frozenset({Law.NAME, Law.INITIALS})
LONGEST_RUN: Final = 64  # letters; a longer run is no word of any vocabulary
_RUN: Final = re.compile(r"[^\W\d_\u2e80-\U0010ffff]+")
_CUE: Final = re.compile(
    r"(?:\b|_)(?:patient(?:en)?|pat|pid|mrn|id|nr|no|num|number|nummer|acc|accession|case|op|by|tech)"
    r"[ .:#=_-]{0,3}\Z|#[ ]?\Z"
)
_TWO_CODES: Final = re.compile(r"[\W_]{4}|[;|]")
_FAR: Final = re.compile(r"[\W_]{4}|[()\[\]{}<>;|]")
_UNITS: Final = frozenset(
    "cc cm ev gy hz he kg kv ma mb mg ml mm ms mt nm no sec se te ti tr".split()
)
_AFTER_NUMBER: Final = re.compile(r"\d ?\Z")
_DATE_MARKS: Final = re.compile(r"[./_-] ?|, ?")


class View:
    """A folded text with what the laws look at: its letters alone, and its runs of letters."""

    def __init__(self, folded: Folded) -> None:
        """See the text."""
        self.folded = folded
        self.text = folded.text
        self.letters = letters(folded.text)

    @cached_property
    def _runs(self) -> tuple[Sequence[int], Sequence[int]]:
        """The starts and stops of the runs of letters that write words with spaces."""
        found = [match.span() for match in _RUN.finditer(self.text)]
        return [start for start, _ in found], [stop for _, stop in found]

    def run(self, at: int) -> tuple[int, int]:
        """The run of letters around a letter."""
        starts, stops = self._runs
        number = bisect_right(starts, at) - 1
        if number < 0 or stops[number] <= at:
            return at, at + 1
        return starts[number], stops[number]

    def is_bound(self, at: int) -> bool:
        """Whether a word or a number may begin or end before the character at this place."""
        if at in (0, len(self.text)):
            return True
        before, after = self.text[at - 1], self.text[at]
        if not (before.isalnum() and after.isalnum()):
            return True
        return before.isdigit() != after.isdigit() or self.is_hump(at)

    def is_hump(self, at: int) -> bool:
        """Whether a capital follows a small letter here: "chestHand"."""
        original, origins = self.folded.original, self.folded.origins
        return original[origins[at]].isupper() and original[origins[at - 1]].islower()


def finds(view: View, needles: Iterable[Needle], names: frozenset[str]) -> list[tuple[int, int]]:
    """The places in the folded text of every needle that counts there.

    `names` are the texts of all names: a short one beside another is no chance.
    """
    return [span for needle in needles for span in _places(view, needle, names)]


def _places(view: View, needle: Needle, names: frozenset[str]) -> Iterator[tuple[int, int]]:
    text, places = view.letters
    length = len(needle.text)
    at = text.find(needle.text)
    while at >= 0:
        start, stop = places[at], places[at + length - 1] + 1
        if _counts(view, needle, (start, stop), names):
            yield start, (_tail(view.text, stop) if needle.law in _NAMES else stop)
            at = text.find(needle.text, at + length)
        else:
            at = text.find(needle.text, at + 1)


def _tail(text: str, stop: int) -> int:
    """Where a name ends with what belongs to it: the s of "Peter's", the point of "Young, P."."""
    rest = text[stop : stop + 3]
    if rest[:1] in APOSTROPHES and rest[1:2] == "s" and not rest[2:].isalpha():
        return stop + 2
    if rest[:1] == "s" and not rest[1:2].isalpha():
        return stop + 1
    is_initial = rest[:1] == "." and not text[max(0, stop - 2) : stop - 1].isalpha()
    return stop + 1 if is_initial else stop


def _counts(view: View, needle: Needle, span: tuple[int, int], names: frozenset[str]) -> bool:
    match needle.law:
        case Law.NAME:
            return _is_name(view, span, names)
        case Law.INITIALS:
            return _is_with_initials(view, span)
        case Law.WORD:
            return _is_word(view, span)
        case Law.CODE:
            return _is_code(view, needle.text, span)
        case Law.CUED:
            start = span[0]
            is_cued = _CUE.search(view.text, max(0, start - 24), start) is not None
            return is_cued and _is_apart(view, span)
        case Law.DATE:
            return _is_date(view, needle.text, span)
        case _:
            assert_never(needle.law)


# -- names ---------------------------------------------------------------------------------------


def _is_name(view: View, span: tuple[int, int], names: frozenset[str]) -> bool:
    """Whether these letters are the name, and not by chance a piece of another word."""
    start, stop = span
    here = view.text[start:stop]
    if is_wide(here[0]):
        return len(here) > 1
    gaps = {character for character in here if not character.isalnum()}
    if not gaps <= APOSTROPHES:
        return stop - start > 3 and _is_apart(view, span) and _is_close(here)
    left, right = view.run(start)[0], view.run(stop - 1)[1]
    if (left, right) == span:
        return not _is_unit(view, span)
    if _is_apart(view, span):
        return True
    return not _is_in_a_word(view, span, (left, right)) and _is_glued(
        view, span, (left, right), names
    )


def _is_close(here: str) -> bool:
    """Whether the pieces of a name stand together: at most three marks between, and no bracket."""
    return _FAR.search(here) is None


def _is_with_initials(view: View, span: tuple[int, int]) -> bool:
    """Whether a name and its initials stand alone; written together, a number may touch them."""
    if not _has_gap(view, span) and view.run(span[0]) == span:
        return not view.text[max(0, span[0] - 1) : span[0]].isdigit()  # the D of 3DSMITH
    return _is_alone(view.text, span) and _is_close(view.text[span[0] : span[1]])


def _is_alone(text: str, span: tuple[int, int]) -> bool:
    """Whether neither a letter nor a figure is next to it: the T of T2 is no initial."""
    start, stop = span
    return not (text[max(0, start - 1) : start].isalnum() or text[stop : stop + 1].isalnum())


def _is_unit(view: View, span: tuple[int, int]) -> bool:
    """Whether two letters after a number are its unit: 120 mA is no Mr Ma."""
    start, stop = span
    is_unit = view.text[start:stop] in _UNITS
    return is_unit and bool(_AFTER_NUMBER.search(view.text, max(0, start - 2), start))


def _is_in_a_word(view: View, span: tuple[int, int], run: tuple[int, int]) -> bool:
    """Whether the run of letters, or its hump, is of the vocabulary: the ann of scanner."""
    start, stop = span
    left, right = run
    if right - left > LONGEST_RUN:
        return False
    first = next((at for at in range(start, left, -1) if view.is_hump(at)), left)
    last = next((at for at in range(stop, right) if view.is_hump(at)), right)
    words = vocabulary()
    return view.text[left:right] in words or view.text[first:last] in words


def _is_glued(
    view: View, span: tuple[int, int], run: tuple[int, int], names: frozenset[str]
) -> bool:
    """Whether the letters count inside a longer run.

    Four anywhere, three at an end of it, fewer where all that is around them is explained.
    """
    start, stop = span
    if run[1] - run[0] > LONGEST_RUN:
        return stop - start >= SHORT_NAME
    around = [rest for rest in (view.text[run[0] : start], view.text[stop : run[1]]) if rest]
    if stop - start >= SHORT_NAME:
        return True
    if stop - start == SHORT_NAME - 1 and len(around) == 1:
        return True
    if stop - start == SHORT_NAME - 1 and any(len(rest) == 1 for rest in around):
        around = [rest for rest in around if len(rest) > 1]  # an initial
    return bool(around) and all(
        rest in names or (len(rest) > 1 and rest in vocabulary()) for rest in around
    )


def _is_word(view: View, span: tuple[int, int]) -> bool:
    return _is_apart(view, span) and not _has_gap(view, span)


def _is_apart(view: View, span: tuple[int, int]) -> bool:
    """Whether a word or a number may begin and end here."""
    return view.is_bound(span[0]) and view.is_bound(span[1])


def _has_gap(view: View, span: tuple[int, int]) -> bool:
    return not view.text[span[0] : span[1]].isalnum()


# -- numbers and dates ---------------------------------------------------------------------------


def _is_code(view: View, needle: str, span: tuple[int, int]) -> bool:
    """Whether an identifier counts: a long one anywhere, one of four or five between bounds."""
    if _has_gap(view, span):
        is_long = len(needle) >= SHORT_CODE - 1
        here = view.text[span[0] : span[1]]
        return is_long and _is_apart(view, span) and not _TWO_CODES.search(here)
    if len(needle) >= SHORT_CODE or is_wide(needle[0]):
        return True
    return _is_apart(view, span)


def _is_in_a_decimal(view: View, span: tuple[int, int]) -> bool:
    """Whether figures stand before or after, behind a point."""
    start, stop = span
    before, after = view.text[max(0, start - 2) : start], view.text[stop : stop + 2]
    return (before[-1:] == "." and before[:1].isdigit()) or (
        after[:1] == "." and after[1:].isdigit()
    )


def _is_date(view: View, needle: str, span: tuple[int, int]) -> bool:
    """Whether figures are a date: six or more together, or three numbers with marks between."""
    start, stop = span
    text = view.text
    if text[max(0, start - 1) : start].isdigit() or text[stop : stop + 1].isdigit():
        return False
    here = text[start:stop]
    if here.isalnum():
        return len(needle) >= SHORT_CODE
    pieces = _DATE_MARKS.split(here)
    return (
        len(pieces) == 3 and all(p.isdigit() for p in pieces) and not _is_in_a_decimal(view, span)
    )
