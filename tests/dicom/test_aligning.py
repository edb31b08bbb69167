"""Aligned segments are the same output, with zeros in the file meta before a large span."""

from dicomveil.dicom.aligning import BLOCK, SMALLEST, aligned
from dicomveil.dicom.part10 import Writer, new_meta, open_part10
from dicomveil.dicom.splice import Segment, Span

META = b"".join(
    new_meta("1.2.840.10008.5.1.4.1.1.2", b"2.25.1", "1.2.840.10008.1.2.1", Writer("2.25.9", "T"))
)
BODY = bytes.fromhex("0800600043530200") + b"CT"


def test_the_span_begins_where_it_began_within_a_block() -> None:
    span = Span(1234, 1234 + SMALLEST)

    first, *rest = aligned([META, BODY, span, b"tail"], "2.25.9")

    assert isinstance(first, bytes)
    assert len(first) % BLOCK == 1234 % BLOCK
    assert rest == [Span(1234, BLOCK), Span(BLOCK, 1234 + SMALLEST), b"tail"]


def test_the_new_file_meta_is_sound_and_the_rest_untouched() -> None:
    first = aligned([META, BODY, Span(1234, 1234 + SMALLEST)], "2.25.9")[0]

    assert isinstance(first, bytes)
    frame = open_part10(first)
    assert [e.tag & 0xFFFF for e in frame.meta][-2:] == [0x0100, 0x0102]
    assert first[frame.start :] == BODY
    private = frame.meta[-1]
    assert not any(first[private.value : private.stop])
    said = int.from_bytes(first[140:144], "little")
    assert said == frame.start - 144


def test_an_output_without_a_large_span_stays_as_it_is() -> None:
    outputs: list[list[Segment]] = [[META + BODY], [META, Span(0, 100)], [META, BODY]]
    for segments in outputs:
        assert aligned(segments, "2.25.9") == segments
