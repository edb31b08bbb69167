"""The published JSON schema of recipes, made of the tables that the reader uses.

It lets editors complete and check a recipe while it is written. What needs the dictionary of PS3.6
(keywords, SOP Classes), two sections together or two rules together is the reader's alone to tell:
the schema accepts more than the reader, never less.
"""

from typing import Any, Final

from dicomveil.policy.actions import Kind
from dicomveil.policy.filters import Verdict
from dicomveil.policy.options import REFUSED, Option
from dicomveil.policy.patterns import LONGEST as LONGEST_PATTERN
from dicomveil.policy.profile import PRESETS
from dicomveil.policy.recipe import actions, conditions, reading, sections, templates
from dicomveil.policy.recipe.model import Private, Unlisted
from dicomveil.policy.recipe.nodes import LARGEST
from dicomveil.policy.recipe.rules import MOST
from dicomveil.policy.recipe.selectors import KEYWORD, PRIVATE, TAG, VRS
from dicomveil.policy.renaming import Others

Schema = dict[str, Any]

FILE: Final = "docs/recipe.schema.json"
_SCALAR: Final[Schema] = {"type": ["string", "number", "boolean"]}  # NO and 1.2 are texts here
_ABSENT: Final[Schema] = {"type": ["string", "number"], "pattern": r"\S"}


def schema() -> Schema:
    """The schema, in the dialect of 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Recipe of dicomveil",
        "description": f"A profile that a person wrote: at most {LARGEST} characters of YAML",
        **_keys(_sections(), ["name"]),
        "anyOf": [{"required": ["extends"]}, {"required": ["unlisted"]}],
        "$defs": {
            "action": _action(),
            "case": _case(),
            "conditions": _conditions(),
            "days": {
                "type": "integer",
                "minimum": sections.NEAREST_SHIFT,
                "maximum": sections.FARTHEST_SHIFT,
            },
        },
    }


def _sections() -> Schema:
    every: Schema = {
        "name": {"type": "string", "pattern": f"^{reading.NAME}$"},
        "description": _ABSENT,
        "extends": {"anyOf": [{"enum": list(PRESETS)}, {"type": "string", "pattern": r"\.ya?ml$"}]},
        "options": _options(),
        "unlisted": {"enum": [each.value for each in Unlisted]},
        "rules": _rules(),
        "filters": _filters(),
        "dates": _keys(dict.fromkeys(sections.DATES_KEYS, _ref("days")), []),
        "private": {"enum": [each.value for each in Private]},
        "identity": _identity(),
    }
    return {key: every[key] for key in reading.KEYS}


def _keys(properties: Schema, required: list[str]) -> Schema:
    """An object of these keys and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _one_or_list(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _options() -> Schema:
    labels = [each.label for each in Option if each not in REFUSED]
    strict = _keys({Option.CLEAN_DESCRIPTORS.label: {"const": sections.STRICT}}, [])
    return _one_or_list({"anyOf": [{"enum": labels}, strict | {"minProperties": 1}]})


def _rules() -> Schema:
    element = f"(?:{KEYWORD}|{TAG}|{PRIVATE}|\\*)"
    last = f"(?:{element}|vr:(?:{'|'.join(VRS)}))"
    selector = f"^(?:regex:.{{1,{LONGEST_PATTERN}}}|/?(?:{element} */ *){{0,7}}{last})$"
    return {
        "type": "object",
        "maxProperties": MOST,
        "propertyNames": {"pattern": selector, "not": {"const": "*"}},
        "additionalProperties": _one_or_list({"anyOf": [_ref("action"), _ref("case")]}),
    }


def _action() -> Schema:
    parameters: Schema = {
        "replace": _SCALAR,
        "hash": _whole(actions.SHORTEST_HASH, actions.LONGEST_HASH),
        "truncate": _whole(1, actions.MOST_TRUNCATED),
        "date-jitter": _whole(1, actions.MOST_JITTER),
        "mask": {"type": ["string", "number"], "pattern": r"\S", "maxLength": LONGEST_PATTERN},
        "pseudonym": {"enum": [kind.value for kind in Kind]},
        actions.DOCUMENT: _ABSENT,
    }
    chosen = {key: parameters[key] for key in actions.EXAMPLES}
    one = _keys(chosen, []) | {"minProperties": 1, "maxProperties": 1}
    return {"anyOf": [{"enum": list(actions.PLAIN)}, one]}


def _whole(low: int, high: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _case() -> Schema:
    return _keys({"when": _ref("conditions"), "action": _ref("action")}, ["when", "action"])


def _conditions() -> Schema:
    values = _one_or_list(_SCALAR | {"maxLength": LARGEST})
    tests = dict.fromkeys(conditions.TESTS, values)
    asked = _keys({**tests, "is": {"enum": list(conditions.STATES)}}, [])
    one = asked | {"minProperties": 1, "maxProperties": 1}
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^(?:{KEYWORD}|{TAG})$"},
        "additionalProperties": {"anyOf": [values, one]},
    }


def _filters() -> Schema:
    asked: Schema = {"anyOf": [{"const": sections.EVERYTHING}, _ref("conditions")]}
    verdicts = _keys({each.value: asked for each in Verdict}, [])
    one = verdicts | {"minProperties": 1, "maxProperties": 1}
    return {"type": "array", "minItems": 1, "maxItems": sections.MOST_FILTERS, "items": one}


def _identity() -> Schema:
    template: Schema = {"type": ["string", "number"], "pattern": r"\S"}
    mapping: Schema = dict.fromkeys(templates.MAPPING_KEYS, _ABSENT)
    mapping["others"] = {"enum": [each.value for each in Others]}
    return _keys(
        {
            "patient-id": template,
            "patient-name": template,
            "mapping": _keys(mapping, ["file", "old", "patient-id"]),
        },
        [],
    )
