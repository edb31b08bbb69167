"""Convert a recipe of pydicom's deid: `FORMAT dicom`, `%header` actions, `%filter` labels.

A header line is ACTION FIELD [VALUE]. A field is a keyword, a tag, a path with `__`, or one of the
expanders startswith: endswith: contains: except: select: and ALL. What a value takes from Python
(`func:`, `var:`) cannot be converted: a recipe holds no code.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from dicomveil.dicom.dictionary import tag_of, vr_of
from dicomveil.policy.conversion.draft import PSEUDONYMS, Converted, Draft, quoted, replacement

SOURCE: Final = "pydicom deid"
# Where several lines speak of one field deid takes the first of these.
PRECEDENCE: Final = ("KEEP", "ADD", "REPLACE", "JITTER", "REMOVE", "BLANK")
_OWN: Final = frozenset({"PatientIdentityRemoved", "DeidentificationMethod"})
_TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),? ?([0-9A-Fa-f]{4})\)?")
_PRIVATE = re.compile(r'\(?([0-9A-Fa-f]{4}),"([^"]+)",([0-9A-Fa-f]{2})\)?')
_FILTERS: Final = {
    "contains": "contains",
    "equals": "equals",
    "notequals": "not-equals",
    "missing": "absent",
    "present": "present",
    "empty": "empty",
}
_EVERYTHING: Final = {"REMOVE": "remove", "KEEP": "keep"}


class Line(NamedTuple):
    """One line of a section."""

    number: int
    section: str  # header, filter, fields, values, labels
    label: str  # the section's name
    text: str


def convert_deid(text: str, name: str) -> Converted:
    """The recipe that does what deid's says, as far as recipes can."""
    lines = list(_lines(text))
    draft = Draft(name, SOURCE)
    groups: dict[str, list[str]] = {}
    for line in lines:
        if line.section == "fields":
            groups.setdefault(line.label, []).append(line.text.partition(" ")[2].strip())
    header = [line for line in lines if line.section == "header"]
    for line in sorted(header, key=_precedence, reverse=True):
        _header(draft, line, groups)
    _filters(draft, [line for line in lines if line.section == "filter"])
    for line in lines:
        if line.section in {"values", "labels"}:
            draft.leave(line.number, f"%{line.section} has no counterpart in recipes")
    return draft.done()


def _lines(text: str) -> Iterator[Line]:
    section, label = "", ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#") or line.upper().startswith("FORMAT"):
            continue
        if line.startswith("%"):
            head, _, rest = line[1:].partition("#")[0].strip().partition(" ")
            section, label = head.lower(), rest.strip().lower()
            continue
        yield Line(number, section, label, line)


def _precedence(line: Line) -> int:
    action = line.text.split()[0].upper()
    return PRECEDENCE.index(action) if action in PRECEDENCE else len(PRECEDENCE)


def _header(draft: Draft, line: Line, groups: dict[str, list[str]]) -> None:
    action, field, value = (*line.text.partition("#")[0].split(None, 2), "", "")[:3]
    action = action.upper()
    if action not in PRECEDENCE or not field:
        draft.unnamed(line.number, "this is no action of deid")
        return
    kind, _, name = field.partition(":")
    fields = groups.get(name.lower(), []) if kind == "fields" else [field]
    for each in fields:
        _one(draft, line.number, action, each, value.strip())


def _one(draft: Draft, number: int, action: str, field: str, value: str) -> None:
    if field in _OWN:
        draft.leave(number, "dicomveil writes this element itself, by what it did")
        return
    if field.upper() == "ALL":
        _everything(draft, number, action, value)
        return
    selector = _selector(field)
    if not selector:
        draft.unnamed(number, "a recipe cannot select elements in this way")
        return
    written, remark = _action(action, field, value)
    draft.rules.pop(selector, None)  # of less precedence
    if not written:
        draft.withhold(number, selector, remark)
        return
    if remark:
        draft.leave(number, remark)
    draft.rule(number, selector, written)


def _everything(draft: Draft, number: int, action: str, value: str) -> None:
    if value or action not in _EVERYTHING:
        draft.unnamed(number, "of all elements a recipe says by-review, remove or keep alone")
    else:
        draft.unlisted = _EVERYTHING[action]


