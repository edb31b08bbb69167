"""The form parameters of a request, from its query string and its body alike.

anonapi's client sends the parameters of a GET as a body; browsers and scripts send a query string.
A name that stands in both has both values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from dicomveil.server.refusals import RequestRefused

MOST_FIELDS = 20_000
LONGEST_VALUE = 4096
KIND = "application/x-www-form-urlencoded"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
# A line break or a tab may stand in a description; nothing else that cannot be printed may.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Nothing escaped and nothing forbidden: such are the numbers of jobs, which come by thousands.
_PLAIN = re.compile(r"[A-Za-z0-9_.=&-]*")


@dataclass(frozen=True, slots=True)
class Form:
    """Parameters by name, each with all its values in the order they came."""

    values: Mapping[str, tuple[str, ...]] = field(repr=False)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter that may be repeated."""
        return self.values.get(name, ())

    def one(self, name: str) -> str | None:
        """The value of a parameter; None when it is absent, RequestRefused when it has two."""
        found = self.all(name)
        if len(set(found)) > 1:
            raise RequestRefused({name: "This parameter has two values; give one"})
        return found[0] if found else None

    def required(self, name: str) -> str:
        """The value of a parameter that must be there."""
        found = self.one(name)
        if found is None or not found.strip():
            raise RequestRefused({name: f"Required parameter {name} not supplied"})
        return found


def parse_form(query: bytes, body: bytes, kind: str = KIND) -> Form:
    """The parameters of a request; RequestRefused when they cannot be read.

    `kind` is the Content-Type of the body; it matters when there is a body.
    """
    if body and kind.partition(";")[0].strip().lower() not in (KIND, ""):
        raise RequestRefused({"Content-Type": f"Send parameters as {KIND}"})
    values: dict[str, list[str]] = {}
    for name, value in (*_pairs(query, "query"), *_pairs(body, "body")):
        values.setdefault(name, []).append(value)
    return Form({name: tuple(found) for name, found in values.items()})


def _pairs(part: bytes, name: str) -> list[tuple[str, str]]:
    """The checked pairs of one part of the request."""
    try:
        text = part.decode("utf-8")
        pairs = _plain_pairs(text) or _escaped_pairs(text)
    except UnicodeDecodeError as error:
        raise RequestRefused({name: "This is not UTF-8"}) from error
    except ValueError as error:
        problem = f"More than {MOST_FIELDS} parameters are not accepted"
        raise RequestRefused({name: problem}) from error
    return pairs


def _plain_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of a text without anything special, a tenth of the usual work; else none."""
    if text.count("&") >= MOST_FIELDS or not _PLAIN.fullmatch(text):
        return []
    parts = [part.partition("=") for part in text.split("&") if part]
    names = {name for name, _, _ in parts}
    longest = max((len(value) for _, _, value in parts), default=0)
    if longest > LONGEST_VALUE or not all(map(_NAME.fullmatch, names)):
        return []  # the usual way says what is wrong
    return [(name, value) for name, _, value in parts]


def _escaped_pairs(text: str) -> list[tuple[str, str]]:
    """The checked pairs of any text; ValueError when there are too many or they are not UTF-8."""
    pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    for number, (name, value) in enumerate(pairs, start=1):
        _check(number, name, value)
    return pairs


def _check(number: int, name: str, value: str) -> None:
    """Raise RequestRefused for a name or a value of no accepted form."""
    if not _NAME.fullmatch(name):  # it may hold anything: its number is named, not its text
        problem = "A name has letters, digits and underscores, 64 at most"
        raise RequestRefused({f"parameter {number}": problem})
    if len(value) > LONGEST_VALUE:
        problem = f"More than {LONGEST_VALUE} characters are not accepted"
        raise RequestRefused({name: problem})
    if _CONTROL.search(value):
        raise RequestRefused({name: "Control characters are not accepted"})
