"""Walks written down as lines, so that a test can say what is found where."""

from dicomveil.dicom.forms import Form
from dicomveil.dicom.walk import walk


def lines(data: bytes, form: Form = Form.EXPLICIT_LE, start: int = 0) -> list[str]:
    """`path vr start:value:stop:end` of every element and item."""
    return [
        f"{e.path} {e.vr or 'item'} {e.start}:{e.value}:{e.stop}:{e.end}"
        for e in walk(data, form, start)
    ]


def paths(data: bytes, form: Form = Form.EXPLICIT_LE) -> list[str]:
    """`path vr` of every element that is no item."""
    return [f"{e.path} {e.vr}" for e in walk(data, form) if e.vr]
