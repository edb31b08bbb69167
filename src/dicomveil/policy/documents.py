"""The kinds of encapsulated documents that another can stand in for (PS3.3 A.45, A.85).

A document is told by its own bytes: a PDF never gets into an object that says it is a model.
"""

import re
from enum import Enum
from typing import Final, NamedTuple

LARGEST: Final = 1 << 24  # bytes: the document goes to every process of a run
DOCUMENT: Final = 0x00420011
DOCUMENT_LENGTH: Final = 0x00420015
MIME_TYPE: Final = 0x00420012
BURNED_IN: Final = 0x00280301
_CDA: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:[^>]*>\s*<){0,8}(?:\w+:)?ClinicalDocument\b")
_LOOKED_AT: Final = 1 << 16
_STL_HEAD: Final = 80
_STL_TRIANGLE: Final = 50


class _Facts(NamedTuple):
    sop_class: str
    mime_type: str  # as PS3.3 C.24.2 writes it


class DocumentKind(Enum):
    """A kind of document, and the one SOP Class whose objects hold it."""

    PDF = _Facts("1.2.840.10008.5.1.4.1.1.104.1", "application/pdf")
    CDA = _Facts("1.2.840.10008.5.1.4.1.1.104.2", "text/XML")
    STL = _Facts("1.2.840.10008.5.1.4.1.1.104.3", "model/stl")

    @property
    def sop_class(self) -> str:
        """The UID of the class."""
        return self.value.sop_class

    @property
    def mime_type(self) -> str:
        """What an object says that it holds."""
        return self.value.mime_type


def kind_of_document(content: bytes) -> DocumentKind | None:
    """What the bytes are; None when they are none of the kinds."""
    if content.startswith(b"%PDF-"):
        return DocumentKind.PDF
    if _CDA.search(content[:_LOOKED_AT]):
        return DocumentKind.CDA
    count = int.from_bytes(content[_STL_HEAD : _STL_HEAD + 4], "little")
    if count and len(content) == _STL_HEAD + 4 + count * _STL_TRIANGLE:
        return DocumentKind.STL
    return None
