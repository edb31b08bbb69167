"""The version of dicomveil, where every room may read it."""

__version__ = "0.1.0"

# A UID of the UUID kind (PS3.5 §B.2), drawn once for this implementation.
IMPLEMENTATION_UID = "2.25.205872531903276437561028342191157842703"
