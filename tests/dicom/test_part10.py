"""The frame of a file: what is read of it, what is refused, and what is written anew."""

from io import BytesIO

import pytest
from pydicom import dcmread

from dicomveil.dicom import part10 as frames
from dicomveil.dicom.forms import Form
from dicomveil.dicom.part10 import Writer, deflate, inflate, new_meta, open_part10, syntax_of
from dicomveil.errors import InvalidDicom, Malformed, NotDicom, TooLarge, Truncated, UnknownSyntax
from tests.builders import (
    BIG_ENDIAN,
    CT,
    DEFLATED,
    EXPLICIT,
    FORMS,
    IMPLICIT,
    JPEG,
    El,
    encode,
    meta,
    part10,
)

SMALL = [El(0x00080016, "UI", CT), El(0x00080018, "UI", "1.2.3"), El(0x00100020, "LO", "1")]
META = bytes(128) + b"DICM" + meta("1.2.3")


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED, JPEG])
def test_a_file_is_framed_by_its_meta(syntax: str) -> None:
    data = part10(SMALL, syntax)

    frame = open_part10(data)

    assert frame.prefixed
    assert (frame.syntax.uid, frame.syntax.form) == (syntax, FORMS[syntax])
    assert frame.syntax.deflated is (syntax == DEFLATED)
    assert (frame.media_sop_class, frame.media_sop_instance) == (CT, "1.2.3")
    body = data[frame.start :]
    assert (inflate(body) if frame.syntax.deflated else body) == encode(SMALL, FORMS[syntax])


@pytest.mark.parametrize("form", Form)
def test_a_data_set_without_preamble_and_meta_tells_its_form(form: Form) -> None:
    frame = open_part10(encode(SMALL, form))

    assert (frame.prefixed, frame.meta, frame.start, frame.syntax.form) == (False, (), 0, form)


def test_a_file_meta_without_preamble_is_read() -> None:
    frame = open_part10(meta("1.2.3", IMPLICIT) + encode(SMALL, Form.IMPLICIT_LE))

    assert (frame.prefixed, frame.syntax.uid) == (False, IMPLICIT)


def test_a_meta_without_transfer_syntax_is_told_by_the_data_set() -> None:
    only_class = encode([El(0x00020002, "UI", CT)])

    frame = open_part10(bytes(128) + b"DICM" + only_class + encode(SMALL, Form.EXPLICIT_BE))

    assert frame.syntax.form is Form.EXPLICIT_BE


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x08\0\x18\0", id="too short"),
        pytest.param(b"a text that says nothing of DICOM, and is long enough", id="text"),
        pytest.param(encode([El(0x00080FFF, "UI", "1")]), id="an unknown tag"),
        pytest.param(encode([El(0x00280010, "US", (1,))]), id="a high group"),
        pytest.param(encode([El(0x00080018, "UI", "1", lie=100)]), id="beyond the end"),
    ],
)
def test_what_does_not_begin_like_dicom_is_none(data: bytes) -> None:
    with pytest.raises(NotDicom):
        open_part10(data)


def test_a_value_may_go_on_beyond_what_was_read() -> None:
    data = encode([El(0x00080018, "UI", "1.2.3.4.5.6.7.8")])

    assert open_part10(data[:12], len(data)).start == 0


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(META[:140], Truncated, id="a meta that is cut"),
        pytest.param(bytes(128) + b"DICM", Truncated, id="nothing after the prefix"),
        pytest.param(
            bytes(128) + b"DICM" + encode([El(0x00020003, "UI", ""), El(0x00020002, "UI", "")]),
            Malformed,
            id="a meta out of order",
        ),
        pytest.param(
            bytes(128) + b"DICM" + b"\2\0\2\0UI\3\x001.2" + b"\0" * 20, Malformed, id="odd length"
        ),
        pytest.param(
            bytes(128) + b"DICM" + encode([El(0x00020102, "OB", bytes((1 << 20) + 2))]),
            Truncated,
            id="a meta that is too long",
        ),
        pytest.param(bytes(128) + b"DICM\2\0\2\0zz\0\0", Malformed, id="a meta of no VR"),
    ],
)
def test_a_broken_frame_is_refused(data: bytes, kind: type[InvalidDicom]) -> None:
    with pytest.raises(InvalidDicom) as refused:
        open_part10(data)

    assert type(refused.value) is kind


@pytest.mark.parametrize(
    "uid",
    [
        pytest.param("1.2.840.10008.1.2.4.95", id="JPIP deflated"),
        pytest.param("1.2.840.10008.1.20", id="Papyrus"),
        pytest.param("1.2.840.10008.5.1.4.1.1.2", id="no transfer syntax"),
        pytest.param("1.2.3.4", id="private"),
    ],
)
def test_a_syntax_that_cannot_be_read_is_refused(uid: str) -> None:
    with pytest.raises(UnknownSyntax):
        syntax_of(uid)


def test_deflated_frames_alone_are_plain_explicit() -> None:
    assert syntax_of("1.2.840.10008.1.2.8.1").form is Form.EXPLICIT_LE


@pytest.mark.parametrize("size", [0, 1, 2, 999, 100_000])
def test_deflating_and_inflating_gives_the_same(size: int) -> None:
    stream = deflate(bytes(size))

    assert len(stream) % 2 == 0
    assert inflate(stream) == inflate(stream + b"tail") == bytes(size)


def test_every_cut_of_a_deflate_stream_is_refused() -> None:
    stream = deflate(encode(SMALL)).removesuffix(b"\0")

    for cut in range(len(stream) - 1):
        with pytest.raises(Truncated):
            inflate(stream[:cut])


def test_what_is_no_deflate_stream_is_refused() -> None:
    with pytest.raises(Malformed):
        inflate(b"\xff" * 40)


def test_a_bomb_is_refused_before_it_bursts() -> None:
    with pytest.raises(TooLarge):
        inflate(deflate(bytes(10_000)), limit=5_000)


@pytest.mark.parametrize("uid", [b"1.2.3\0", b"2.25.329800735698586629295641978511506172918"[:42]])
def test_the_new_meta_is_whole_and_says_its_length(uid: bytes) -> None:
    new = new_meta(CT, uid, EXPLICIT, Writer("1.2.3.4", "TEST_1"))
    whole = b"".join(new)

    frame = open_part10(whole + encode(SMALL))
    read = dcmread(BytesIO(whole)).file_meta

    assert whole[:132] == bytes(128) + b"DICM"
    assert frame.start == len(whole)
    assert read.FileMetaInformationGroupLength == len(whole) - 132 - 12
    assert read.MediaStorageSOPInstanceUID == uid.rstrip(b"\0").decode()
    assert (read.TransferSyntaxUID, read.ImplementationVersionName) == (EXPLICIT, "TEST_1")


def test_pydicom_reads_a_file_with_the_new_meta() -> None:
    new = new_meta(CT, b"1.2.3\0", DEFLATED, Writer("1.2.3.4", "TEST_1"))

    read = dcmread(BytesIO(b"".join(new) + deflate(encode(SMALL))))

    assert read.PatientID == "1"


def test_the_bound_of_inflating_is_not_beyond_reason() -> None:
    assert frames.MAX_INFLATED <= 1 << 30
