"""Convert a script of the DICOM anonymizer of RSNA's CTP.

Two forms are read: the XML `<script>` of `<p>`, `<e>`, `<k>` and `<r>` elements, and the older
properties file of `param.`, `set.[gggg,eeee]`, `keep.` and `remove.` lines. An element's script is
a call such as `@hashuid(@UIDROOT,this)`, a text, or `@if(...){...}{...}`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from xml.parsers import expat

from dicomveil.dicom.dictionary import vr_of
from dicomveil.errors import BadRecipe, Fault, Place
from dicomveil.policy.conversion.calls import Call, parse
from dicomveil.policy.conversion.draft import Converted, Draft, quoted, replacement
from dicomveil.policy.recipe.actions import LONGEST_HASH, SHORTEST_HASH
from dicomveil.policy.recipe.selectors import name_of
from dicomveil.policy.standard import WHOLE_GROUPS

SOURCE: Final = "RSNA CTP"
_TAG = re.compile(r"[\[(]?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})[\])]?")
_PRIVATE = re.compile(
    r"[\[(]?([0-9A-Fa-f]{3}[13579bdfBDF]),?(?:00)?\[([^\]]+)\]([0-9A-Fa-f]{2})[\])]?"
)
_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")
_SET = re.compile(r"set\.\[(.+)\][^\]=]*")
# dicomveil writes these itself, by what it did.
_OWN: Final = frozenset({0x00120062, 0x00120063, 0x00120064, 0x00280303})
_ALWAYS_KEPT: Final = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "(0028,xxxx)",
    "(7FE0,xxxx)",
)
_PATIENT: Final = {0x00100010: "patient-name", 0x00100020: "patient-id"}
_SIMPLE: Final = {
    "keep": "keep",
    "process": "keep",  # a sequence that is kept is looked into
    "require": "keep",
    "remove": "remove",
    "empty": "empty",
    "blank": "empty",
    "hashuid": "uid",
}
_REASONS: Final = {
    "lookup": "a look-up table becomes `identity: mapping:` of the recipe",
    "integer": "running numbers need a table; pseudonym gives keyed ones",
    "append": "texts are not appended",
    "modifydate": "parts of dates are not set; shift-date keeps their distances",
    "quarantine": "objects are quarantined by `filters:`",
    "skip": "objects are skipped by `filters:`",
    "date": "the day of the run is not written: outputs do not depend on it",
    "time": "the time of the run is not written: outputs do not depend on it",
}


class Entry(NamedTuple):
    """One line that is switched on: its kind (p, e, k or r), what it is of, its text."""

    line: int
    kind: str
    name: str
    text: str


def convert_ctp(text: str, name: str) -> Converted:
    """The recipe that does what the script says, as far as recipes can."""
    entries = list(_xml(text) if text.lstrip().startswith("<") else _properties(text))
    draft = Draft(name, SOURCE)
    parameters = {each.name: each.text for each in entries if each.kind == "p"}
    for each in entries:
        if each.kind == "e":
            _element(draft, each, parameters)
    _globals(draft, entries)
    return draft.done()


def _xml(text: str) -> Iterator[Entry]:
    """The entries of the XML form; a document that declares entities has none."""
    found: list[Entry] = []
    parser = expat.ParserCreate()
    texts: list[str] = []
    opened: list[tuple[int, str, Mapping[str, str]]] = []

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        opened.append((parser.CurrentLineNumber, tag, attributes))
        texts.clear()

    def end(_tag: str) -> None:
        line, tag, attributes = opened.pop()
        if tag in "pekr" and attributes.get("en", "T").upper() == "T":
            found.append(Entry(line, tag, attributes.get("t", ""), "".join(texts).strip()))
        texts.clear()

    def refuse(*_: object) -> None:
        fault = Fault(Place(line=parser.CurrentLineNumber), "entities are not read", "remove them")
        raise BadRecipe([fault])

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = texts.append
    parser.EntityDeclHandler = refuse
    parser.Parse(text, True)  # noqa: FBT003 - expat's signature
    yield from found


def _properties(text: str) -> Iterator[Entry]:
    """The entries of the properties form; a line that begins with `#` is switched off."""
    for number, raw in enumerate(text.splitlines(), start=1):
        key, equals, value = raw.strip().partition("=")
        if not equals or key.startswith(("#", "!")):
            continue
        value = value.replace("\\:", ":").replace("\\=", "=").strip()
        kind, _, rest = key.partition(".")
        if kind == "param":
            yield Entry(number, "p", rest, value)
        elif kind in ("keep", "remove"):
            yield Entry(number, kind[0], rest.removeprefix("group"), value)
        elif found := _SET.fullmatch(key):
            yield Entry(number, "e", found[1], value)


def _globals(draft: Draft, entries: list[Entry]) -> None:
    """What the script says of curves, overlays, private groups and all other elements."""
    switched = {each.name.lower(): each.line for each in entries if each.kind in "rk"}
    _others(draft, switched.get("unspecifiedelements"))
    for kind, group in (("curves", "(50xx,xxxx)"), ("overlays", "(60xx,xxxx)")):
        if kind in switched:
            draft.rule(switched[kind], group, "remove")
    if "privategroups" not in switched:
        draft.leave(1, "private elements are kept only where a rule names their creator")
    if "safeprivateelements" in switched:
        reason = "write `private: safe` in a recipe that extends basic"
        draft.leave(switched["safeprivateelements"], reason)
    for each in entries:
        if each.kind == "k" and _GROUP.fullmatch(each.name):
            _keep_group(draft, each)


def _others(draft: Draft, line: int | None) -> None:
    """What becomes of elements without a script: CTP keeps them unless told otherwise."""
    draft.unlisted = "keep" if line is None else "remove"
    for selector in () if line is None else _ALWAYS_KEPT:
        if selector not in draft.rules:
            draft.rule(line or 0, selector, "keep")


def _keep_group(draft: Draft, entry: Entry) -> None:
    selector = f"({entry.name.zfill(4).upper()},xxxx)"
    if selector not in draft.rules:
        draft.rule(entry.line, selector, "keep")


def _element(draft: Draft, entry: Entry, parameters: Mapping[str, str]) -> None:
    selector, tag = _selector(entry.name)
    if not selector:
        draft.unnamed(entry.line, "this names no element that a recipe can name")
    elif tag in _OWN:
        draft.leave(entry.line, "dicomveil writes this element itself, by what it did")
    elif tag and tag >> 16 == 0x0002:
        draft.leave(entry.line, "the file meta is written anew")
    elif tag and tag >> 16 in WHOLE_GROUPS:
        draft.leave(entry.line, "dicomveil removes this group in any case")
    else:
        _Element(draft, entry.line, selector, tag, parameters).convert(entry.text)


def _selector(name: str) -> tuple[str, int]:
    """The selector of an element's name and its tag, 0 for a private one; "" for none."""
    name = name.strip()
    if private := _PRIVATE.fullmatch(name):
        group, creator, element = private.groups()
        return f'({group.upper()},"{creator}",{element.upper()})', 0
    if found := _TAG.fullmatch(name):
        tag = int(found[1] + found[2], 16)
        return name_of(tag), tag
    return "", 0


