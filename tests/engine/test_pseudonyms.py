"""Pseudonyms are what docs/pseudonyms.md says, computed here from its words alone."""

import hashlib
import uuid
from base64 import b32encode

import pytest

from dicomveil.engine.pseudonyms import Pseudonyms, normal_form, patient_message
from tests.builders import EXPLICIT, KEY, El, Item, part10, without
from tests.engine.roads import Outcome, Roads, slice_of
from tests.engine.test_deidentify import plain

NAMES = Pseudonyms(KEY)


def digest(kind: str, message: bytes, size: int) -> bytes:
    """The hash of the page's first section; the library pads `person` with zeros itself."""
    return hashlib.blake2b(
        message, key=KEY, person=kind.encode().ljust(16, b"\0"), digest_size=size
    ).digest()


def code(kind: str, message: str) -> str:
    """Sixteen characters of base32."""
    return b32encode(digest(kind, message.encode(), 10)).decode()


def new_uid(old: str) -> str:
    """A UUID of version 8, with its highest bit set, as a decimal UID."""
    number = int.from_bytes(digest("uid", old.encode(), 16), "big")
    made = uuid.UUID(int=number, version=4)  # for the variant; then the version and the top bit
    number = made.int & ~(0xF << 76) | 8 << 76 | 1 << 127
    assert (uuid.UUID(int=number).version, uuid.UUID(int=number).variant) == (8, uuid.RFC_4122)
    return f"2.25.{number}"


@pytest.mark.parametrize("old", ["1.2.3", "1.2.840.10008.5.1.4.1.1.2", "1." * 31 + "1"])
def test_a_uid_is_a_keyed_uuid_of_44_bytes(old: str) -> None:
    new = NAMES.uid(old.encode())

    assert new.decode() == new_uid(old)
    assert len(new) == 44
    assert NAMES.uid(old.encode()) == new


def test_remembering_many_uids_changes_none() -> None:
    first = Pseudonyms(KEY)
    for number in range(20_000):
        first.uid(b"1.%d" % number)

    assert first.uid(b"1.5") == NAMES.uid(b"1.5")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  Doe   Jane ", "doe jane"),
        ("0012", "0012"),
        ("ＡＢＣ１２", "abc12"),
        ("Straße", "strasse"),
        ("a\t\u3000b", "a b"),
        ("e\u0301", "é"),
        ("", ""),
    ],
)
def test_a_text_is_made_normal(text: str, normal: str) -> None:
    assert normal_form(text) == normal


@pytest.mark.parametrize(
    ("issuer", "patient", "study", "message"),
    [
        ("Hosp A", "Id 7", "1.2", b"id\0hosp a\0id 7"),
        ("", "Id 7", "1.2", b"id\0\0id 7"),
        ("Hosp", "  ", "1.2", b"study\x001.2"),
        ("Hosp", "", "", b""),
    ],
)
def test_a_patient_is_issuer_and_id_or_the_study(
    issuer: str, patient: str, study: str, message: bytes
) -> None:
    assert patient_message(issuer, patient, study) == message


def test_two_kinds_never_share_a_pseudonym() -> None:
    kinds = ("patient-id", "patient-name", "accession", "study-id", "path")

    assert {NAMES.code(kind, b"7").decode() for kind in kinds} == {code(k, "7") for k in kinds}
    assert len({NAMES.code(kind, b"7") for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("size", [0, 16, 31, 65])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 to 64"):
        Pseudonyms(bytes(size))


def test_a_key_is_named_by_its_fingerprint_and_never_shown() -> None:
    assert NAMES.fingerprint == digest("fingerprint", b"dicomveil", 8).hex()
    assert repr(NAMES) == f"<Pseudonyms under key {NAMES.fingerprint}>"


def written(outcome: Outcome, vr: str, text: str) -> bool:
    """Whether the output has an element of the VR with this value."""
    return vr.encode() + len(text).to_bytes(2, "little") + text.encode() in outcome.written


def test_an_object_gets_the_pseudonyms_of_its_patient() -> None:
    outcome = plain(
        slice_of(
            1,
            El(0x00080050, "SH", " Acc  7"),
            El(0x00100020, "LO", "Pat 7 "),
            El(0x00100021, "LO", "HOSP"),
            El(0x00200010, "SH", "S1"),
        )
    )

    assert written(outcome, "SH", code("accession", "acc 7"))
    assert written(outcome, "SH", code("study-id", "s1"))
    assert written(outcome, "LO", code("patient-id", "id\0hosp\0pat 7"))
    assert written(outcome, "PN", code("patient-name", "id\0hosp\0pat 7"))
    assert written(outcome, "UI", new_uid("1.2.3.4.5"))


@pytest.mark.parametrize("told", [True, False], ids=["empty", "absent"])
def test_a_patient_without_an_id_is_the_studys(told: bool) -> None:
    elements = slice_of(1, El(0x00100020, "LO", ""))

    outcome = plain(elements if told else without(elements, 0x00100020))

    assert written(outcome, "LO", code("patient-id", "study\x001.2.3.4.5"))
    assert written(outcome, "PN", code("patient-name", "study\x001.2.3.4.5"))


@pytest.mark.parametrize("told", [True, False], ids=["empty", "absent"])
def test_without_id_and_study_nothing_is_made_up(told: bool) -> None:
    elements = without(slice_of(1, El(0x00100020, "LO", "")), 0x0020000D)

    outcome = plain(elements if told else without(elements, 0x00100020))

    assert (b"\x10\0\x20\0LO\0\0" in outcome.written) is told
    assert b"\x10\0\x20\0LO\x10" not in outcome.written


def test_a_nested_patient_is_the_items_own_where_it_has_an_id() -> None:
    def other(*said: El) -> Item:
        return Item((*said, El(0x00104000, "LT", "")))

    name = El(0x00100010, "PN", "Other^Who")
    items = [
        other(name, El(0x00100020, "LO", "P2")),
        other(name, El(0x00100020, "LO", "")),
        other(name),
    ]
    outcome = plain(slice_of(1, El(0x00082218, "SQ", items)))

    root, own = "id\0\0pid12345", "id\0\0p2"
    names = [code("patient-name", who).encode() for who in (own, root)]
    assert [outcome.written.count(made) for made in names] == [1, 3]
    assert written(outcome, "LO", code("patient-id", own))


def test_two_engines_agree_in_any_order() -> None:
    files = [part10(slice_of(number), EXPLICIT) for number in range(5)]
    forth, back = Roads(), Roads()

    for data, reverse in zip(files, reversed(files), strict=True):
        forth.take(data)
        back.take(reverse)

    assert forth.differences == back.differences == []
