"""What a substitution writes: text with `%Keyword` and `%_function|argument_Keyword` in it.

A template is parsed once and knows no file. Functions stand before the keyword and are applied
from left to right. A `%` that begins no such thing is itself.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from dicomveil.dicom.dictionary import keywords, tag_of
from dicomveil.dicom.tags import Tag
from dicomveil.errors import StructureError

OWN: Final[Tag] = -1
"""The source that is the element which the template is written to."""

OWN_NAME: Final = "#tag"
_CALLS: Final = re.compile(r"(?:_[a-z0-9]+(?:\|[^_%]*)?)+(?=_)")
_CALL: Final = re.compile(r"_([a-z0-9]+)(?:\|([^_%]*))?")
_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_TELLING: Final = 3  # letters from which a word after % is taken for a keyword


class Md5(NamedTuple):
    """The first characters of the MD5 of the text, in hexadecimal; all 32 without a length."""

    length: int | None


class Hmac(NamedTuple):
    """The same of the HMAC-SHA-256 under the run's key, which no dictionary reverses."""

    length: int | None


class Mask(NamedTuple):
    """The text under a mask: `*` lets a character through, any other takes its place."""

    mask: str


class NoSpace(NamedTuple):
    """The words of the text with this between them: all that is no word goes."""

    joint: str


class FakeName(NamedTuple):
    """A name that nobody bears, told by the value of another element."""

    seed: Tag | None  # None: the element's own value


Function = Md5 | Hmac | Mask | NoSpace | FakeName


class Source(NamedTuple):
    """An element of the original whose value is taken, and what is done to it."""

    tag: Tag
    functions: tuple[Function, ...]


class Template(NamedTuple):
    """Text and sources, in order."""

    parts: tuple[str | Source, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources alone."""
        return tuple(part for part in self.parts if isinstance(part, Source))

    @property
    def functions(self) -> tuple[Function, ...]:
        """Every function, in order."""
        return tuple(one for source in self.sources for one in source.functions)

    @property
    def needs(self) -> tuple[Tag, ...]:
        """Every element that the result depends on, seeds included; OWN for the target itself."""
        return _needs(self)

    @property
    def name(self) -> str:
        """What a report calls it: the functions, or that a text or a value was written."""
        if not self.sources:
            return "text" if any(self.parts) else "empty"
        return "+".join(NAMES[type(one)] for one in self.functions) or "value"


@lru_cache(maxsize=1024)
def _needs(template: Template) -> tuple[Tag, ...]:
    seeds = (f.seed for f in template.functions if isinstance(f, FakeName) and f.seed is not None)
    return tuple(dict.fromkeys((*(source.tag for source in template.sources), *seeds)))


def parsed(text: str, *, own: str | None = None) -> Template:
    """The template that the text says; StructureError for a function or keyword that is unknown.

    With `own`, `#tag` is that text, and `%#tag` the value of the element that is written.
    """
    return Template(tuple(_merged(_pieces(text, own))))


def nearest(word: str) -> str:
    """Which known keyword was most likely meant, as the end of a message; "" when none was."""
    from difflib import get_close_matches

    known = list(keywords())
    by_folded = {keyword.lower(): keyword for keyword in known}
    if word.lower() in by_folded:
        return f"; {by_folded[word.lower()]} is one"
    close = get_close_matches(word, known, 1)
    return f"; the nearest is {close[0]}" if close else ""


def _pieces(text: str, own: str | None) -> Iterator[str | Source]:
    at = 0
    while (mark := text.find("%", at)) >= 0:
        yield _named(text[at:mark], own)
        source, at = _source(text, mark + 1, own)
        yield source or "%"
    yield _named(text[at:], own)


def _named(text: str, own: str | None) -> str:
    return text if own is None else text.replace(OWN_NAME, own)


def _merged(pieces: Iterator[str | Source]) -> Iterator[str | Source]:
    """The pieces with neighbouring texts made one, and none empty."""
    waiting = ""
    for piece in pieces:
        if isinstance(piece, str):
            waiting += piece
            continue
        if waiting:
            yield waiting
        waiting = ""
        yield piece
    if waiting:
        yield waiting


def _source(text: str, at: int, own: str | None) -> tuple[Source | None, int]:
    """The source after a `%`, and where the text goes on; None for a `%` that is itself."""
    calls = _CALLS.match(text, at)
    if calls is None:
        _refuse_unfinished(text, at)
        tag, end = _tag(text, at, own, expected=False)
        return (None, at) if tag is None else (Source(tag, ()), end)
    functions = tuple(_function(*call.groups()) for call in _CALL.finditer(calls[0]))
    tag, end = _tag(text, calls.end() + 1, own, expected=True)
    assert tag is not None  # what is expected and not there is refused
    return Source(tag, functions), end


def _refuse_unfinished(text: str, at: int) -> None:
    """A function that is not followed by `_Keyword` was surely meant as one."""
    call = _CALL.match(text, at)
    if call is not None and (call[1] in _MAKERS or call[2] is not None):
        raise StructureError("a function is written %_name|argument_Keyword")


def _tag(text: str, at: int, own: str | None, *, expected: bool) -> tuple[Tag | None, int]:
    """The element that is named at `at`, by the longest keyword that fits; None for none."""
    if own is not None and text.startswith(OWN_NAME, at):
        return OWN, at + len(OWN_NAME)
    found = _WORD.match(text, at)
    word = found[0] if found else ""
    for length in range(len(word), 1, -1):
        tag = tag_of(word[:length])
        if tag is not None:
            return tag, at + length
    meant = word[:1].isupper() and len(word) >= _TELLING
    if expected or meant or tag_of(word[:1].upper() + word[1:]) is not None:
        raise StructureError(f'"{word}" is no keyword of PS3.6{nearest(word)}')
    return None, at


def _function(name: str, argument: str | None) -> Function:
    maker = _MAKERS.get(name)
    if maker is None:
        known = ", ".join(sorted(_MAKERS))
        raise StructureError(f'"{name}" is no function; there are {known}')
    return maker(argument)


def _md5(argument: str | None) -> Md5:
    return Md5(_length("md5", argument))


def _hmac(argument: str | None) -> Hmac:
    return Hmac(_length("hmac", argument))


def _length(name: str, argument: str | None) -> int | None:
    if argument is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,3}", argument):
        raise StructureError(f"{name} takes a number of characters, as %_{name}|7_PatientID")
    return int(argument)


def _mask(argument: str | None) -> Mask:
    if not argument:
        raise StructureError("strmsk takes a mask, as %_strmsk|******01_PatientBirthDate")
    return Mask(argument)


def _no_space(argument: str | None) -> NoSpace:
    return NoSpace(argument or "")


def _name(argument: str | None) -> FakeName:
    """The seed's keyword begins with a small letter by custom, but need not."""
    if argument is None:
        return FakeName(None)
    keyword = argument[:1].upper() + argument[1:]
    tag = tag_of(keyword)
    if tag is None:
        raise StructureError(f'the seed "{argument}" is no keyword of PS3.6{nearest(keyword)}')
    return FakeName(tag)


_MAKERS: Final[dict[str, Callable[[str | None], Function]]] = {
    "hmac": _hmac,
    "md5": _md5,
    "name": _name,
    "nospc": _no_space,
    "strmsk": _mask,
}
NAMES: Final[dict[type, str]] = {
    Hmac: "hmac",
    Md5: "md5",
    FakeName: "name",
    NoSpace: "nospc",
    Mask: "strmsk",
}
