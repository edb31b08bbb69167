"""Read an action: what stands after the colon of a rule.

keep | remove | empty | dummy | uid | clean | clean-strict | shift-date | hash
hash: 8                       that many characters of a keyed hash
pseudonym: patient-id         or patient-name, accession, study-id
replace: ANON                 this text
document: blank.pdf           this file, in place of an encapsulated document
truncate: 4                   the first characters of each value
mask: "[0-9]+"                an X for each character that the expression matches (RE2)
date-jitter: 7                a keyed number of days, at most this many either way
"""

from collections.abc import Callable, Mapping
from typing import Final

from dicomveil.dicom.dictionary import vr_of
from dicomveil.dicom.legality import FORMED_VRS, is_legal
from dicomveil.errors import ProfileError
from dicomveil.policy import actions as act
from dicomveil.policy.actions import Action, Kind
from dicomveil.policy.patterns import masked
from dicomveil.policy.recipe.documents import check_place, read_document
from dicomveil.policy.recipe.faults import Wrong, accepted
from dicomveil.policy.recipe.files import HERE, Beside
from dicomveil.policy.recipe.nodes import Keys, Node, Text, number_of, text_of
from dicomveil.policy.recipe.selectors import name_of
from dicomveil.policy.selectors import Selector
from dicomveil.policy.selectors_placed import OfVr, Placed

PLAIN: Final[Mapping[str, Action]] = {
    "keep": act.Keep(),
    "remove": act.Remove(),
    "empty": act.Empty(),
    "dummy": act.Dummy(),
    "uid": act.NewUid(),
    "clean": act.Clean(),
    "clean-strict": act.CleanStrict(),
    "shift-date": act.ShiftDate(),
    "hash": act.Hash(),
}
DOCUMENT: Final = "document"
SHORTEST_HASH: Final = 8  # characters: shorter ones meet by chance too often
LONGEST_HASH: Final = 16
MOST_TRUNCATED: Final = 1024
MOST_JITTER: Final = 3650
LONGEST_VALUE: Final = 1024

_DATES: Final = frozenset({"DA", "DT", "TM"})
_TEXTS: Final = frozenset("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UR UT".split())
_WORDS: Final = frozenset("LO LT PN SH ST UC UT".split())
_WHOLE: Final = frozenset({"US", "SS", "UL", "SL"})
_REAL: Final = frozenset({"FL", "FD"})
_LENGTHS: Final = {"SH": 16, "LO": 64, "PN": 64}  # characters; one value is written
# The VRs in which an action can be carried out; those not named here can be anywhere.
FITTING: Final[Mapping[type, frozenset[str]]] = {
    act.NewUid: frozenset({"UI", "SQ"}),
    act.ShiftDate: _DATES | {"SQ"},
    act.JitterDate: _DATES - {"TM"},
    act.Hash: frozenset("LO LT PN SH ST UC UT CS AE".split()),
    act.Pseudonym: frozenset("LO LT PN SH ST UC UT".split()),
    act.Truncate: _TEXTS,
    act.Mask: _WORDS,
    act.Clean: _WORDS | {"SQ", "UN", "CS", "UR"},
    act.CleanStrict: _WORDS | {"SQ", "UN", "CS", "UR"},
    act.Document: frozenset({"OB"}),
    act.Replace: _TEXTS | {"UI"} | _WHOLE | _REAL,
}


def read_action(node: Node, placed: Placed, beside: Beside = HERE) -> Action:
    """The action that a node writes for a selector; Wrong says what is accepted.

    Files that it names are found by `beside`.
    """
    action = _plain(node) if isinstance(node, Text) else _with_parameter(node, beside)
    vr = _vr(placed)
    fitting = FITTING.get(type(action))
    if vr and fitting and vr not in fitting:
        name = placed.target.text if isinstance(placed.target, OfVr) else _name(placed)
        problem = f"this cannot be done with {name}, whose VR is {vr}"
        raise Wrong(node.line, problem, f"it fits {', '.join(sorted(fitting))}")
    if isinstance(action, act.Replace):
        _check_replacement(action, vr, node.line)
    if isinstance(action, act.Document):
        check_place(placed, node.line)
    return action