class _Cannot(NamedTuple):
    """Why an action of a script has no counterpart."""

    reason: str


class _Element:
    """The conversion of one element's script."""

    def __init__(
        self, draft: Draft, line: int, selector: str, tag: int, parameters: Mapping[str, str]
    ) -> None:
        self._draft = draft
        self._line = line
        self._selector = selector
        self._tag = tag
        self._parameters = parameters

    def convert(self, text: str) -> None:
        """Add what the script says to the draft."""
        call = parse(text)
        if call is not None and call.name == "always":
            reason = "CTP adds the element where it is absent; the recipe changes it where it is"
            self._draft.leave(self._line, reason)
            text = call.rest
            call = parse(text)
        if call is not None and call.name == "if":
            self._if(call)
        elif call is not None and call.name == "select" and len(call.blocks) == 2:
            self._add(f"/{self._selector}", call.blocks[0])
            self._add(self._selector, call.blocks[1])
        else:
            self._add(self._selector, text)

    def _add(self, selector: str, text: str) -> None:
        action = self._action(text)
        if isinstance(action, _Cannot):
            self._draft.withhold(self._line, selector, action.reason)
        else:
            self._draft.rule(self._line, selector, action)

    def _if(self, call: Call) -> None:
        """`@if(Element,test,"value"){then}{else}`: two cases of one rule."""
        when, (then, other) = self._when(call.arguments), (*call.blocks, "", "")[:2]
        if not when:
            reason = "this @if asks what a condition of a recipe cannot"
            self._draft.withhold(self._line, self._selector, reason)
            return
        asked = parse(then)
        if asked is not None and asked.name in ("quarantine", "skip"):
            self._draft.filter(self._line, asked.name, when)
            self._add(self._selector, other)
            return
        actions = [self._action(then), self._action(other)]
        cannot = [each for each in actions if isinstance(each, _Cannot)]
        if cannot:
            self._draft.withhold(self._line, self._selector, cannot[0].reason)
        else:
            cases = f"[{{when: {when}, action: {actions[0]}}}, {actions[1]}]"
            self._draft.rule(self._line, self._selector, cases)

    def _when(self, arguments: tuple[str, ...]) -> str:
        name, test, *values = (*arguments, "", "")[: max(len(arguments), 2)]
        element = self._selector if name == "this" else (_selector(name)[0] or name)
        value = quoted(values[0].strip('"')) if values else ""
        tests = {
            "exists": "{is: present}",
            "isblank": "{is: empty}",
            "equals": f"{{equals: {value}}}",
            "contains": f"{{contains: {value}}}",
        }
        asked = tests.get(test, "")
        return f"{{{quoted(element)}: {asked}}}" if asked and element else ""

    def _action(self, text: str) -> "str | _Cannot":
        """The action in YAML, or why there is none."""
        text = text.strip()
        call = parse(text)
        if call is None:
            if "@" in text:
                return _Cannot("a text with calls in it is not made")
            return replacement(text) if text else "empty"
        if call.rest:
            return _Cannot("a text with calls in it is not made")
        return self._of_call(call)

    def _of_call(self, call: Call) -> "str | _Cannot":
        if call.name in _SIMPLE:
            return _SIMPLE[call.name]
        match call.name:
            case "contents" | "value" if len(call.arguments) < 2:
                return "keep"
            case "hash" | "hashname" | "hashptid":
                return self._hash(call)
            case "incrementdate" | "hashdate":
                return "keep" if vr_of(self._tag) == "TM" else "shift-date"
            case "truncate" if call.arguments[1:] and call.arguments[1].isdigit():
                return f"{{truncate: {call.arguments[1]}}}"
            case "param" if call.arguments:
                return replacement(self._parameters.get(call.arguments[0].lstrip("@"), ""))
            case _:
                fallback = f"@{call.name} has no counterpart in recipes"
                return _Cannot(_REASONS.get(call.name, fallback))

    def _hash(self, call: Call) -> "str | _Cannot":
        """Keyed here, without a key there: the same patients, other pseudonyms."""
        if self._tag in _PATIENT:
            return f"{{pseudonym: {_PATIENT[self._tag]}}}"
        if call.arguments and call.arguments[0] != "this":
            return _Cannot("a hash of another element is not made")
        length = next((int(a) for a in call.arguments[1:] if a.isdigit()), LONGEST_HASH)
        return f"{{hash: {min(max(length, SHORTEST_HASH), LONGEST_HASH)}}}"
