"""Make the tables of src/dicomveil/dicom/tables/ from the installed pydicom.

    python tools/make_dictionary.py

Importing pydicom costs 290 ms and 44 MB, so the package ships what it needs of it as text.
The same pydicom always gives the same bytes; tests/dicom/test_tables.py compares the shipped
files with what this makes.
"""

from collections.abc import Iterable
from pathlib import Path

import pydicom
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom._private_dict import private_dictionaries
from pydicom._uid_dict import UID_dictionary
from pydicom._version import __dicom_version__
from pydicom.charset import CODES_TO_ENCODINGS, python_encoding

TABLES = Path(__file__).parents[1] / "src" / "dicomveil" / "dicom" / "tables"

# Items and their delimiters have no VR (PS3.5 §7.5); pydicom writes that as NONE.
WITHOUT_VR = "NONE"

# PS3.5 Annex A.1: data of implicit VR hold OW where both may stand.
WHEN_IMPLICIT = {"OB or OW": ("OW", "OB")}

# Defined terms of PS3.3 C.12.1.1.2 (Latin alphabet No. 9) that pydicom 3.0 does not know.
ADDED_TERMS = {
    "ISO_IR 203": ("iso8859_15", ""),
    "ISO 2022 IR 203": ("iso8859_15", "1B2D62"),
}

# Entries of PS3.6 Tables A-1 that came after DICOM 2024c, as pydicom's development lists them.
ADDED_UIDS = {
    "1.2.840.10008.1.2.4.110": ("JPEG XL Lossless", "Transfer Syntax", "JPEGXLLossless"),
    "1.2.840.10008.1.2.4.111": (
        "JPEG XL JPEG Recompression",
        "Transfer Syntax",
        "JPEGXLJPEGRecompression",
    ),
    "1.2.840.10008.1.2.4.112": ("JPEG XL", "Transfer Syntax", "JPEGXL"),
    "1.2.840.10008.1.2.8.1": (
        "Deflated Image Frame Compression",
        "Transfer Syntax",
        "DeflatedImageFrameCompression",
    ),
    "1.2.840.10008.5.1.4.1.1.601.3": (
        "Thermography Image Storage",
        "SOP Class",
        "ThermographyImageStorage",
    ),
    "1.2.840.10008.5.1.4.1.1.601.4": (
        "Thermography Multi-frame Image Storage",
        "SOP Class",
        "ThermographyMultiFrameImageStorage",
    ),
    "1.2.840.10008.5.1.4.1.1.66.7": (
        "Label Map Segmentation Storage",
        "SOP Class",
        "LabelMapSegmentationStorage",
    ),
    "1.2.840.10008.5.1.4.1.1.66.8": (
        "Height Map Segmentation Storage",
        "SOP Class",
        "HeightMapSegmentationStorage",
    ),
}

# PS3.5 §6.1.2.1: without a term the repertoire is ISO-IR 6; pydicom reads it as Latin-1.
CODECS = {"iso8859": "ascii"}

# Names in pydicom's table that are no defined terms of PS3.3 (misprints of CP 1234).
NOT_TERMS = frozenset({"ISO 2022 GBK", "ISO 2022 58"})


def dictionary() -> str:
    """Every row of PS3.6 tables 6-1, 7-1, 8-1, 9-1 and PS3.7 Annex E that pydicom knows."""
    tags = (_tag_row(f"{tag:08X}", row) for tag, row in sorted(DicomDictionary.items()))
    repeating = (_tag_row(mask, row) for mask, row in sorted(RepeatersDictionary.items()))
    return _table(
        ("PS3.6 and PS3.7: the data dictionary.",),
        ("tag", "VR, the one of implicit VR data first", "VM", "keyword", "R when retired"),
        [*tags, "# rows: repeating groups", *repeating],
    )


def uids() -> str:
    """Every entry of the UID registry, PS3.6 Annex A."""
    entries = {
        uid: (name, kind, "R" if retired else "", keyword)
        for uid, (name, kind, _, retired, keyword) in UID_dictionary.items()
    }
    entries |= {uid: (name, kind, "", word) for uid, (name, kind, word) in ADDED_UIDS.items()}
    return _table(
        (
            "PS3.6 Annex A: the registry of UIDs.",
            "Label and height maps, thermography, JPEG XL and deflated frames are added: they are",
            "newer than the source (PS3.6 Tables A-1 of 2025 and 2026).",
        ),
        ("UID", "name", "type", "R when retired", "keyword"),
        ("\t".join((uid, *entry)) for uid, entry in sorted(entries.items())),
    )


def character_sets() -> str:
    """Every defined term of Specific Character Set: its codec and the escapes that switch to it."""
    escapes: dict[str, list[str]] = {}
    for escape, codec in CODES_TO_ENCODINGS.items():
        escapes.setdefault(codec, []).append(escape.hex().upper())
    terms = {
        term: (CODECS.get(codec, codec), _escapes(term, escapes.get(codec, [])))
        for term, codec in python_encoding.items()
        if term and term not in NOT_TERMS
    }
    terms |= ADDED_TERMS
    return _table(
        (
            "PS3.3 C.12.1.1.2: the defined terms of Specific Character Set (0008,0005).",
            "ISO_IR 203 and ISO 2022 IR 203 are added from that section; pydicom lacks them.",
        ),
        ("term", "Python codec", "escape sequences in hexadecimal"),
        ("\t".join((term, *row)) for term, row in sorted(terms.items())),
    )


def private_creators() -> str:
    """Every creator of private elements that vendors are known to write (PS3.5 §7.8.1)."""
    return _table(
        ("PS3.5 7.8.1: creators of private elements that vendors are known to write.",),
        ("creator",),
        sorted(private_dictionaries),
    )


def tables() -> dict[str, str]:
    """The text of every table, by file name."""
    return {
        "dictionary.tsv": dictionary(),
        "uids.tsv": uids(),
        "character_sets.tsv": character_sets(),
        "private_creators.tsv": private_creators(),
    }


def main() -> None:
    """Write the tables where the package reads them."""
    for name, text in tables().items():
        (TABLES / name).write_text(text, encoding="utf-8", newline="\n")


def _escapes(term: str, sequences: list[str]) -> str:
    return ",".join(sorted(sequences)) if term.startswith("ISO 2022") else ""


def _table(title: tuple[str, ...], columns: tuple[str, ...], rows: Iterable[str]) -> str:
    head = (
        *title,
        f"Source: pydicom {pydicom.__version__} (DICOM {__dicom_version__}), MIT licence.",
        "Made by tools/make_dictionary.py; do not edit.",
        "Columns, separated by tabs: " + "; ".join(columns) + ".",
        "rows:",
    )
    return "\n".join([*(f"# {line}" for line in head), *rows]) + "\n"


def _tag_row(tag: str, row: tuple[str, str, str, str, str]) -> str:
    vr, vm, _, retired, keyword = row
    choices = () if vr == WITHOUT_VR else WHEN_IMPLICIT.get(vr, tuple(vr.split(" or ")))
    return "\t".join((tag, ",".join(choices), vm, keyword, "R" if retired else ""))


if __name__ == "__main__":
    main()
