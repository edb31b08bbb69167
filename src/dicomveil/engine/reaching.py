"""Find the elements that a path leads to: in items, and in private blocks by their owner."""

from collections.abc import Iterable, Iterator
from typing import Final

from dicomveil.dicom.dictionary import vr_of
from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form
from dicomveil.dicom.tags import Tag, is_private, is_private_creator
from dicomveil.engine.scene import Scene
from dicomveil.policy.paths import Path, Step

_PAD: Final = b" \0"


class Tree:
    """A walked data set as a tree: what lies in it, in each item, and at the end of each."""

    def __init__(self, scene: Scene, form: Form, end: int) -> None:
        """See `scene`, written in `form`, whose last element ends at `end`."""
        self._scene = scene
        self._form = form
        self._end = end
        self._within: dict[int, list[Element]] = {}
        for element in scene.elements:
            self._within.setdefault(id(element.holder), []).append(element)

    def reached(self, path: Path) -> Iterator[Element]:
        """Each element at the end of the path; a public one that is absent as it would lie."""
        holders: list[Element | None] = [None]
        for step in path[:-1]:
            holders = list(self._items(holders, step))
        for holder in holders:
            element = self._found(holder, path[-1]) or self.absent(path[-1].tag, holder)
            if element is not None:
                yield element

    def absent(self, tag: Tag, holder: Element | None = None) -> Element | None:
        """The public element as it would lie, of no extent; None without a VR of its own."""
        vr = None if is_private(tag) else vr_of(tag)
        if vr is None:
            return None
        stop = self._end if holder is None else holder.stop
        at = next((e.start for e in self._in(holder) if e.tag > tag), stop)
        form = self._form if holder is None else holder.form
        return Element(tag, vr, at, at, at, at, holder, form)

    def _items(self, holders: Iterable[Element | None], step: Step) -> Iterator[Element]:
        for holder in holders:
            sequence = self._found(holder, step)
            for item in self._in(sequence) if sequence is not None else ():
                if step.item in {None, item.index}:
                    yield item

    def _in(self, holder: Element | None) -> list[Element]:
        return self._within.get(id(holder), [])

    def _found(self, holder: Element | None, step: Step) -> Element | None:
        tag = self._owned(holder, step) if step.creator else step.tag
        return next((e for e in self._in(holder) if e.tag == tag), None)

    def _owned(self, holder: Element | None, step: Step) -> Tag | None:
        """The tag in the block that the creator has reserved here (PS3.5 §7.8.1)."""
        wanted = step.creator.encode("utf-8")
        for element in self._in(holder):
            ours = element.tag >> 16 == step.tag >> 16 and is_private_creator(element.tag)
            if ours and self._scene.raw(element).strip(_PAD) == wanted:
                return step.tag & 0xFFFF0000 | (element.tag & 0xFF) << 8 | step.tag & 0xFF
        return None
