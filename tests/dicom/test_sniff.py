"""What a file is counted as when it is no DICOM object."""

import pytest

from dicomveil.dicom.sniff import DIRECTORY_CLASS, Kind, is_directory, kind_of


def directory(prefix: bytes = b"DICM", uid: bytes = DIRECTORY_CLASS) -> bytes:
    """A file that begins as a DICOMDIR does."""
    return (
        bytes(128)
        + prefix
        + b"\x02\x00\x00\x00UL\x04\x00\xb2\x00\x00\x00"  # group length
        + b"\x02\x00\x01\x00OB\x00\x00\x02\x00\x00\x00\x00\x01"  # version
        + b"\x02\x00\x02\x00UI"
        + len(uid).to_bytes(2, "little")
        + uid  # class
        + b"\x02\x00\x03\x00UI\x04\x001.2\x00"
    )


HEADS = {
    "nothing": (b"", Kind.EMPTY),
    "zip": (b"PK\x03\x04rest", Kind.ARCHIVE),
    "gzip": (b"\x1f\x8b\x08", Kind.ARCHIVE),
    "tar": (bytes(257) + b"ustar\x0000", Kind.ARCHIVE),
    "jpeg": (b"\xff\xd8\xff\xe0", Kind.IMAGE),
    "png": (b"\x89PNG\r\n\x1a\n", Kind.IMAGE),
    "webp": (b"RIFF\x00\x00\x00\x00WEBPVP8 ", Kind.IMAGE),
    "wave": (b"RIFF\x24\x08\x00\x00WAVEfmt ", Kind.OTHER),
    "ascii": (b"Dear colleague,\r\n\tthank you", Kind.TEXT),
    "latin-1": ("Grüße".encode("latin-1"), Kind.TEXT),
    "utf-16": ("Grüße".encode("utf-16"), Kind.TEXT),
    "zeros": (bytes(200), Kind.OTHER),
    "DICOMDIR": (directory(), Kind.DICOMDIR),
}


@pytest.mark.parametrize(("head", "kind"), HEADS.values(), ids=HEADS)
def test_the_first_bytes_say_the_kind(head: bytes, kind: Kind) -> None:
    assert kind_of(head) is kind


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(directory(prefix=b"DICX"), id="no prefix"),
        pytest.param(directory(uid=b"1.2.840.10008.1.3.100\0"), id="a longer UID"),
        pytest.param(bytes(128) + b"DICM" + DIRECTORY_CLASS, id="the UID elsewhere"),
        pytest.param(directory()[:180], id="cut"),
    ],
)
def test_what_is_not_of_the_directory_class_is_no_directory(head: bytes) -> None:
    assert not is_directory(head)
