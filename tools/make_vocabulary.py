"""Make policy/tables/vocabulary_codes.txt: the words of the standard's own codes and attributes.

    python tools/make_vocabulary.py

The words are those of the code meanings of PS3.16's context groups and of the attribute names of
PS3.6, both as the installed pydicom packages them. Words of one or two letters are left out: they
are initials and short family names as often as terms; vocabulary_protocols.txt names those that
count. The same pydicom always gives the same bytes; a test compares them with the shipped file.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom._version import __dicom_version__
from pydicom.sr._concepts_dict import concepts

TABLE = Path(__file__).parents[1] / "src/dicomveil/policy/tables/vocabulary_codes.txt"
SHORTEST = 3
_WORD = re.compile(r"[^\W\d_]+")
_HEAD = f"""\
# Words of the code meanings of PS3.16 and of the attribute names of PS3.6.
# DICOM {__dicom_version__}, made by tools/make_vocabulary.py from pydicom (MIT licence).
# Lower case, accents folded. Not for editing: our own words are in vocabulary_protocols.txt.
"""


def texts() -> Iterator[str]:
    """Every code meaning and every attribute name."""
    schemes = cast("Mapping[str, Mapping[str, Mapping[str, tuple[str, list[int]]]]]", concepts)
    for scheme in schemes.values():
        for meanings in scheme.values():
            yield from (meaning for meaning, _ in meanings.values())
    for entry in (*DicomDictionary.values(), *RepeatersDictionary.values()):
        yield entry[2]


def folded(text: str) -> str:
    """The text as the cleaner compares it: compatibility forms and accents folded, lower case."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def contents() -> str:
    """The whole of the table."""
    words = {word for text in texts() for word in _WORD.findall(folded(text))}
    kept = sorted(word for word in words if len(word) >= SHORTEST and word.isascii())
    lines, line = [], ""
    for word in kept:
        if len(line) + len(word) + 1 > 100:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    return _HEAD + "\n".join([*lines, line]) + "\n"


if __name__ == "__main__":
    TABLE.write_text(contents(), "utf-8")
