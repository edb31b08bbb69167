"""The tables that lie beside the code, read as text."""

from typing import Final, TextIO

_NAME: Final = "packaged.py"
_PACKAGE: Final = __file__.removesuffix(_NAME).removesuffix("/").removesuffix("dicom")


def packaged(room: str, table: str) -> TextIO:
    """The table of that name in a room's folder of tables, open for reading.

    No pathlib and no importlib.resources: they cost 4 ms of every start.
    """
    return open(f"{_PACKAGE}{room}/tables/{table}", encoding="utf-8")