def _selector(field: str) -> str:
    kind, colon, rest = field.partition(":")
    match kind.lower() if colon else "":
        case "startswith":
            return f"regex:(?i)(?:{rest}).*"
        case "endswith":
            return f"regex:(?i).*(?:{rest})"
        case "contains":
            return f"regex:(?i).*(?:{rest}).*"
        case "select":
            return _selected(rest)
        case "":
            return _path(field)
        case _:
            return ""


def _selected(text: str) -> str:
    kind, _, value = text.partition(":")
    if kind.lower() == "vr":
        return f"vr:{value.upper()}"
    return f"({value.zfill(4).upper()},xxxx)" if kind.lower() == "group" else ""


def _path(field: str) -> str:
    """`A__0__B` as A/B: recipes speak of all items."""
    steps = [step for step in field.split("__") if not step.isdigit() or len(step) == 8]
    return "/".join(map(_step, steps))


def _step(step: str) -> str:
    if private := _PRIVATE.fullmatch(step):
        return f'({private[1].upper()},"{private[2]}",{private[3].upper()})'
    if tag := _TAG.fullmatch(step):
        return f"({tag[1].upper()},{tag[2].upper()})"
    return step


def _action(action: str, field: str, value: str) -> tuple[str, str]:
    """The action in YAML, "" when there is none; and a remark, "" when it does the same."""
    match action:
        case "KEEP":
            return "keep", ""
        case "BLANK":
            return "empty", ""
        case "REMOVE":
            return ("", "a recipe does not ask for values") if value else ("remove", "")
        case "JITTER":
            return "shift-date", "dates move by a keyed number of days for each patient instead"
        case _:
            return _replacement(action, field, value)


def _replacement(action: str, field: str, value: str) -> tuple[str, str]:
    if value.startswith(("var:", "func:")):
        return _from_outside(field)
    added = "deid adds the element where it is absent; the recipe changes it where it is"
    return replacement(value), added if action == "ADD" else ""


def _from_outside(field: str) -> tuple[str, str]:
    """What stands for a value that Python code gave."""
    tag = tag_of(field.rpartition("__")[2])
    remark = "its value came from outside; `identity: mapping:` can give one"
    if field in PSEUDONYMS:
        return "", remark
    if tag is not None and vr_of(tag) == "UI":
        return "uid", "its value came from code; a keyed UID stands here"
    return "", "its value came from code, and a recipe holds none"


def _filters(draft: Draft, lines: Sequence[Line]) -> None:
    """Criteria of blacklists become quarantine; the others speak of parts of pictures."""
    criteria: list[list[Line]] = []
    for line in lines:
        word = line.text.split()[0].upper()
        if line.label != "blacklist":
            if word == "LABEL":
                draft.leave(line.number, f"{line.label} speaks of pixels, which no recipe changes")
        elif word == "LABEL":
            continue
        elif line.text.startswith("+") and criteria:
            criteria[-1].append(line)
        else:
            criteria.append([line])
    for group in criteria:
        _criterion(draft, group)


def _criterion(draft: Draft, lines: Sequence[Line]) -> None:
    conditions = [_condition(line.text) for line in lines]
    if all(conditions) and len(set(conditions)) == len(conditions):
        draft.filter(lines[0].number, "quarantine", "{" + ", ".join(conditions) + "}")
    else:
        draft.leave(lines[0].number, "this criterion is not one that a filter can ask")


def _condition(text: str) -> str:
    text = text.lstrip("+").strip()
    if "||" in text or "+" in text:
        return ""
    word, field, value = (*text.split(None, 2), "", "")[:3]
    test = _FILTERS.get(word.lower())
    if test is None or not field:
        return ""
    if test in {"absent", "present", "empty"}:
        return f"{field}: {{is: {test}}}"
    values = [part.strip() for part in value.split("|")]
    if not all(values) or re.search(r"[\\.*?()\[\]^$]", value):
        return ""
    return f"{field}: {{{test}: [{', '.join(map(quoted, values))}]}}"
