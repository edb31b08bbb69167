"""Read a selector: the text before the colon of a rule.

PatientSex                       a keyword of PS3.6
(0008,1030)  (60xx,3000)         a tag; x stands for any digit
(0019,"SIEMENS MR HEADER",10)    a private element by its creator; xx for the whole block
vr:DA                            every element written with this VR
regex:.*Comments                 every element whose whole keyword matches (RE2)
A/B/C                            C in an item of B in an item of A, wherever A lies
/PatientID                       at the root of the object alone
A/*                              every element in an item of A
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from dicomveil.dicom.dictionary import all_tags, keyword_of, repeating, tag_of, vr_of
from dicomveil.dicom.tags import tag_text
from dicomveil.errors import ProfileError
from dicomveil.policy.patterns import whole
from dicomveil.policy.recipe.faults import Wrong, accepted
from dicomveil.policy.selectors import Selector, selector
from dicomveil.policy.selectors_placed import (
    ANY,
    Keywords,
    OfVr,
    Placed,
    PrivateOf,
    Root,
    Target,
)

VRS: Final = tuple(
    "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR"
    " US UT UV".split()
)
FORMS: Final = 'write a keyword, (gggg,eeee), (gggg,"CREATOR",ee), vr:DA, regex:.*Date, or A/B'
DEEPEST: Final = 8
KEYWORD: Final = r"[A-Z][A-Za-z0-9]{1,69}"
TAG: Final = r"\([0-9A-Fa-fx]{4},[0-9A-Fa-fx]{4}\)"
PRIVATE: Final = r'\([0-9A-Fa-f]{4},"[^"\\]{1,64}",(?:[0-9A-Fa-f]{2}|xx)\)'
_KEYWORD = re.compile(KEYWORD)
_TAG = re.compile(TAG)
_PRIVATE = re.compile(PRIVATE)
_STEP = re.compile(r'(?:[^/"]|"[^"]*")+')
# What other tools write for a path, with items: A[0].B, A[*].B, A.B, A[<0>].B
_DOTTED = re.compile(r"[A-Za-z0-9)]+(?:\[[^\]]*\])?\.[A-Z(]|\[[0-9*<>]*\]")


def read_selector(text: str, line: int) -> Placed:
    """The selector that `text` writes; Wrong says what is accepted."""
    text = text.strip()
    if text == "*":
        raise Wrong(line, "a rule for all elements is not a rule", "write `unlisted:` instead")
    if text.startswith("regex:"):
        return Placed(_keywords(text, line))
    if _DOTTED.search(text):
        raise Wrong(line, "a path is not written with dots or brackets", "write A/B/C")
    root = Root.ROOT if text.startswith("/") else Root.ANYWHERE
    steps = _steps(text.removeprefix("/"), line)
    if len(steps) > DEEPEST:
        raise Wrong(line, "the path is too long", f"at most {DEEPEST} steps")
    *above, target = steps
    return Placed(_target(target, line), tuple(_sequence(s, line) for s in above), root)


def read_element(text: str, line: int) -> int:
    """The tag of one public element, by keyword or as (gggg,eeee): what a condition asks of."""
    found = _target(text.strip(), line)
    if not isinstance(found, Selector) or found.breadth != 1 or found.pattern & 0x10000:
        raise Wrong(line, "a condition asks of one public element", "write its keyword")
    return found.pattern


def name_of(tag: int) -> str:
    """The keyword of a tag, or the tag where it has none."""
    return keyword_of(tag) or tag_text(tag)


def _steps(text: str, line: int) -> list[str]:
    steps = _STEP.findall(text)
    if "/".join(steps) != text or not all(step.strip() for step in steps):
        raise Wrong(line, "this is no selector", FORMS)
    return [step.strip() for step in steps]


def _sequence(text: str, line: int) -> Target:
    """A step that is not the last: a sequence, or `*`."""
    step = _target(text, line)
    if not isinstance(step, Selector | PrivateOf):
        raise Wrong(line, "only the last step can be a VR", "name the sequences before it")
    if isinstance(step, Selector) and step.breadth == 1:
        vr = vr_of(step.pattern)
        if vr not in (None, "SQ"):
            problem = f"{name_of(step.pattern)} is no sequence: nothing lies in it"
            raise Wrong(line, problem, "let each step but the last be a sequence")
    return step


def _target(text: str, line: int) -> Target:
    if text == "*":
        return ANY
    if text.startswith("vr:"):
        return _vr(text, line)
    if text.startswith("regex:"):
        raise Wrong(line, "an expression cannot be a step of a path", "name the element")
    if _PRIVATE.fullmatch(text):
        return _private(text, line)
    if _TAG.fullmatch(text):
        return _tag(text, line)
    if _KEYWORD.fullmatch(text):
        return _keyword(text, line)
    raise Wrong(line, "this is no selector", _meant(text))


def _meant(text: str) -> str:
    """What may have been meant by a text of no accepted form."""
    digits = text.strip("()[] ").replace(",", "").replace(" ", "").replace("0x", "")
    if re.fullmatch(r"[0-9A-Fa-fx]{8}", digits):
        return f"write ({digits[:4]},{digits[4:]})"
    return FORMS


def _vr(text: str, line: int) -> OfVr:
    vr = text.removeprefix("vr:").strip()
    if vr not in VRS:
        raise Wrong(line, "there is no such VR", f"accepted: {', '.join(VRS)}")
    return OfVr(vr)


def _private(text: str, line: int) -> PrivateOf:
    group, rest = text[1:5], text[6:-1]
    creator, last = rest[1:-4].strip(), rest[-2:]
    if not int(group, 16) & 1:
        raise Wrong(line, "a private group is odd", "look at the group's last digit")
    if not creator:
        raise Wrong(line, "the creator is empty", 'write (0019,"CREATOR",10)')
    return PrivateOf(int(group, 16), creator, None if last == "xx" else int(last, 16))


def _tag(text: str, line: int) -> Selector:
    group = text[1:5]
    if "x" not in group and int(group, 16) & 1:
        raise Wrong(
            line,
            "a private element's number says nothing without its creator",
            f'write ({group},"CREATOR",{text[8:10]}) with the creator as the device writes it',
        )
    if group.lower() in {"0000", "0002", "0004", "fffa", "fffc"}:
        fix = "remove this line: dicomveil writes or removes it by itself"
        raise Wrong(line, "this group has no place in a data set", fix)
    return selector("(" + text[1:-1].upper().replace("X", "x") + ")")


def _keyword(text: str, line: int) -> Selector:
    tag = tag_of(text)
    if tag is not None:
        return _tag(tag_text(tag), line)
    for entry in repeating():
        if entry.keyword == text:
            return selector(_pattern_text(entry.mask, entry.pattern))
    raise Wrong(line, "there is no element of this keyword", accepted(text, _all_keywords()))


def _pattern_text(mask: int, pattern: int) -> str:
    digits = "".join(
        f"{pattern >> at & 0xF:X}" if mask >> at & 0xF else "x" for at in range(28, -1, -4)
    )
    return f"({digits[:4]},{digits[4:]})"


def _keywords(text: str, line: int) -> Keywords:
    pattern = text.removeprefix("regex:").strip()
    try:
        matches = whole(pattern)
    except ProfileError as error:
        raise Wrong(
            line, str(error), "look-around and references to groups are not in RE2"
        ) from error
    found = tuple(each for name, each in _selectors_by_keyword().items() if matches(name))
    if not found:
        fix = "the whole keyword has to match: `.*Date`, not `Date`"
        raise Wrong(line, "no keyword of PS3.6 matches this expression", fix)
    return Keywords(pattern, found)


@cache
def _selectors_by_keyword() -> dict[str, Selector]:
    """The selector of each keyword that can stand in a data set."""
    tags = ((keyword_of(tag), tag) for tag in all_tags())
    single = {name: selector(tag_text(tag)) for name, tag in tags if name and _listed(tag)}
    families = {e.keyword: selector(_pattern_text(e.mask, e.pattern)) for e in repeating()}
    return single | {name: each for name, each in families.items() if name}


def _listed(tag: int) -> bool:
    return tag >> 16 not in {0x0000, 0x0002, 0x0004, 0xFFFA, 0xFFFC, 0xFFFE}


def _all_keywords() -> Iterator[str]:
    return iter(_selectors_by_keyword())
