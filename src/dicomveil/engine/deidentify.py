"""One object in; the object as it may leave, and the record of what was changed.

This is the plain road: walk, gate, decide, splice, verify. engine/template.py is a faster road to
the same bytes for headers of a layout met before.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form
from dicomveil.dicom.legality import is_legal_uid
from dicomveil.dicom.part10 import NewMeta, Part10, Writer, deflate, inflate, new_meta, open_part10
from dicomveil.dicom.splice import Edit, Masked, Segment, Span, joined, splice
from dicomveil.dicom.tags import PIXEL_TAGS, Tag
from dicomveil.dicom.walk import Bytes, walk
from dicomveil.engine.choosing import Choice
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.edits import Judgement, judged
from dicomveil.engine.facts import facts_under, pixel_mask
from dicomveil.engine.gate import PixelTrust, admit
from dicomveil.engine.identity import Identity, identity_of
from dicomveil.engine.marks import Marks, mark_edits
from dicomveil.engine.original import Original
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.engine.report import Report
from dicomveil.engine.scene import (
    PATIENT_ID,
    SERIES_UID,
    SOP_CLASS,
    SOP_INSTANCE,
    STUDY_UID,
    Scene,
)
from dicomveil.engine.verify import verify_run
from dicomveil.errors import EXCLUDED, Leak, Refused
from dicomveil.policy.compiled import Compiled
from dicomveil.policy.filters import Verdict

PIXEL_DATA: Final = 0x7FE00010
BULK: Final = 1 << 16
_BULK_VRS: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW"})


class Rules(NamedTuple):
    """All that decides what happens, the same for every object of a run."""

    compiled: Compiled
    names: Pseudonyms
    marks: Marks
    pixels: PixelTrust
    writer: Writer
    verified: bool


class Act(NamedTuple):
    """The making of one object: what was read, and what is written in its place."""

    part10: Part10
    scene: Scene
    end: int  # the byte after the last top-level element
    edits: Sequence[Edit]
    judgement: Judgement
    identity: Identity | None
    sop_class: bytes
    runs: Sequence[Segment]
    choice: Choice
    compiled: Compiled


def deidentify(original: Original, rules: Rules) -> Act:
    """The object without its identity; raises InvalidDicom and Refused, and then nothing leaves."""
    data: Bytes = original.head if len(original.head) == original.size else original.view()
    part10 = open_part10(data)
    start = part10.start
    if part10.syntax.deflated:
        data, start = inflate(data[start:]), 0
    form = part10.syntax.form
    scene = Scene(data, walk(data, form, start, breathe=original.release))
    sop_class = class_of(part10, scene)
    sift(rules.compiled, scene)
    admit(facts_under(rules.compiled, scene, sop_class, part10.syntax.uid), rules.pixels)
    if not rules.names.expects(scene.patient(None)):
        raise Refused("patient-unexpected", path="(0010,0020)")
    compiled = rules.compiled.for_object(sop_class.decode("ascii"), scene.roots, scene.values)
    scene.spare(compiled.keeps)
    choice = Choice(compiled, scene)
    judgement = judged(scene, compiled, rules.names, choice)
    end = _end(scene, start)
    edits = [*mark_edits(rules.marks, scene, form, rules.names, end), *judgement.edits]
    mask = pixel_mask(scene)
    runs = list(_runs(data, splice(data, edits, start, end), _bulk(scene, mask)))
    dates_stay = rules.marks.longitudinal != "REMOVED"
    kept = judgement.kept
    identity = identity_of(scene, kept, dates_stay=dates_stay) if rules.verified else None
    if identity is not None:
        _hold(runs, form, identity)
    if mask:
        runs = _masked(runs, scene, mask, judgement)
    return Act(part10, scene, end, edits, judgement, identity, sop_class, runs, choice, compiled)


def sift(compiled: Compiled, scene: Scene) -> None:
    """Raise Refused for an object that the profile's filters leave out."""
    match compiled.verdict(scene.values):
        case Verdict.INCLUDE:
            return
        case Verdict.SKIP:
            raise Refused(EXCLUDED)
        case Verdict.QUARANTINE:
            raise Refused("filtered")


def _bulk(scene: Scene, mask: bytes) -> list[Element]:
    """The top-level elements that are copied whole, without being taken into memory."""
    return [
        e
        for e in scene.roots.values()
        if (e.end - e.start >= BULK and (e.tag in PIXEL_TAGS or e.vr in _BULK_VRS))
        or (mask and e.tag == PIXEL_DATA)
    ]


