"""Read what the gate needs to know of a data set."""

from typing import Final

from dicomveil.dicom.tags import PIXEL_TAGS, Tag
from dicomveil.engine.gate import Facts
from dicomveil.engine.scene import Scene
from dicomveil.policy.actions import Document
from dicomveil.policy.compiled import Compiled

IMAGE_TYPE: Final = 0x00080008
MODALITY: Final = 0x00080060
CONVERSION_TYPE: Final = 0x00080064
BURNED_IN: Final = 0x00280301
ROWS: Final = 0x00280010
DIRECTORY_RECORDS: Final = 0x00041220
DOCUMENT: Final = 0x00420011
LABEL_IN_IMAGE: Final = 0x00480010
SPECTRA: Final = 0x56000020
GATED: Final[frozenset[Tag]] = frozenset(
    {IMAGE_TYPE, MODALITY, CONVERSION_TYPE, BURNED_IN, ROWS}
    | {DIRECTORY_RECORDS, DOCUMENT, LABEL_IN_IMAGE, SPECTRA}
)
_COUNTED_BY_ROWS: Final = PIXEL_TAGS | {SPECTRA}  # PS3.3 C.7.6.3, C.8.14.4
_OVERLAY_GROUPS: Final = range(0x60000000, 0x60200000, 0x20000)
_BIT_POSITION: Final = 0x0102
_OVERLAY_DATA: Final = 0x3000


def facts_of(scene: Scene, sop_class: bytes, syntax: str) -> Facts:
    """The facts by which the gate admits or refuses the object."""
    roots = scene.roots
    return Facts(
        sop_class=sop_class.decode("ascii"),
        syntax=syntax,
        burned_in=_code(scene, BURNED_IN),
        label_in_image=_code(scene, LABEL_IN_IMAGE),
        image_type=tuple(part.strip() for part in _code(scene, IMAGE_TYPE).split("\\")),
        conversion_type=_code(scene, CONVERSION_TYPE),
        modality=_code(scene, MODALITY),
        overlay_in_pixels=bool(overlays_in_pixels(scene)) and not pixel_mask(scene),
        has_rows=ROWS in roots,
        has_pixels=any(tag in roots and roots[tag].length > 0 for tag in _COUNTED_BY_ROWS),
        has_directory=DIRECTORY_RECORDS in roots,
        has_document=DOCUMENT in roots,
    )


def facts_under(compiled: Compiled, scene: Scene, sop_class: bytes, syntax: str) -> Facts:
    """The same, and whether the profile replaces the document in the object."""
    facts = facts_of(scene, sop_class, syntax)
    if not facts.has_document:
        return facts
    uid = facts.sop_class
    action = compiled.for_object(uid, scene.roots, scene.values).action(
        DOCUMENT, scene.roots[DOCUMENT].vr
    )
    replaced = isinstance(action, Document) and action.kind.sop_class == uid
    return facts._replace(document_replaced=replaced)


def _code(scene: Scene, tag: Tag) -> str:
    """A coded value as it lies, without padding and in upper case; "" when absent."""
    element = scene.roots.get(tag)
    return scene.raw(element).decode("latin-1").strip(" \0").upper() if element else ""


def overlays_in_pixels(scene: Scene) -> list[Tag]:
    """The groups of the overlays that may lie in unused bits of the pixels."""
    return [group for group in _OVERLAY_GROUPS if _overlay_in_pixels(scene, group)]


def pixel_mask(scene: Scene) -> bytes:
    """The bits of each stored pixel that stay; b"" where no overlay lies there, or none is known.

    PS3.15 E.3.3: the bits of overlays go with them.
    """
    groups = overlays_in_pixels(scene)
    if not groups:
        return b""
    # Retired in 2004: most files do not wait for it.
    from dicomveil.engine.overlay_bits import mask_without

    return mask_without(groups, scene)


def _overlay_in_pixels(scene: Scene, group: Tag) -> bool:
    """Whether an overlay says it lies in unused bits of the pixels (retired, PS3.5 §8.1.2)."""
    position = scene.roots.get(group | _BIT_POSITION)
    declared = group | 0x0010 in scene.roots or position is not None
    if not declared or group | _OVERLAY_DATA in scene.roots:
        return position is not None and any(scene.raw(position))
    return True
