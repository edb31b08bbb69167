"""Read the answers of DICOMweb searches: the JSON model of PS3.18 Annex F, as far as it is asked.

An answer is somebody else's: whatever is not of the model raises PlaceRefuses, and no value of it
is repeated.
"""

import json
from typing import Final

from dicomveil.errors import PlaceRefuses

MOST: Final = 1 << 26
"""Bytes of an answer that are read at most."""

Hit = dict[str, object]


def hits_of(place: str, body: bytes) -> list[Hit]:
    """The data sets of a search's answer; an empty body has none."""
    if not body.strip():
        return []
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PlaceRefuses(place, "its answer to a search is not JSON") from error
    if not isinstance(content, list) or not all(isinstance(hit, dict) for hit in content):
        raise PlaceRefuses(place, "its answer to a search is not a list of data sets")
    return content


def hit_of(place: str, body: bytes) -> Hit:
    """The one data set of an answer, which some servers put into a list."""
    listed = body if body.lstrip().startswith(b"[") else b"[" + body + b"]"
    hits = hits_of(place, listed)
    if len(hits) != 1:
        raise PlaceRefuses(place, "its answer is not one data set")
    return hits[0]


def text(place: str, hit: Hit, tag: str) -> str:
    """The first value of an element as text, without padding; "" where there is none."""
    values = _values(place, hit, tag)
    first = values[0] if values else None
    if isinstance(first, dict):  # PS3.18 §F.2.2: a person name by its groups
        groups = [first.get(name, "") for name in ("Alphabetic", "Ideographic", "Phonetic")]
        return "=".join(map(str, groups)).rstrip("=")
    if first is None:
        return ""
    if isinstance(first, bool) or not isinstance(first, str | int | float):
        raise _not_of_the_model(place)
    return str(first).strip(" \0")


def count(place: str, hit: Hit, tag: str) -> int | None:
    """The number in an element; None where there is none."""
    said = text(place, hit, tag)
    if not said:
        return None
    if not said.isdecimal() or len(said) > 12:
        raise _not_of_the_model(place)
    return int(said)


def items(place: str, hit: Hit, tag: str) -> list[Hit]:
    """The items of a sequence."""
    found = _values(place, hit, tag)
    held = [item for item in found if isinstance(item, dict)]
    if len(held) != len(found):
        raise _not_of_the_model(place)
    return held


def _values(place: str, hit: Hit, tag: str) -> list[object]:
    element = hit.get(tag, {})
    values = element.get("Value", []) if isinstance(element, dict) else None
    if not isinstance(values, list):
        raise _not_of_the_model(place)
    return values


def _not_of_the_model(place: str) -> PlaceRefuses:
    return PlaceRefuses(place, "its answer to a search is not DICOM JSON")
