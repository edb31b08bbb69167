"""Read a document that stands in for encapsulated ones, and what has to change with it."""

from collections.abc import Iterator
from typing import Final

from dicomveil.policy import actions as act
from dicomveil.policy.documents import (
    BURNED_IN,
    DOCUMENT,
    DOCUMENT_LENGTH,
    LARGEST,
    MIME_TYPE,
    kind_of_document,
)
from dicomveil.policy.recipe.faults import Wrong
from dicomveil.policy.recipe.files import Beside
from dicomveil.policy.recipe.nodes import Node, text_of
from dicomveil.policy.rules import Rule
from dicomveil.policy.selectors import Selector, selector
from dicomveil.policy.selectors_placed import Condition, Keywords, Placed, Test

_SOP_CLASS: Final = 0x00080016


def read_document(node: Node, beside: Beside) -> act.Document:
    """The document of the file that a node names; Wrong when it is none that can stand in."""
    line = node.line
    try:
        content = beside.content(text_of(node, "the document's file").text, LARGEST)
        if content is None:
            raise Wrong(line, "the document is too large", f"at most {LARGEST >> 20} MB")
    except OSError as error:
        fix = "a path counts from the recipe's folder"
        raise Wrong(line, f"the document cannot be read ({error.strerror})", fix) from error
    except ValueError as error:
        raise Wrong(line, "the document's path is not accepted", "write a path") from error
    kind = kind_of_document(content)
    if kind is None:
        fix = "a PDF, a CDA document (XML), or a model in binary STL"
        raise Wrong(line, "the document is of no kind that an object can hold", fix)
    return act.Document(kind, content)


def check_place(placed: Placed, line: int) -> None:
    """Raise Wrong when the selector speaks of anything but the object's own document."""
    target = placed.target
    if isinstance(target, Keywords) and len(target.selectors) == 1:
        target = target.selectors[0]
    single = isinstance(target, Selector) and (target.pattern, target.breadth) == (DOCUMENT, 1)
    if not single or placed.length:
        raise Wrong(line, "a document stands in for a document", "write EncapsulatedDocument")


def companions(rule: Rule) -> Iterator[Rule]:
    """The rules for what an object says of its document, where one stands in for it.

    Its length, its MIME type, and that nothing is burned in, on the word of the recipe's author.
    """
    action = rule.action
    if not isinstance(action, act.Document):
        return
    said = {
        DOCUMENT_LENGTH: str(len(action.content)),
        MIME_TYPE: action.kind.mime_type,
        BURNED_IN: "NO",
    }
    uid = action.kind.sop_class
    own_class = Condition(_SOP_CLASS, Test.EQUALS, (uid,), f"SOPClassUID is {uid}")
    conditions = rule.selector.conditions if isinstance(rule.selector, Placed) else ()
    for tag, text in said.items():
        one = selector(f"({tag >> 16:04X},{tag & 0xFFFF:04X})")
        placed = Placed(one, conditions=tuple(dict.fromkeys((*conditions, own_class))))
        yield Rule(placed, act.Replace(text), rule.origin)
