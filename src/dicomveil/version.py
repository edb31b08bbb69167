"""The version of dicomveil, where every room may read it."""

__version__ = "0.1.0"
