"""dicomveil: de-identify DICOM by the standard's profiles, and prove that it was done."""

__version__ = "0.1.0"
