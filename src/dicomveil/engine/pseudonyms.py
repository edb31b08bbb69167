"""Keyed pseudonyms: the same original and key give the same one, anywhere, in any order.

docs/pseudonyms.md is the law; this file is its mechanism. No clock, no randomness, no table.
"""

import unicodedata
from base64 import b32encode
from collections.abc import Mapping
from typing import Final, NamedTuple

from dicomveil.dicom.hashing import blake2b

SHORTEST_KEY: Final = 32
LONGEST_KEY: Final = 64
UID_SIZE: Final = 44  # bytes of every new UID
_MEMORY: Final = 1 << 12
_VERSION_8: Final = 8 << 76
_VARIANT: Final = 2 << 62
_FIXED: Final = ~(0xF << 76 | 3 << 62)
_GIVEN: Final = ("patient-id", "patient-name")
_TOP: Final = 1 << 127
_SET: Final = _TOP | _VERSION_8 | _VARIANT


def normal_form(text: str) -> str:
    """The form in which two spellings of one identifier are equal: NFKC, folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class Given(NamedTuple):
    """The pseudonyms that somebody chose for one patient, of printable ASCII without backslash."""

    patient_id: str
    patient_name: str


GivenTo = tuple[tuple[bytes, Given], ...]
"""Which patient, as `patient_message` tells them, gets which pseudonyms."""


class Pseudonyms:
    """Pseudonyms under one key of 32 to 64 bytes. Remembers recent UIDs, which changes nothing.

    Patients with `given` pseudonyms get those for Patient ID and name, and all else by the key;
    where any are given, an object of another patient is not to leave (`expects`).
    """

    def __init__(self, key: bytes, given: Mapping[bytes, Given] | None = None) -> None:
        """Hash under `key`; ValueError for one that is too short or too long."""
        if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            raise ValueError(f"a key has {SHORTEST_KEY} to {LONGEST_KEY} bytes")
        self._key = key
        self._uid = blake2b(key=key, person=b"uid", digest_size=16)
        self._uids: dict[bytes, bytes] = {}
        self._given = {
            (kind, message): _padded(text)
            for message, pair in (given or {}).items()
            for kind, text in zip(_GIVEN, pair, strict=True)
        }

    def __repr__(self) -> str:
        """The fingerprint alone."""
        return f"<Pseudonyms under key {self.fingerprint}>"

    @property
    def fingerprint(self) -> str:
        """What names the key without helping to find it, in hexadecimal."""
        return self.digest("fingerprint", b"dicomveil", 8).hex()

    def digest(self, kind: str, message: bytes, size: int) -> bytes:
        """The keyed hash of `message` among values of this kind, `size` bytes."""
        return blake2b(message, key=self._key, person=kind.encode(), digest_size=size).digest()

    def uid(self, value: bytes) -> bytes:
        """The UID in place of `value`, which has no padding: always 44 bytes of ASCII."""
        known = self._uids.get(value)
        if known is not None:
            return known
        if len(self._uids) >= _MEMORY:
            self._uids.clear()
        new = self._uids[value] = self.fresh_uid(value)
        return new

    def fresh_uid(self, value: bytes) -> bytes:
        """The same, hashed anew, for those who remember it themselves."""
        hashed = self._uid.copy()
        hashed.update(value)
        number = int.from_bytes(hashed.digest(), "big") & _FIXED | _SET
        return b"2.25.%d" % number

    def code(self, kind: str, message: bytes) -> bytes:
        """The pseudonym of `message` among values of this kind, of even length.

        The one given for the patient, or 16 characters A-Z, 2-7.
        """
        given = self._given.get((kind, message))
        return b32encode(self.digest(kind, message, 10)) if given is None else given

    def expects(self, patient: bytes) -> bool:
        """Whether objects of this patient may leave: anybody's, where no pseudonyms are given."""
        return not self._given or (_GIVEN[0], patient) in self._given


def _padded(text: str) -> bytes:
    """The text as a value of even length (PS3.5 §6.2)."""
    value = text.encode("ascii")
    return value + b" " * (len(value) & 1)


def patient_message(issuer: str, patient_id: str, study_uid: str) -> bytes:
    """Who the patient is, as every pseudonym of the patient hashes it; b"" when nothing says.

    The (issuer, ID) in normal form; without an ID, the Study Instance UID.
    """
    who = normal_form(patient_id)
    if who:
        return f"id\0{normal_form(issuer)}\0{who}".encode()
    return f"study\0{study_uid}".encode() if study_uid else b""
