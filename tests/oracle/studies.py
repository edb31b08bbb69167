"""Small data sets built with pydicom, for the oracle's own claims."""

from io import BytesIO
from typing import Any

from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from tests.oracle.basic import expected_body
from tests.oracle.claims import Expectation
from tests.oracle.tree import Tree, read

KEY = bytes(range(32))
CT = "1.2.840.10008.5.1.4.1.1.2"


def study(**elements: Any) -> Dataset:
    """A CT object of nobody, with these elements by keyword."""
    made = Dataset()
    made.SOPClassUID = CT
    made.SOPInstanceUID = "1.2.3.4"
    made.StudyInstanceUID = "1.2.3"
    made.SeriesInstanceUID = "1.2.3.5"
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def part10(made: Dataset, syntax: UID = ExplicitVRLittleEndian) -> bytes:
    """A data set as a file."""
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    written = BytesIO()
    dcmwrite(written, made, enforce_file_format=True)
    return written.getvalue()


def tree(made: Dataset) -> Tree:
    """A data set as the oracle reads it back from a file."""
    return read(part10(made)).body


def wanted(made: Dataset) -> Expectation:
    """What the oracle wants of a data set."""
    return expected_body(tree(made), KEY)
