"""The registry of UIDs, PS3.6 Annex A: pydicom's, and what is newer than the one it packages."""

from pydicom._uid_dict import UID_dictionary

CLASS, SYNTAX = "SOP Class", "Transfer Syntax"
# PS3.6 Tables A-1 of 2025 and 2026, as in pydicom's development since 3.0.2.
_NEWER = {
    "1.2.840.10008.1.2.4.110": ("JPEG XL Lossless", SYNTAX),
    "1.2.840.10008.1.2.4.111": ("JPEG XL JPEG Recompression", SYNTAX),
    "1.2.840.10008.1.2.4.112": ("JPEG XL", SYNTAX),
    "1.2.840.10008.1.2.8.1": ("Deflated Image Frame Compression", SYNTAX),
    "1.2.840.10008.5.1.4.1.1.66.7": ("Label Map Segmentation Storage", CLASS),
    "1.2.840.10008.5.1.4.1.1.66.8": ("Height Map Segmentation Storage", CLASS),
    "1.2.840.10008.5.1.4.1.1.601.3": ("Thermography Image Storage", CLASS),
    "1.2.840.10008.5.1.4.1.1.601.4": ("Thermography Multi-frame Image Storage", CLASS),
}
_ENTRIES = _NEWER | {uid: (entry[0], entry[1]) for uid, entry in UID_dictionary.items()}


def is_entry(uid: str) -> bool:
    """Whether the whole UID is an entry, retired or not."""
    return uid in _ENTRIES


def name_of(uid: str) -> str:
    """The entry's name, "" for a UID that is none."""
    return _ENTRIES[uid][0] if uid in _ENTRIES else ""


def is_a(kind: str, uid: str) -> bool:
    """Whether the UID is an entry of this type."""
    return uid in _ENTRIES and _ENTRIES[uid][1] == kind
