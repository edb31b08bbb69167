"""Keyed pseudonyms: the same original and key give the same one, anywhere, in any order.

docs/pseudonyms.md is the law; this file is its mechanism. No clock, no randomness, no table.
"""

import unicodedata
from base64 import b32encode
from collections.abc import Mapping
from typing import Final, NamedTuple

from dicomveil.dicom.hashing import blake2b
from dicomveil.errors import Refused
from dicomveil.policy.renaming import Others, Renaming, filled

SHORTEST_KEY: Final = 32
LONGEST_KEY: Final = 64
UID_SIZE: Final = 44  # bytes of every new UID
_OF_PATIENTS: Final = ("patient-id", "patient-name")
_MEMORY: Final = 1 << 12
_VERSION_8: Final = 8 << 76
_VARIANT: Final = 2 << 62
_FIXED: Final = ~(0xF << 76 | 3 << 62)
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

    Patients with `given` pseudonyms get those for Patient ID and name, whatever the profile says of
    renaming; where any are given, an object of another patient is not to leave (`expects`).
    """

    def __init__(
        self,
        key: bytes,
        given: Mapping[bytes, Given] | None = None,
        renaming: Renaming | None = None,
    ) -> None:
        """Hash under `key`, and rename as the profile says; ValueError for a key of bad length."""
        if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            raise ValueError(f"a key has {SHORTEST_KEY} to {LONGEST_KEY} bytes")
        self._key = key
        self._uid = blake2b(key=key, person=b"uid", digest_size=16)
        self._uids: dict[bytes, bytes] = {}
        self._given = {
            (kind, message): _padded(text.encode("ascii"))
            for message, pair in (given or {}).items()
            for kind, text in zip(_OF_PATIENTS, pair, strict=True)
        }
        self._renaming = renaming
        mapped = renaming.mapped if renaming else None
        known = mapped.patients.items() if mapped else ()
        self._known = {normal_form(old).encode(): new for old, new in known}

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
        """The pseudonym of `message` among values of this kind: 16 characters A-Z, 2-7.

        A patient's may be given or renamed, then it has any even length; Refused for one whom a
        mapping that should does not name.
        """
        given = self._given.get((kind, message))
        if given is not None:
            return given
        code = b32encode(self.digest(kind, message, 10))
        if self._renaming is None or kind not in _OF_PATIENTS:
            return code
        return _padded(self._renamed(self._renaming, kind, message, code.decode()).encode())

    def expects(self, patient: bytes) -> bool:
        """Whether objects of this patient may leave: anybody's, where no pseudonyms are given."""
        return not self._given or (_OF_PATIENTS[0], patient) in self._given

    def _renamed(self, renaming: Renaming, kind: str, message: bytes, code: str) -> str:
        mapped = renaming.mapped
        known = self._known.get(message.split(b"\0", 2)[-1]) if _has_id(message) else None
        if mapped and known is None and mapped.others is Others.QUARANTINE:
            raise Refused("patient-unmapped", path="(0010,0020)")
        new_id, new_name = known or ("", "")
        if kind == "patient-id":
            return new_id or (
                filled(renaming.patient_id, code, "") if renaming.patient_id else code
            )
        if new_name:
            return new_name
        return self._name(renaming, message, code)

    def _name(self, renaming: Renaming, message: bytes, code: str) -> str:
        if renaming.patient_name is None:
            return code
        new_id = self.code("patient-id", message).decode().rstrip()
        return filled(renaming.patient_name, code, new_id)


def _has_id(message: bytes) -> bool:
    """Whether a patient's message is made of a Patient ID."""
    return message.startswith(b"id\0")


def _padded(value: bytes) -> bytes:
    """The value with even length (PS3.5 §6.2)."""
    return value + b" " * (len(value) & 1)


def patient_message(issuer: str, patient_id: str, study_uid: str) -> bytes:
    """Who the patient is, as every pseudonym of the patient hashes it; b"" when nothing says.

    The (issuer, ID) in normal form; without an ID, the Study Instance UID.
    """
    who = normal_form(patient_id)
    if who:
        return f"id\0{normal_form(issuer)}\0{who}".encode()
    return f"study\0{study_uid}".encode() if study_uid else b""
