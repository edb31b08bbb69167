"""Cut spans out of a text so that what is left reads as if they had never stood there.

Nothing is written in place of what goes: a placeholder would have to fit every VR and would be
taken for a value. Where two words would run together one space stands between them, where two
separators meet the first one stays, brackets and quotes around nothing go. So a cut never makes a
text longer, and never brings a character that was not in it but a space.
"""

from collections.abc import Iterable, Sequence
from typing import Final

SEPARATORS: Final = frozenset(" \t,;:/_-–^=.+|&*#~")
_ALL: Final = "".join(SEPARATORS)
_AT_START: Final = "".join(SEPARATORS - set("+-#*.~&"))  # these begin a word too: -5, #3, *fl3d
_AT_END: Final = "".join(SEPARATORS - set("+#*"))
_OPEN: Final = SEPARATORS | set("([{<")
_PAIRS: Final = frozenset({"()", "[]", "<>", "{}", '""', "''", "«»"})


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that touch or overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text without the spans, which are in order and apart."""
    if not spans:
        return text
    stops = [0, *(stop for _, stop in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    first, *others = [text[at:end] for at, end in zip(stops, starts, strict=True)]
    kept = [first] if first.strip(_ALL) else []
    after = first
    for piece in others:
        after = _append(kept, piece)
    if kept and not after.strip(_ALL):
        kept[-1] = kept[-1].rstrip(_AT_END)
    return "".join(kept)


def _append(kept: list[str], piece: str) -> str:
    """Put what stood after a cut behind what stood before it; gives what of it is left."""
    before = kept.pop() if kept else ""
    before, after = _unwrapped(before, piece)
    at_start = _AT_START if after.strip(_ALL) else _ALL
    if before[-1:] in _OPEN or not (before or kept):
        after = after.lstrip(at_start)
    elif before[-1:].isalnum() and after[:1].isalnum():
        after = f" {after}"
    kept.extend(part for part in (before, after) if part)
    return after


def _unwrapped(before: str, after: str) -> tuple[str, str]:
    """Both without brackets or quotes that now hold nothing."""
    opened, closed = before.rstrip(" "), after.lstrip(" ")
    while opened and closed and opened[-1] + closed[0] in _PAIRS:
        before, after = opened[:-1], closed[1:]
        opened, closed = before.rstrip(" "), after.lstrip(" ")
    return before, after
