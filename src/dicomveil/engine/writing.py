"""What a template comes to for one element: the text of its sources, fitted to its VR."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.fitting import Fit, Target, fitted
from dicomveil.dicom.forms import encode_element
from dicomveil.dicom.tags import Tag
from dicomveil.engine.scene import CHARACTER_SET, Scene
from dicomveil.engine.sources import Said, said
from dicomveil.errors import BadValue, Refused
from dicomveil.policy.functions import applied
from dicomveil.policy.templates import OWN, FakeName, Source, Template

EMPTIED: Final = "emptied"
_REMEMBERED: Final = 4096
_Said = Callable[[Tag], Said | None]


class Written(NamedTuple):
    """An element that is written: where, what its report says, and the bytes in its place."""

    element: Element  # as it lies, or without extent as it would lie
    name: str
    new: bytes  # a whole element, b"" for none
    text: str  # the new value, for those who may see it


class Writer:
    """Makes elements of templates. Remembers what it made: values repeat from file to file."""

    def __init__(self, key: bytes, fit: Fit) -> None:
        """Hash under `key` where a template asks for it."""
        self._key = key
        self._fit = fit
        self._made: dict[tuple[object, ...], tuple[bytes, str, str]] = {}

    def write(self, scene: Scene, element: Element, template: Template) -> Written | None:
        """The element in place of `element`; None when nothing changes.

        A source that is absent empties the element, and does not add one. Raises Refused with the
        element's path when the result does not fit.
        """
        if element.holder is not None or OWN in template.needs:
            made = self._make(scene, element, template)
        else:
            made = self._remembered(scene, element, template)
        new, text, name = made
        if not new or scene.data[element.start : element.end] == new:
            return None
        return Written(element, name, new, text)

    def text(self, scene: Scene, template: Template) -> str | None:
        """The text of a template that is written to no element; None without a source."""
        return self._text(template, lambda tag: _root(scene, tag))

    def _remembered(
        self, scene: Scene, element: Element, template: Template
    ) -> tuple[bytes, str, str]:
        tag, vr = element.tag, element.vr
        roots, raw = scene.roots, scene.raw
        sources = (CHARACTER_SET, *template.needs)
        values = (raw(e) if (e := roots.get(one)) else None for one in sources)
        present = element.end > element.start
        key = (tag, vr, element.form, present, *values)
        made = self._made.get(key)
        if made is None:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            made = self._made[key] = self._make(scene, element, template)
        return made

    def _make(self, scene: Scene, element: Element, template: Template) -> tuple[bytes, str, str]:
        """The new element, its text, and the name of what was done; b"" for none."""
        present = element.end > element.start

        def value_of(tag: Tag) -> Said | None:
            if tag == OWN:
                return said(scene, element) if present else None
            return _root(scene, tag)

        text = self._text(template, value_of)
        name = template.name
        if text is None:
            if not present:
                return b"", "", EMPTIED
            text, name = "", EMPTIED
        if element.vr == "SQ":
            text, name = "", EMPTIED  # no text is a sequence: its items go
        value = self._fitted(scene, element, text)
        return encode_element(element.form, element.tag, element.vr, value), text, name

    def _fitted(self, scene: Scene, element: Element, text: str) -> bytes:
        if not text:
            return b""
        try:
            target = Target(element.vr, scene.charset(element), element.form)
            return fitted(text, target, self._fit)
        except Refused as refused:
            code = refused.code
        except BadValue:
            code = "result-characters"  # the character set itself is unknown
        raise Refused(code, path=element.path)

    def _text(self, template: Template, value_of: _Said) -> str | None:
        pieces = []
        for part in template.parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            value = value_of(part.tag)
            if value is None:
                return None
            pieces.append("\\".join(self._values(part, value, value_of)))
        return "".join(pieces)

    def _values(self, source: Source, value: Said, value_of: _Said) -> Iterator[str]:
        """The source's values after its functions, each by itself; a name is one value."""
        named = any(isinstance(one, FakeName) for one in source.functions)
        for text in value.values[:1] if named else value.values:
            result = text
            for function in source.functions:
                result = applied(function, result, _seed(function, value, value_of), self._key)
            yield result


def _seed(function: object, value: Said, value_of: _Said) -> bytes:
    """What a name is seeded by: the element it asks for, else the source's own value."""
    if not isinstance(function, FakeName) or function.seed is None:
        return value.seed
    return (value_of(function.seed) or value).seed


def _root(scene: Scene, tag: Tag) -> Said | None:
    element = scene.roots.get(tag)
    return said(scene, element) if element else None
