"""dicomveil: de-identify DICOM by the standard's profiles, and prove that it was done."""

from dicomveil.version import __version__

__all__ = ["__version__"]
