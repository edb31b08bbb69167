"""What identifies patients is encrypted at rest, under a key that is not in the database.

Sealed with AES-256-GCM under a random nonce; the name of the column is authenticated with it, so
that a value cannot be moved to another column unseen. To look a value up there is a keyed digest.
"""

import os
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from dicomveil.job_errors import LedgerUnusable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SIZE: Final = 32
_NONCE: Final = 12
_DIGEST: Final = 16


class Vault:
    """Seals and opens texts; one key for a ledger."""

    def __init__(self, key: bytes) -> None:
        """Seal under a key of 32 bytes; ValueError for any other."""
        if len(key) != KEY_SIZE:
            raise ValueError(f"a vault's key has {KEY_SIZE} bytes")
        self._key = key

    def __repr__(self) -> str:
        """The fingerprint alone."""
        return f"<Vault {self.fingerprint}>"

    @property
    def fingerprint(self) -> str:
        """What names the key without helping to find it."""
        return self._derived(b"fingerprint", 8).hex()

    def seal(self, text: str, column: str) -> bytes | None:
        """The text as this column stores it; None for an empty one."""
        if not text:
            return None
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), column.encode())

    def open(self, sealed: bytes | None, column: str) -> str:
        """The text that was sealed for this column; LedgerUnusable when it was not, or changed."""
        if sealed is None:
            return ""
        from cryptography.exceptions import InvalidTag

        try:
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], column.encode())
        except InvalidTag:
            raise LedgerUnusable(f"a sealed value of {column} does not open") from None
        return plain.decode()

    def digest(self, kind: str, text: str) -> bytes:
        """By what a value of this kind is found again, without being readable."""
        key = self._digest_key
        return blake2b(text.encode(), key=key, person=kind.encode(), digest_size=_DIGEST).digest()

    @cached_property
    def _cipher(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._derived(b"seal", 32))

    @cached_property
    def _digest_key(self) -> bytes:
        return self._derived(b"digest", 32)

    def _derived(self, purpose: bytes, size: int) -> bytes:
        return blake2b(b"dicomveil", key=self._key, person=purpose, digest_size=size).digest()
