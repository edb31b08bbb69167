"""One object in; the object with substituted values out, every other byte as it lay.

The twin of `engine.cleaner` for a substitution: it opens, looks, edits and splices as a profile's
cleaner does, but admits every object and proves nothing, because it is no de-identification.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from dicomveil.dicom.dictionary import vr_of
from dicomveil.dicom.elements import Element
from dicomveil.dicom.fitting import Fit
from dicomveil.dicom.forms import Form
from dicomveil.dicom.frames import Frames
from dicomveil.dicom.part10 import Part10, deflate, inflate, open_part10
from dicomveil.dicom.skim import Asked, Skimmed, Skimmer
from dicomveil.dicom.splice import Edit, Segment, Span, joined, splice
from dicomveil.dicom.tags import Tag, is_group_length, is_private
from dicomveil.dicom.walk import Bytes, walk
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.original import Original
from dicomveil.engine.reaching import Tree
from dicomveil.engine.report import Report
from dicomveil.engine.scene import CHARACTER_SET, SOP_CLASS, SOP_INSTANCE, Scene
from dicomveil.engine.upkeep import length_edits, meta_edits
from dicomveil.engine.writing import Writer, Written
from dicomveil.errors import InvalidDicom
from dicomveil.policy.names import prepare
from dicomveil.policy.substitution import Private, Substitution
from dicomveil.policy.templates import FakeName, Template

SMALLEST_HEAD: Final = 1 << 14
LARGEST_HEAD: Final = 1 << 20
REMOVED: Final = "removed"
_ELEMENT_HEAD: Final = 12


class Looked(NamedTuple):
    """An object as it was looked at."""

    part10: Part10
    scene: Scene
    gaps: dict[Tag, int] | None  # where what is absent would lie; None after a whole walk
    end: int  # the byte after the last element that was walked


class Skim(NamedTuple):
    """What a skim found in the bytes at hand."""

    data: Bytes
    skimmed: Skimmed


class Known(NamedTuple):
    """What became of the object before, and what that depends on."""

    form: Form
    asked: list[bytes]  # the elements that were asked for, whole
    places: list[tuple[Tag, int]]  # what was written, in order: its number in `asked`, -1 if absent
    new: list[bytes]
    report: Report
    stem: str


class Choices(NamedTuple):
    """How a substitution is carried out."""

    fit: Fit = Fit.REFUSE
    stem: Template | None = None  # what the output's name is made of


class Substituter:
    """Substitutes values in objects. One per process; not for several threads."""

    def __init__(
        self, substitution: Substitution, *, key: bytes = b"", choices: Choices | None = None
    ) -> None:
        """Carry out `substitution`; `key` is for its hmac, if it has one."""
        self._substitution = substitution
        self._choices = choices or Choices()
        self._writer = Writer(key, self._choices.fit)
        self._targets = sorted(substitution.root.items())
        if any(isinstance(one, FakeName) for t in substitution.templates for one in t.functions):
            prepare()  # before the fork, where there is one
        self._whole = bool(substitution.deep) or substitution.private is Private.REMOVE
        self._skimmer = Skimmer(_asked(substitution, self._choices.stem))
        self._frames = Frames()
        self._renames = bool({SOP_CLASS, SOP_INSTANCE} & set(substitution.root))
        self._known: Known | None = None
        self.wanted_head = SMALLEST_HEAD  # bytes of a file that are worth reading at once

    def clean(self, original: Original) -> Cleaned:
        """The object with its new values; raises InvalidDicom, and Refused when one cannot fit."""
        part10 = self._opened(original)
        skim = self._skim(original, part10)
        again = self._again(original, part10, skim) if skim else None
        if again is not None:
            return again
        looked = self._looked(original, part10, skim)
        written = self.written(looked)
        whole: list[Segment] = [Span(0, original.size)]
        segments = _segments(original, looked, written) if written else whole
        report = Report([(one.element, one.name) for one in written])
        stem = self._stem(looked.scene)
        if skim is not None and not _has_lengths(looked.scene):
            self._known = _known(skim, written, report, stem)
        return _cleaned(part10, segments, report, stem)

    def _again(self, original: Original, part10: Part10, skim: Skim) -> Cleaned | None:
        """The object where it says what the one before said; None where it does not.

        What is written depends on the elements that are asked for and on nothing else, and these
        are the same in most files of a series.
        """
        known, data = self._known, skim.data
        if known is None or part10.meta or skim.skimmed.form is not known.form:
            return None
        spans = _spans(skim.skimmed)
        if not isinstance(data, bytes) or [data[at:end] for at, end in spans] != known.asked:
            return None
        gaps = skim.skimmed.gaps
        pieces: list[bytes] = []
        at = 0
        for (tag, number), new in zip(known.places, known.new, strict=True):
            start, end = spans[number] if number >= 0 else (gaps[tag], gaps[tag])
            pieces += data[at:start], new
            at = end
        segments: list[Segment] = [b"".join(pieces)] if pieces else []
        if at < original.size:
            segments.append(Span(at, original.size))
        return _cleaned(part10, segments, known.report, known.stem)

    def looked(self, original: Original) -> Looked:
        """The object as it is looked at: skimmed where that will do, else walked; InvalidDicom."""
        part10 = self._opened(original)
        return self._looked(original, part10, self._skim(original, part10))

    def _looked(self, original: Original, part10: Part10, skim: Skim | None) -> Looked:
        if skim is not None:
            scene = Scene(skim.data, skim.skimmed.elements)
            return Looked(part10, scene, skim.skimmed.gaps, original.size)
        data: Bytes = original.view()
        start = part10.start
        if part10.syntax.deflated:
            data, start = inflate(data[start:]), 0
        elements = walk(data, part10.syntax.form, start, breathe=original.release)
        end = max((e.end for e in elements if e.holder is None), default=start)
        return Looked(part10, Scene(data, elements), None, end)

    def _opened(self, original: Original) -> Part10:
        """How the object is framed, told by its head where the file meta surely ends in it."""
        head, size = original.head, original.size
        framed = None if self._renames else self._frames.framed(head)
        if framed is not None and framed.start + _ELEMENT_HEAD <= len(head):
            return framed
        if len(head) < size:
            with suppress(InvalidDicom):
                part10 = self._frames.open(head, size)
                if part10.start + _ELEMENT_HEAD <= len(head):
                    return part10
        return open_part10(original.view(), size)

    def written(self, looked: Looked) -> list[Written]:
        """Everything that is written to the object, in the order it lies; Refused as in `clean`."""
        at_root = (self._written_to(looked, tag, template) for tag, template in self._targets)
        found = [one for one in at_root if one is not None]
        if self._whole:
            found = _removed(looked.scene, self._substitution.private) + found
            found += self._deep(looked, found)
        found.sort(key=lambda one: (one.element.start, one.element.end, one.element.tag))
        return list(_apart(found))

    def _skim(self, original: Original, part10: Part10) -> Skim | None:
        """What a skim finds, in the head alone where that reaches; None where it will not do."""
        if self._whole or part10.syntax.deflated:
            return None
        form, size = part10.syntax.form, original.size
        seen: Bytes = original.head
        skimmed = self._skimmer.skim(seen, size, form, part10.start)
        if skimmed is None and len(seen) < size:
            seen = original.view()
            skimmed = self._skimmer.skim(seen, size, form, part10.start)
            if skimmed is not None and skimmed.reach <= LARGEST_HEAD:
                wanted = -(-skimmed.reach // SMALLEST_HEAD) * SMALLEST_HEAD
                self.wanted_head = max(self.wanted_head, wanted)
        return None if skimmed is None else Skim(seen, skimmed)

    def _written_to(self, looked: Looked, tag: Tag, template: Template) -> Written | None:
        element = looked.scene.roots.get(tag)
        if element is None and tag in self._substitution.named:
            element = _would_be(looked, tag)
        return self._writer.write(looked.scene, element, template) if element else None

    def _deep(self, looked: Looked, before: Sequence[Written]) -> Iterator[Written]:
        """What paths lead to, but in what is removed or emptied as a whole."""
        tree = Tree(looked.scene, looked.part10.syntax.form, looked.end)
        gone = {id(one.element) for one in before}
        for path, template in self._substitution.deep:
            for element in tree.reached(path):
                if not _lies_in(element, gone):
                    written = self._writer.write(looked.scene, element, template)
                    if written is not None:
                        yield written

    def _stem(self, scene: Scene) -> str:
        template = self._choices.stem
        return "" if template is None else self._writer.text(scene, template) or ""


def _asked(substitution: Substitution, stem: Template | None) -> Asked:
    """The elements that a skim must find: targets, sources, and what keeps them in order."""
    templates = [*substitution.root.values(), *([stem] if stem else [])]
    sources = {tag for template in templates for tag in template.needs if tag >= 0}
    lengths = {tag & 0xFFFF0000 for tag in substitution.root}
    tags = sources | lengths | set(substitution.root) | {CHARACTER_SET}
    return Asked(frozenset(tags), sorted(substitution.named))


def _would_be(looked: Looked, tag: Tag) -> Element | None:
    """An absent element as it would lie; None for one that has no VR of its own."""
    form = looked.part10.syntax.form
    if looked.gaps is None:
        return Tree(looked.scene, form, looked.end).absent(tag)
    return _would_lie(tag, looked.gaps[tag], form)


def _would_lie(tag: Tag, at: int, form: Form) -> Element | None:
    """An element of no extent; None for one that has no VR of its own."""
    vr = None if is_private(tag) else vr_of(tag)
    return None if vr is None else Element(tag, vr, at, at, at, at, None, form)


def _spans(skimmed: Skimmed) -> list[tuple[int, int]]:
    """Where what was asked for lies."""
    spans = [(start, end) for _, _, start, end in skimmed.spots]
    return spans + [(one.start, one.end) for one in skimmed.walked] if skimmed.walked else spans


def _known(skim: Skim, written: Sequence[Written], report: Report, stem: str) -> Known:
    """What is to be remembered of an object."""
    spans = _spans(skim.skimmed)
    numbers = {start: number for number, (start, _) in enumerate(spans)}
    absent = [one.element.start == one.element.end for one in written]
    return Known(
        skim.skimmed.form,
        [bytes(skim.data[start:end]) for start, end in spans],
        [
            (one.element.tag, -1 if gone else numbers[one.element.start])
            for one, gone in zip(written, absent, strict=True)
        ],
        [one.new for one in written],
        report,
        stem,
    )


def _cleaned(part10: Part10, segments: list[Segment], report: Report, stem: str) -> Cleaned:
    return Cleaned(
        segments=segments,
        patient_id="",
        study_uid="",
        series_uid="",
        sop_uid="",
        sop_class=part10.media_sop_class,
        report=report,
        stem=stem,
    )


def _removed(scene: Scene, private: Private) -> list[Written]:
    """The outermost private elements, where they are to go."""
    if private is Private.KEEP:
        return []
    gone = [e for e in scene.elements if e.vr and is_private(e.tag)]
    inside = {id(e) for e in gone}
    return [Written(e, REMOVED, b"", "") for e in gone if not _lies_in(e, inside, itself=False)]


def _lies_in(element: Element, those: set[int], *, itself: bool = True) -> bool:
    here = element if itself else element.holder
    while here is not None:
        if id(here) in those:
            return True
        here = here.holder
    return False


def _apart(found: Sequence[Written]) -> Iterator[Written]:
    """What is written, without what lies in something that is written as a whole."""
    covered = -1
    for one in found:
        if one.element.start >= covered:
            yield one
            covered = one.element.end


def _segments(original: Original, looked: Looked, written: Sequence[Written]) -> list[Segment]:
    """The output: new elements between spans of the original, lengths and file meta mended."""
    scene, part10 = looked.scene, looked.part10
    if looked.gaps is not None and not part10.meta and not _has_lengths(scene):
        return _laid(written, original.size)
    edits = [Edit(e.start, e.end, one.new, e.holder) for one in written for e in [one.element]]
    edits += length_edits(scene, written)
    new = {one.element.tag: one for one in written if one.element.holder is None}
    meta = meta_edits(original, part10, new.get(SOP_CLASS), new.get(SOP_INSTANCE))
    if not part10.syntax.deflated:
        return splice(scene.data, [*meta, *edits], 0, original.size)
    body = joined(scene.data, splice(scene.data, edits, 0))
    return [*splice(b"", meta, 0, part10.start), deflate(body)]


def _has_lengths(scene: Scene) -> bool:
    """Whether there are lengths of groups to mend."""
    return any(is_group_length(element.tag) for element in scene.elements)


def _laid(written: Sequence[Written], size: int) -> list[Segment]:
    """The segments where nothing around what is written has a length to mend."""
    segments: list[Segment] = []
    at = 0
    for element, _, new, _ in written:
        if element.start > at:
            segments.append(Span(at, element.start))
        segments.append(new)
        at = element.end
    if at < size:
        segments.append(Span(at, size))
    return segments
