"""The structure of a substitution as people write it: JSON, or pairs set apart by tokens."""

import json
from collections.abc import Iterator

from dicomveil.errors import StructureError
from dicomveil.policy.substitution import PATTERN

Structure = dict[str, str]


def from_json(text: str) -> Structure:
    """The keys and values of a JSON object; StructureError with line and column for any other.

    Numbers count as they are written, and a list of texts as a value of several parts.
    """
    try:
        found = json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise StructureError(f"the structure is no JSON: {place}: {error.msg}") from None
    except RecursionError:
        raise StructureError("the structure is nested too deeply") from None
    if not isinstance(found, dict):
        raise StructureError('the structure is no JSON object, as {"PatientID": "anon"}')
    return {key: _text(key, value) for key, value in found.items()}


def from_info(text: str, split_token: str, split_key_value: str | None) -> Structure:
    """The keys and values of `key,value ++ key,value`; StructureError naming the pair at fault.

    Without `split_key_value` a pair is split at its first comma or, if it has none, at the first
    colon that is not that of `re:`.
    """
    if not split_token or split_key_value == "":
        raise StructureError("a token that splits cannot be empty")
    pairs = [pair.strip() for pair in text.split(split_token)]
    return dict(_numbered(pairs, split_key_value))


def _numbered(pairs: list[str], split: str | None) -> Iterator[tuple[str, str]]:
    for number, pair in enumerate(pairs, 1):
        if not pair:
            continue  # a token at the end
        separator = split or ("," if "," in pair else ":")
        at = _split_at(pair, separator)
        if at < 0:
            raise StructureError(f'pair {number} has no "{separator}" between its key and value')
        key, value = pair[:at].strip(), pair[at + len(separator) :].strip()
        if not key:
            raise StructureError(f"pair {number} has no key")
        yield key, value


def _split_at(pair: str, separator: str) -> int:
    """Where the separator is, not counting the colon of a leading `re:`."""
    start = len(PATTERN) if pair.startswith(PATTERN) and separator in PATTERN else 0
    return pair.find(separator, start)


def _text(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\\".join(value)
    raise StructureError(f'key "{key}": its value is no text')