def _masked(
    runs: Sequence[Segment], scene: Scene, mask: bytes, judgement: Judgement
) -> list[Segment]:
    """The runs with only these bits of the pixels, where the pixels stay."""
    pixels = scene.roots[PIXEL_DATA]
    whole = Span(pixels.start, pixels.end)
    if whole not in runs:
        return list(runs)
    judgement.changes.append((pixels, Masked.__name__))
    head = bytes(scene.data[pixels.start : pixels.value])
    at = runs.index(whole)
    return [*runs[:at], head, Masked(Span(pixels.value, pixels.stop), mask), *runs[at + 1 :]]


def _runs(data: Bytes, segments: Sequence[Segment], bulk: Sequence[Element]) -> Iterator[Segment]:
    """The segments as runs of whole elements in memory, between spans of bulk elements."""
    small: list[Segment] = []
    for segment in segments:
        if not isinstance(segment, Span):
            small.append(segment)
            continue
        at, stop = segment
        for element in bulk:
            if at <= element.start and element.end <= stop:
                small.append(Span(at, element.start))
                yield joined(data, small)
                yield Span(element.start, element.end)
                small, at = [], element.end
        small.append(Span(at, stop))
    yield joined(data, small)


def _hold(runs: Sequence[Segment], form: Form, identity: Identity) -> None:
    """Raise Leak at the first place of the output that still identifies."""
    for run in runs:
        if isinstance(run, bytes) and (leaks := verify_run(run, form, identity)):
            hit = leaks.hits[0]
            raise Leak(path=hit.path, offset=hit.offset)


def cleaned(act: Act, rules: Rules) -> Cleaned:
    """The finished object: new file meta before its runs, and the new UIDs for its place."""
    scene, names, judgement = act.scene, rules.names, act.judgement
    runs = list(act.runs)
    if act.part10.syntax.deflated:
        runs = [deflate(joined(scene.data, runs))]
    patient = scene.patient(None)
    new_id = names.code("patient-id", patient).decode().rstrip() if patient else ""
    return Cleaned(
        segments=[b"".join(meta_of(act, rules)), *(run for run in runs if run)],
        patient_id=new_id,
        study_uid=_new_uid(act, STUDY_UID, names),
        series_uid=_new_uid(act, SERIES_UID, names),
        sop_uid=_new_uid(act, SOP_INSTANCE, names),
        sop_class=act.sop_class.decode("ascii"),
        illegal=judgement.illegal,
        report=Report(judgement.changes, judgement.illegal),
        changed_uids=tuple(judgement.uids.items()),
        patient=(scene.root_text(PATIENT_ID), new_id),
    )


def meta_of(act: Act, rules: Rules) -> NewMeta:
    """The preamble and file meta that the output begins with, its instance in step."""
    sop = sop_instance(act.part10, act.scene)
    if not (act.compiled.keeps_uid(SOP_INSTANCE) and is_legal_uid(sop)):
        sop = rules.names.uid(sop)
    return new_meta(act.sop_class.decode("ascii"), sop, act.part10.syntax.uid, rules.writer)


def _new_uid(act: Act, tag: Tag, names: Pseudonyms) -> str:
    uid = act.scene.uid(tag)
    if uid and not act.compiled.keeps_uid(tag):
        uid = names.uid(uid)
    return uid.decode()


def class_of(part10: Part10, scene: Scene) -> bytes:
    """The object's SOP Class UID, or that of its file meta; Refused when neither is legal."""
    uid = scene.uid(SOP_CLASS) or part10.media_sop_class.encode("ascii", "replace")
    if not uid:
        raise Refused("uid-missing", path="(0008,0016)")
    return uid


def sop_instance(part10: Part10, scene: Scene) -> bytes:
    """The object's SOP Instance UID as it lies, or that of its file meta; Refused if not one."""
    element = scene.roots.get(SOP_INSTANCE)
    uid = scene.raw(element).strip(b"\0 ") if element else b""
    uid = uid or part10.media_sop_instance.encode("ascii", "replace")
    if not uid or b"\\" in uid:
        raise Refused("uid-missing", path="(0008,0018)")
    return uid


def _end(scene: Scene, start: int) -> int:
    """The byte after the last top-level element: what comes after is left behind."""
    return max((e.end for e in scene.roots.values()), default=start)
