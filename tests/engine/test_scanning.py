"""Private bytes stay only when all of them were understood and nothing in them identifies."""

import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

import dicomveil
from dicomveil.dicom.forms import Form
from dicomveil.engine.cleaner import Options, Templates
from dicomveil.engine.gate import PixelTrust
from dicomveil.engine.scanning import DEEPEST, LARGEST, csa_values
from dicomveil.policy.profile import load_profile
from tests.builders import BIG_ENDIAN, EXPLICIT, KEY, El, Item, encode, part10
from tests.engine.roads import roads_of, series, slice_of
from tests.real import corpus, needs_corpus

TCIA = load_profile("tcia")
# The knowledge base keeps these two of a GE block, in OB: one is a number, one a text.
CREATOR = El(0x00190010, "LO", "GEMS_ACQU_01")
NUMBER, TEXT = 0x00191002, 0x00191018
# Nobody says what the bytes of these are.
MITRA, UNKNOWN = El(0x00290010, "LO", "MITRA MARKUP 1.0"), 0x00291006


def kept(creator: El, tag: int, value: bytes, vr: str = "OB", syntax: str = EXPLICIT) -> bool:
    """Whether a private element leaves byte for byte; it goes otherwise, with its creator."""
    data = part10(slice_of(1, creator, El(tag, vr, value)), syntax)
    output = dicomveil.joined(dicomveil.deidentify(data, TCIA, KEY), data)
    found = pydicom.dcmread(BytesIO(output))
    assert (creator.tag in found) is (tag in found)
    if tag not in found:
        return False
    assert (found[tag].value or b"") == value + b"\0" * (len(value) & 1)
    return True


def items(*elements: El, form: Form = Form.IMPLICIT_LE) -> bytes:
    """A sequence of one item, as it lies in bytes."""
    whole = encode([El(0x00081140, "SQ", [Item(elements)])], form)
    return whole[whole.index(b"\xfe\xff\x00\xe0") :]


def csa(*values: tuple[str, bytes], tail: bytes = bytes(4)) -> bytes:
    """A CSA header of one tag for each value."""
    header = b"SV10\4\3\2\1" + struct.pack("<2I", len(values), 77)
    for vr, value in values:
        header += struct.pack("<64si4s3i", b"Tag\0junk", 1, vr.encode(), 0, 1, 77)
        header += struct.pack("<4i", 1, len(value), 77, 1) + value + bytes(-len(value) % 4)
    return header + tail


def nested(depth: int) -> bytes:
    value = b"harmless"
    for _ in range(depth):
        value = items(El(0x00291001, "UN", value))
    return value


def test_a_number_that_a_table_knows_stays_in_bytes() -> None:
    assert kept(CREATOR, NUMBER, struct.pack("<l", 912))


def test_bytes_that_cannot_be_the_known_number_go() -> None:
    assert not kept(CREATOR, NUMBER, b"91\0" * 2)


def test_a_number_that_swallows_an_element_goes() -> None:
    swallowed = encode([El(0x00191003, "LO", "Somebody")], Form.EXPLICIT_LE)

    assert not kept(CREATOR, NUMBER, struct.pack("<l", 912) + swallowed)


