"""What the builders write is what pydicom reads, in every form and with every kind of length."""

from io import BytesIO

import pytest
from pydicom import dcmread

from tests.builders import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, El, Ends, Item, dicom, part10


def test_annotated_hex_is_bytes_and_quoted_text() -> None:
    written = dicom("""
        08 00 18 00   55 49   06 00     "1.2.3" 00     # (0008,0018) UI 6
        ff            # one more
    """)

    assert written == b"\x08\0\x18\0UI\6\x001.2.3\0\xff"


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED])
@pytest.mark.parametrize("ends", Ends)
@pytest.mark.parametrize("item_ends", Ends)
def test_pydicom_reads_what_is_written(syntax: str, ends: Ends, item_ends: Ends) -> None:
    deep = El(0x0040A170, "SQ", [Item((El(0x00080104, "LO", "deep"),), item_ends)], ends)
    elements = [
        El(0x00080018, "UI", "1.2.3"),
        El(0x00081140, "SQ", [Item((deep,), item_ends), Item((), item_ends)], ends),
        El(0x00189087, "FD", (1.5,)),
        El(0x00280010, "US", (512,)),
        El(0x7FE00010, "OW", b"\1\2"),
    ]

    read = dcmread(BytesIO(part10(elements, syntax)))

    assert (read.SOPInstanceUID, read.Rows, read.DiffusionBValue) == ("1.2.3", 512, 1.5)
    assert len(read[0x00081140].value) == 2
    assert read[0x00081140][0][0x0040A170][0].CodeMeaning == "deep"
