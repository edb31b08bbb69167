"""Read conditions: what must hold of other elements of the object.

    Modality: CT                              one of its values is CT
    Modality: [CT, MR]                        one of its values is one of these
    SOPClassUID: CT Image Storage             a SOP Class by its name or its UID
    Manufacturer: {starts-with: SIEMENS}      or equals, not-equals, contains
    BurnedInAnnotation: {is: absent}          or present, empty

All of several must hold. Values are compared without regard to case and padding, and are never
regular expressions: the text of an object can not make a run slow.
"""

from typing import Final

from dicomveil.dicom.dictionary import vr_of
from dicomveil.dicom.uids import uids_of_type
from dicomveil.policy.recipe.faults import Wrong, accepted
from dicomveil.policy.recipe.nodes import Items, Keys, Node, Text, items_of, keys_of, text_of
from dicomveil.policy.recipe.selectors import name_of, read_element
from dicomveil.policy.selectors_placed import Condition, Test, folded

TESTS: Final = {
    "equals": Test.EQUALS,
    "not-equals": Test.NOT_EQUALS,
    "starts-with": Test.STARTS,
    "contains": Test.CONTAINS,
}
STATES: Final = {"present": Test.PRESENT, "absent": Test.ABSENT, "empty": Test.EMPTY}
MOST_VALUES: Final = 1000
_FORM: Final = "write for instance {Modality: [CT, MR]}"
_UNASKED: Final = frozenset({"SQ", "OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_BINARY: Final = frozenset({"AT", "FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"})


def read_conditions(node: Node) -> tuple[Condition, ...]:
    """The conditions, by tag, so that the order in which they are written does not matter."""
    pairs = keys_of(node, "a condition", _FORM)
    if not pairs:
        raise Wrong(node.line, "there is no condition", _FORM)
    found = (_condition(key, value) for key, value in pairs)
    return tuple(sorted(found, key=lambda each: (each.tag, each.test.name, each.values)))


def _condition(key: Text, node: Node) -> Condition:
    tag = read_element(key.text, key.line)
    if vr_of(tag) in _UNASKED:
        raise Wrong(key.line, "a condition asks of text and numbers", "name another element")
    test, values = _asked(node)
    if values and vr_of(tag) in _BINARY:
        raise Wrong(key.line, "a condition compares text, not binary numbers", "ask {is: present}")
    if not all(value.isascii() and "\\" not in value for value in values):
        # An object says in which character set its texts are; a condition does not.
        raise Wrong(
            node.line, "a condition compares with ASCII text", "use starts-with or contains"
        )
    if tag == 0x00080016 and test in (Test.EQUALS, Test.NOT_EQUALS):
        values = tuple(_sop_class(value, node.line) for value in values)
    text = " ".join((name_of(tag), _said(test), " or ".join(values))).rstrip()
    return Condition(tag, test, tuple(map(folded, values)), text)


def _asked(node: Node) -> tuple[Test, tuple[str, ...]]:
    """The test and the values that it compares with."""
    if not isinstance(node, Keys):
        return Test.EQUALS, _values(node)
    if len(node.pairs) != 1:
        raise Wrong(node.line, "one test is asked of an element", f"one of {', '.join(TESTS)}")
    key, value = node.pairs[0]
    if key.text == "is":
        state = text_of(value, "the state").text
        if state not in STATES:
            raise Wrong(value.line, "there is no such state", accepted(state, STATES))
        return STATES[state], ()
    if key.text not in TESTS:
        raise Wrong(key.line, "there is no such test", accepted(key.text, [*TESTS, "is"]))
    return TESTS[key.text], _values(value)


def _values(node: Node) -> tuple[str, ...]:
    items = items_of(node)
    if not items or len(items) > MOST_VALUES:
        raise Wrong(node.line, "a list of values has none or too many", f"1 to {MOST_VALUES}")
    if isinstance(node, Items):
        return tuple(text_of(item, "a value").text for item in items)
    return (text_of(node, "a value").text,)


def _said(test: Test) -> str:
    """The test as a reader says it: `=`, `starts-with`, `is absent`."""
    names = {Test.EQUALS: "=", Test.NOT_EQUALS: "!="}
    names |= {test: name for name, test in TESTS.items() if test not in names}
    return names.get(test) or next(f"is {name}" for name, each in STATES.items() if each is test)


def _sop_class(value: str, line: int) -> str:
    classes = uids_of_type("SOP Class")
    if value in classes.values() or value.replace(".", "").isdigit():
        return value
    by_name = {name.casefold(): uid for name, uid in classes.items()}
    uid = by_name.get(value.casefold())
    if uid is None:
        raise Wrong(line, "there is no SOP Class of this name", accepted(value, classes))
    return uid