CLEAN = [
    pytest.param(b"T1 axial head", id="text"),
    pytest.param(b"", id="empty"),
    pytest.param(b"\0\0\0\0", id="zeros"),
    pytest.param(items(El(0x00081030, "LO", "head"), El(0x00280010, "US", (4,))), id="implicit"),
    pytest.param(
        items(El(0x00081030, "LO", "head"), El(0x00280010, "US", (4,)), form=Form.EXPLICIT_LE),
        id="explicit",
    ),
    pytest.param(items(El(0x00081150, "UI", "1.2.840.10008.5.1.4.1.1.2")), id="registered UID"),
    pytest.param(items(El(0x00100010, "PN", "")), id="empty name"),
    pytest.param(items(El(0x00291001, "UN", b"harmless")), id="bytes in a sequence"),
    pytest.param(csa(("LO", b"HEA;HEP"), ("FD", b"0.5     "), ("PN", b"")), id="CSA"),
    pytest.param(csa(("UN", b"<XProtocol>\n{\n  <Name> head\n}")), id="protocol in CSA"),
]
# Each holds what the slice of tests says of its patient, or what would have to be changed.
IDENTIFYING = [
    pytest.param(b"for Secretname", id="name"),
    pytest.param(b"no PID12345", id="number"),
    pytest.param(b"seen 2020-03-01", id="date"),
    pytest.param(b"of 1.2.3.4.5.6.77", id="UID in text"),
    pytest.param(b"call 030-1234567", id="phone"),
    pytest.param(items(El(0x00081030, "LO", "of Secretname")), id="name in a sequence"),
    pytest.param(items(El(0x00100010, "PN", "Stranger^Some")), id="a third person's name"),
    pytest.param(items(El(0x00080020, "DA", "20200301")), id="date in a sequence"),
    pytest.param(items(El(0x00080018, "UI", "1.2.3.4")), id="UID in a sequence"),
    pytest.param(items(El(0x00080005, "CS", "ISO_IR 192")), id="another character set"),
    pytest.param(items(El(0x00291001, "UN", b"of Secretname")), id="name in bytes in a sequence"),
    pytest.param(csa(("LO", b"HEA;HEP"), ("LO", b"of Secretname")), id="name in CSA"),
    pytest.param(csa(("PN", b"Stranger^Some")), id="a stranger in CSA"),
    pytest.param(csa(("UI", b"1.3.12.2.1107.5.2.32.1")), id="UID in CSA"),
    pytest.param(csa(("UN", b'tRef = "1.3.12.2.1107.5.2"')), id="UID in a protocol"),
    pytest.param(csa(("LO", b"HEA;HEP")).replace(b"junk", b"Secretname"), id="name in the slack"),
]
UNREADABLE = [
    pytest.param(bytes(range(256)), id="binary"),
    pytest.param(b"\x1f\x8b\x08\0zipped", id="gzip"),
    pytest.param(b"caf\xe9", id="no text of the character set"),
    pytest.param(items(El(0x00081030, "LO", "head"))[:-2], id="a cut sequence"),
    pytest.param(items(El(0x00081030, "LO", "head")) + b"more", id="bytes after a sequence"),
    pytest.param(csa(("LO", b"HEA;HEP"))[:-8], id="a cut CSA header"),
    pytest.param(csa(("LO", b"HEA;HEP"), tail=b"more"), id="bytes after a CSA header"),
    pytest.param(csa(("LO", b"a\0b")), id="a control character in CSA"),
    pytest.param(b"SV10\4\3\2\1\xff\xff\xff\xffM\0\0\0", id="too many tags"),
    pytest.param(nested(DEEPEST + 1), id="too deep"),
    pytest.param(b"a" * (LARGEST + 2), id="too large"),
]


@pytest.mark.parametrize("value", CLEAN)
def test_bytes_that_were_understood_and_name_nobody_stay(value: bytes) -> None:
    assert kept(MITRA, UNKNOWN, value)


@pytest.mark.parametrize("value", IDENTIFYING)
def test_bytes_that_identify_go(value: bytes) -> None:
    assert not kept(MITRA, UNKNOWN, value)


@pytest.mark.parametrize("value", UNREADABLE)
def test_bytes_that_cannot_be_read_go(value: bytes) -> None:
    assert not kept(MITRA, UNKNOWN, value)


def test_a_text_that_a_table_knows_is_looked_through() -> None:
    assert kept(CREATOR, TEXT, b"S")
    assert not kept(CREATOR, TEXT, b"Secretname")


def test_numbers_in_bytes_stay_in_big_endian_too() -> None:
    assert kept(CREATOR, NUMBER, struct.pack(">l", 912), syntax=BIG_ENDIAN)


