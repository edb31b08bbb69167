"""The protected vocabulary: words of protocols, anatomy and codes, which name nobody.

A word of it is kept where a pattern or a shorter name could be seen in it, and is explained where
`strict` cleaning asks which words are. It does not protect a word that is itself a name of the
file's own people: for a patient Young, "young" goes.
"""

from functools import cache
from typing import Final

from dicomveil.policy import tables

CODES: Final = "vocabulary_codes.txt"
PROTOCOLS: Final = "vocabulary_protocols.txt"


@cache
def vocabulary() -> frozenset[str]:
    """Every word of both tables, folded: lower case, without accents."""
    return protocol_words() | _words(CODES)


@cache
def protocol_words() -> frozenset[str]:
    """The words of protocols alone: the codes' meanings have families, birds and towns as well."""
    return _words(PROTOCOLS)


def _words(table: str) -> frozenset[str]:
    lines = tables.read_text(table).splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
