"""The substitution language of pfdicom_tagSub, compiled: which elements get which template.

Patterns (`re:...`) are matched once against the dictionary's keywords, so that each element is one
look-up. Nothing here has seen a file. It is substitution, not de-identification: Patient Identity
Removed is never written.
"""

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final, NamedTuple

from dicomveil.dicom.dictionary import keywords, tag_of, vr_of
from dicomveil.dicom.hashing import blake2b
from dicomveil.dicom.tags import PIXEL_TAGS, Tag, is_group_length
from dicomveil.errors import StructureError
from dicomveil.policy.paths import Path, is_path, is_plain, parse_path
from dicomveil.policy.templates import OWN_NAME, Hmac, Md5, Template, nearest, parsed

PATTERN: Final = "re:"
CHARACTER_SET: Final = 0x00080005
IDENTITY_REMOVED: Final = 0x00120062
_FILE_META: Final = 0x0002
_COMMAND: Final = 0x0000
_BULK: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW"})


class Private(Enum):
    """What becomes of private elements that no key names."""

    KEEP = "kept"
    REMOVE = "removed, in items too"


class Keys(Enum):
    """How keys may be written."""

    OLD = "keywords and re: patterns, as pfdicom_tagSub knows them"
    ALL = "tags, private elements by their creator and paths into sequences too"


class Deep(NamedTuple):
    """A template for elements that a keyword does not reach."""

    path: Path
    template: Template


class Substitution(NamedTuple):
    """What is written where; equal texts give equal digests."""

    root: Mapping[Tag, Template]  # public elements of the data set itself
    named: frozenset[Tag]  # those that a key names: they are written where they are absent too
    deep: tuple[Deep, ...]
    private: Private
    digest: str

    @property
    def templates(self) -> tuple[Template, ...]:
        """Every template."""
        return (*self.root.values(), *(one.template for one in self.deep))

    @property
    def uses_md5(self) -> bool:
        """Whether anything is hashed in a way that a dictionary reverses."""
        return any(isinstance(f, Md5) for one in self.templates for f in one.functions)

    @property
    def uses_hmac(self) -> bool:
        """Whether a key is needed."""
        return any(isinstance(f, Hmac) for one in self.templates for f in one.functions)


def substitution(
    structure: Mapping[str, str], *, keys: Keys = Keys.ALL, private: Private = Private.KEEP
) -> Substitution:
    """The compiled structure of keys and values; StructureError naming the key that is at fault.

    A pattern's hits come before a keyword of the same name, and a later pattern's before an
    earlier one's, whatever the order.
    """
    root: dict[Tag, Template] = {}
    deep: list[Deep] = []
    hits: dict[Tag, Template] = {}
    for key, value in structure.items():
        try:
            if PATTERN in key:
                hits.update(_hits(key, value))
            elif is_path(key):
                _note_path(key, value, keys, root, deep)
            else:
                root[_checked(_tag(key), value)] = parsed(value)
        except StructureError as error:
            raise StructureError(f'key "{key}": {error}') from None
    named = frozenset(root)
    text = json.dumps([list(structure.items()), private.name], ensure_ascii=True)
    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    return Substitution(root | hits, named, tuple(deep), private, digest)


def _note_path(
    key: str, value: str, keys: Keys, root: dict[Tag, Template], deep: list[Deep]
) -> None:
    if keys is Keys.OLD:
        raise StructureError("tags and paths are keys only with --paths")
    path = parse_path(key)
    _checked(path[-1].tag, value)
    template = parsed(value, own=path[-1].name)
    if is_plain(path):
        root[path[0].tag] = template
    else:
        deep.append(Deep(path, template))


def _tag(key: str) -> Tag:
    tag = tag_of(key.strip())
    if tag is None:
        raise StructureError(f"it is no keyword of PS3.6{nearest(key.strip())}")
    return tag


def _checked(tag: Tag, value: str) -> Tag:
    """The tag, if this may be written to it."""
    reason = _protected(tag)
    if reason:
        raise StructureError(reason)
    vr = vr_of(tag)
    if value and (vr == "SQ" or vr in _BULK):
        what = "a sequence" if vr == "SQ" else "binary data"
        raise StructureError(f'it is {what}: it can only be emptied, by ""')
    return tag


def _protected(tag: Tag) -> str:
    """Why no key may name this element; "" when one may."""
    if tag in PIXEL_TAGS:
        return "pixel data is copied as it is"
    if tag == CHARACTER_SET:
        return "it says how every text that is not written is read"
    if tag == IDENTITY_REMOVED:
        return "this is substitution, not de-identification: it is never written"
    if tag >> 16 in {_FILE_META, _COMMAND}:
        return "the file meta information follows the data set by itself"
    if is_group_length(tag):
        return "a group's length follows its elements by itself"
    return ""


def _hits(key: str, value: str) -> Iterator[tuple[Tag, Template]]:
    """The template of every keyword that the pattern matches at its beginning."""
    text = key.split(PATTERN)[1]
    try:
        pattern = re.compile(text)
    except re.error as error:
        at = "" if error.pos is None else f" at character {error.pos + 1}"
        raise StructureError(f"the regular expression is not one{at}: {error.msg}") from None
    parsed(value.replace(OWN_NAME, "PatientID"))  # at fault, or not, whatever is hit
    for keyword, tag in keywords().items():
        if pattern.match(keyword) and not _protected(tag):
            yield tag, parsed(value.replace(OWN_NAME, keyword))