def test_what_no_table_knows_goes_however_harmless_it_is() -> None:
    data = part10(slice_of(1, MITRA, El(0x002910F0, "OB", b"head")))

    output = dicomveil.joined(dicomveil.deidentify(data, TCIA, KEY), data)

    assert MITRA.tag not in pydicom.dcmread(BytesIO(output))


@pytest.mark.parametrize("profile", ["basic", "research"])
def test_without_the_table_no_bytes_stay(profile: str) -> None:
    data = part10(slice_of(1, MITRA, El(UNKNOWN, "OB", b"head")))
    chosen = load_profile(profile)

    output = dicomveil.joined(dicomveil.deidentify(data, chosen, KEY), data)

    assert UNKNOWN not in pydicom.dcmread(BytesIO(output))


def test_a_profile_that_leaves_texts_alone_still_looks_through_bytes() -> None:
    said = (
        El(0x00080301, "US", (0x0029,)),
        El(0x00080302, "LO", "ACME"),
        El(0x00080303, "CS", "SAFE"),
    )
    safe = [El(0x00080300, "SQ", [Item(said)]), El(0x00290010, "LO", "ACME")]
    profile = dicomveil.load_profile("basic", ["retain-safe-private"])

    fates = []
    for value in (b"head", b"Secretname"):
        data = part10(slice_of(1, *safe, El(0x00291001, "OB", value)))
        output = dicomveil.joined(dicomveil.deidentify(data, profile, KEY), data)
        fates.append(0x00291001 in pydicom.dcmread(BytesIO(output)))

    assert fates == [True, False]


VARYING: list[Sequence[bytes]] = [
    [b"head", b"neck", b"chest", b"foot", b"hand", b"knee"],
    [b"head", b"neck", b"Secretname", b"\1\2\3\4", b"hand", b"knee"],
    [b"\1\2", b"\3\4", b"head", b"\5\6", b"\7\10", b"neck"],
]


@pytest.mark.parametrize("values", VARYING)
def test_both_roads_agree_on_bytes(values: Sequence[bytes]) -> None:
    files = series([[MITRA, El(UNKNOWN, "OB", value)] for value in values])

    roads = roads_of(files, profile=TCIA)

    assert roads.differences == []
    assert roads.hits > 0


def test_a_series_whose_bytes_all_go_still_takes_templates() -> None:
    blobs = [bytes([number, 1, 2, 3]) * 8 for number in range(8)]

    roads = roads_of(series([[MITRA, El(UNKNOWN, "OB", b)] for b in blobs]), profile=TCIA)

    assert roads.differences == []
    assert roads.hits >= 5


@needs_corpus
@pytest.mark.parametrize("name", ["vendor-mr/20180918Si/mr_0003/epi_pe_ap-00001.dcm"])
def test_the_values_of_a_real_csa_header_are_read(name: str) -> None:
    beside = corpus()
    assert beside is not None
    header = pydicom.dcmread(beside / name)[0x0029, 0x1010].value

    values = {one.value for one in csa_values(header)}

    assert b"X_1_1_1_1_1_1_1_1_1_1_1_38" in values


@needs_corpus
def test_real_files_keep_bytes_and_none_that_names_their_patient() -> None:
    beside = corpus()
    assert beside is not None
    stayed = 0
    options = Options(templates=Templates.OFF, pixels=PixelTrust.ACCEPTED)
    for path in sorted(beside.rglob("*.dcm")):
        stayed += _bytes_kept(path, options)

    assert stayed > 0


def _bytes_kept(path: Path, options: Options) -> int:
    """How many private bytes of a file stay, each the same as in the original."""
    try:
        cleaned = dicomveil.deidentify(path, TCIA, KEY, options=options)
        before = pydicom.dcmread(path, force=True)
    except (dicomveil.DicomveilError, OSError):  # what pydicom cannot read
        return 0
    after = pydicom.dcmread(BytesIO(dicomveil.joined(cleaned, path)))
    private = [e for e in after if e.tag.is_private and e.VR in {"OB", "UN"} and e.value]
    for element in private:
        assert element.value == before[element.tag].value
    return len(private)