def _plain(node: Text) -> Action:
    name = text_of(node, "the action").text
    if name in EXAMPLES and name not in PLAIN:
        raise Wrong(node.line, f"{name} needs to know more", f"write {EXAMPLES[name]}")
    if name not in PLAIN:
        raise Wrong(node.line, "there is no such action", accepted(name, ACTIONS, most=20))
    return PLAIN[name]


def _with_parameter(node: Node, beside: Beside) -> Action:
    if not isinstance(node, Keys) or len(node.pairs) != 1:
        raise Wrong(node.line, "one action is chosen", "write for instance keep, or {truncate: 4}")
    key, value = node.pairs[0]
    if key.text == DOCUMENT:
        return read_document(value, beside)
    if key.text not in PARAMETERS:
        problem = "nothing stands after this action" if key.text in PLAIN else "there is no such"
        fix = f"write {key.text} alone" if key.text in PLAIN else accepted(key.text, ACTIONS)
        raise Wrong(key.line, f"{problem} action" if "no such" in problem else problem, fix)
    return PARAMETERS[key.text](value)


def _replace(node: Node) -> Action:
    if not isinstance(node, Text) or len(node.text) > LONGEST_VALUE:
        raise Wrong(node.line, "a replacement is one text", f"at most {LONGEST_VALUE} characters")
    return act.Replace(node.text)


def _hash(node: Node) -> Action:
    return act.Hash(number_of(node, "the hash's length", SHORTEST_HASH, LONGEST_HASH))


def _truncate(node: Node) -> Action:
    return act.Truncate(number_of(node, "the number of characters", 1, MOST_TRUNCATED))


def _jitter(node: Node) -> Action:
    return act.JitterDate(number_of(node, "the number of days", 1, MOST_JITTER))


def _mask(node: Node) -> Action:
    pattern = text_of(node, "the expression").text
    try:
        masked(pattern)
    except ProfileError as error:
        raise Wrong(node.line, str(error), 'write for instance mask: "[0-9]+"') from error
    return act.Mask(pattern)


def _pseudonym(node: Node) -> Action:
    kinds = {kind.value: kind for kind in Kind}
    name = text_of(node, "the kind of pseudonym").text
    if name not in kinds:
        raise Wrong(node.line, "there is no such kind of pseudonym", accepted(name, kinds))
    return act.Pseudonym(kinds[name])


PARAMETERS: Final[Mapping[str, Callable[[Node], Action]]] = {
    "replace": _replace,
    "hash": _hash,
    "truncate": _truncate,
    "date-jitter": _jitter,
    "mask": _mask,
    "pseudonym": _pseudonym,
}
EXAMPLES: Final[Mapping[str, str]] = {
    "replace": "{replace: ANON}",
    "hash": "{hash: 8}",
    "truncate": "{truncate: 4}",
    "date-jitter": "{date-jitter: 7}",
    "mask": '{mask: "[0-9]+"}',
    "pseudonym": "{pseudonym: patient-id}",
    DOCUMENT: "{document: blank.pdf}",
}
ACTIONS: Final = tuple(dict.fromkeys((*PLAIN, *EXAMPLES)))


def _vr(placed: Placed) -> str:
    """The VR of what is selected, as far as one is known."""
    match placed.target:
        case OfVr(vr):
            return vr
        case Selector() as target if target.breadth == 1:
            return vr_of(target.pattern) or ""
        case _:
            return ""


def _name(placed: Placed) -> str:
    target = placed.target
    return name_of(target.pattern) if isinstance(target, Selector) else target.text


def _check_replacement(action: act.Replace, vr: str, line: int) -> None:
    """Raise Wrong for a text that the VR does not allow (PS3.5 6.2)."""
    value = action.value
    if any(ord(letter) < 0x20 for letter in value):
        raise Wrong(line, "a replacement holds a control character", "write one line of text")
    if vr in _LENGTHS:
        legal = len(value) <= _LENGTHS[vr]
    elif vr in _WHOLE:
        legal = value.removeprefix("-").isdigit() and value.isascii()
    elif vr in _REAL:
        legal = is_legal(value.encode("ascii", "replace"), "DS")
    else:
        legal = vr not in FORMED_VRS or is_legal(value.encode("ascii", "replace"), vr)
    if not legal:
        raise Wrong(line, f"this text is not legal for the VR {vr}", "see PS3.5 6.2")
