"""The tables of this room, as rows: what was decided element by element, with a reason each.

`ps3.15_e1-1.json` is Table E.1-1 of PS3.15, made by `tools/make_confidentiality_table.py`. The
others are tab-separated, one decision a line, read and changed by people; a line that begins with
`#` says what the columns mean.
"""

from dicomveil.dicom.packaged import packaged


def read_text(name: str) -> str:
    """The whole of a table as it lies in the package."""
    with packaged("policy", name) as file:
        return file.read()


def read_rows(name: str) -> list[list[str]]:
    """The rows of a tab-separated table, without its comments."""
    lines = read_text(name).splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
