"""Read the calls of CTP scripts: `@name(argument,"argument"){block}{block}rest`."""

from typing import NamedTuple

_BRACKETS = {"(": ")", "{": "}"}


class Call(NamedTuple):
    """One call at the beginning of a script."""

    name: str
    arguments: tuple[str, ...]
    blocks: tuple[str, ...]
    rest: str  # what follows the call


def parse(text: str) -> Call | None:
    """The call that a script begins with; None when it begins with none, or is cut."""
    text = text.strip()
    name = text[1:].partition("(")[0]
    if not text.startswith("@") or not name.isalpha() or "(" not in text:
        return None
    end = _closing(text, len(name) + 1)
    if end < 0:
        return None
    arguments = _arguments(text[len(name) + 2 : end])
    blocks: list[str] = []
    at = end + 1
    while at < len(text) and text[at] == "{":
        end = _closing(text, at)
        if end < 0:
            return None
        blocks.append(text[at + 1 : end])
        at = end + 1
    return Call(name.lower(), arguments, tuple(blocks), text[at:].strip())


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` closes; -1 when it does not. Quotes are skipped."""
    opening, depth, in_quotes = text[start], 0, False
    closing = _BRACKETS[opening]
    for at in range(start, len(text)):
        if text[at] == '"':
            in_quotes = not in_quotes
        elif in_quotes:
            continue
        elif text[at] == opening:
            depth += 1
        elif text[at] == closing:
            depth -= 1
            if depth == 0:
                return at
    return -1


def _arguments(text: str) -> tuple[str, ...]:
    """The arguments between commas that stand in no quotes, without the spaces around them."""
    found, start, in_quotes = [], 0, False
    for at, letter in enumerate(text):
        if letter == '"':
            in_quotes = not in_quotes
        elif letter == "," and not in_quotes:
            found.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    return (*found, last) if found or last else ()
