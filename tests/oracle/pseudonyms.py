"""The keyed pseudonyms, recomputed from docs/pseudonyms.md alone."""

import base64
import hashlib
import re
import unicodedata
import uuid
from dataclasses import dataclass

from tests.oracle.claims import Same, Written
from tests.oracle.table import registered
from tests.oracle.tree import Tree, text_of

PATIENT_ID, ISSUER, STUDY_UID = 0x00100020, 0x00100021, 0x0020000D


def digest(key: bytes, kind: str, message: bytes, size: int) -> bytes:
    """The keyed hash of one kind."""
    person = kind.encode("ascii").ljust(16, b"\0")
    return hashlib.blake2b(message, key=key, person=person, digest_size=size).digest()


def word(key: bytes, kind: str, message: bytes) -> str:
    """Sixteen letters and digits of base32."""
    return base64.b32encode(digest(key, kind, message, 10)).decode("ascii")


def uid(key: bytes, old: bytes) -> str:
    """The UID that replaces one value."""
    number = int.from_bytes(digest(key, "uid", old.strip(b"\0 "), 16), "big")
    number |= 1 << 127
    number = number & ~(0xF << 76) | 8 << 76
    number = number & ~(0b11 << 62) | 0b10 << 62
    assert uuid.UUID(int=number).version == 8
    return f"2.25.{number}"


def uids(key: bytes, raw: bytes) -> bytes:
    """Each value of a UID element by itself; an empty value stays empty."""
    made = "\\".join(uid(key, one) if one else "" for one in _values(raw))
    return padded(made, b"\0")


def uids_in_text(key: bytes, raw: bytes) -> bytes:
    """A text with each of its UIDs replaced: dotted numbers, four or more, or a whole value."""
    inside = re.compile(r"(?<![\d.])[012](?:\.\d+){3,}(?!\.?\d)")
    values = raw.decode("latin-1").split("\\")
    whole = [re.fullmatch(r"[012](?:\.\d+)+", one.strip(" \0")) for one in values]
    made = (
        uid(key, found[0].encode()) if found else inside.sub(lambda m: uid(key, m[0].encode()), one)
        for found, one in zip(whole, values, strict=True)
    )
    return padded("\\".join(made).rstrip(" \0"), b" ").replace(b"\0", b"")


def registered_or_new(key: bytes, vr: str, raw: bytes) -> Same | Written:
    """An unlisted UID element: its entries of the registry stay, its other values do not."""
    values = _values(raw)
    if all(registered(one) or not one for one in values):
        return Same(vr, raw)
    made = [one.decode() if registered(one) or not one else uid(key, one) for one in values]
    return Written(padded("\\".join(made), b"\0"))


def _values(raw: bytes) -> list[bytes]:
    """The values without what pads them: a NUL by PS3.5 §9.1, spaces by many writers."""
    return [one.strip(b"\0 ") for one in raw.split(b"\\")]


def padded(text: str, filler: bytes = b" ") -> bytes:
    """Text as it lies in a file, of even length."""
    raw = text.encode("ascii")
    return raw + filler * (len(raw) % 2)


def normal(text: str) -> str:
    """The normal form: NFKC, case folded, one space for white space, none at the ends."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("\0", " ").split())


@dataclass(frozen=True)
class Patient:
    """Whom a data set is about: the message that is hashed, None when nothing names anyone."""

    message: bytes | None


def patient_of(tree: Tree, charsets: tuple[str, ...]) -> Patient:
    """The patient of a whole data set: by issuer and ID, else by study."""
    own = own_patient(tree, charsets)
    if own is not None:
        return own
    study = text_of(tree, STUDY_UID, ()).strip("\0 ")
    return Patient(b"study\0" + study.encode("ascii", "replace") if study else None)


def own_patient(tree: Tree, charsets: tuple[str, ...]) -> Patient | None:
    """The patient that a data set or an item names by a Patient ID of its own."""
    name = normal(text_of(tree, PATIENT_ID, charsets))
    if not name:
        return None
    issuer = normal(text_of(tree, ISSUER, charsets))
    return Patient(f"id\0{issuer}\0{name}".encode())
