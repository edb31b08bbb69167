"""Who an object is about, read before anything is de-identified.

For pseudonyms that are given rather than computed: they are given to a patient, so one must know
which patients there are, and that none of them is called by the pseudonym already.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dicomveil.dicom.part10 import inflate, open_part10
from dicomveil.dicom.walk import Bytes, walk
from dicomveil.engine.identity import is_identifying
from dicomveil.engine.original import Original
from dicomveil.engine.people import BIRTH_DATES
from dicomveil.engine.pseudonyms import normal_form
from dicomveil.engine.scene import ISSUER, PATIENT_ID, Scene
from dicomveil.errors import BadValue

_SOP_CLASS = 0x00080016


@dataclass(frozen=True, slots=True)
class Person:
    """The patient of one object; nothing of it may be shown."""

    message: bytes = field(repr=False)  # as every pseudonym of the patient hashes it
    patient_id: str = field(repr=False)
    issuer: str = field(repr=False)
    identifiers: frozenset[str] = field(repr=False)  # alike forms of everything that names people
    sop_class: str


def person_of(original: Original) -> Person:
    """Whom the object is about; raises InvalidDicom as de-identifying it would."""
    data: Bytes = original.head if len(original.head) == original.size else original.view()
    part10 = open_part10(data)
    start = part10.start
    if part10.syntax.deflated:
        data, start = inflate(data[start:]), 0
    scene = Scene(data, walk(data, part10.syntax.form, start, breathe=original.release))
    sop_class = scene.uid(_SOP_CLASS).decode() or part10.media_sop_class
    return Person(
        scene.patient(None),
        scene.root_text(PATIENT_ID),
        scene.root_text(ISSUER),
        frozenset(_identifiers(scene)),
        sop_class,
    )


def alike(text: str) -> str:
    """The form in which a pseudonym and an identifier are one: case, padding, zeros aside."""
    return normal_form(text.strip("\0 ").strip("^")).lstrip("0")


def _identifiers(scene: Scene) -> Iterable[str]:
    for element in scene.elements:
        if is_identifying(element) and element.length and element.tag not in BIRTH_DATES:
            try:
                text = scene.text(element)
            except BadValue:
                continue  # no pseudonym, which is ASCII, can be like what no character set reads
            for value in text.split("\\"):
                if found := alike(value):
                    yield found
