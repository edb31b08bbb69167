"""The master key, which wraps a server's other keys where they lie; it lies elsewhere itself.

The settings name it, and never hold it: `file:PATH`, `env:VARIABLE` or `command:/PATH ARGUMENT`,
whose standard output it is. A wrapped key is one line: a word, the master key's fingerprint, and
the key sealed by AES-256-GCM; the key's own name is authenticated with it, so that no two change
places.
"""

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Final

from dicomveil.errors import KeyRefused
from dicomveil.jobs.keyfile import key_of, read_content

SIZE: Final = 32
WRAPPED: Final = b"dicomveil-wrapped-1"
_NONCE: Final = 12
_PATIENCE: Final = 30  # seconds that a command has


class Master:
    """A master key, fetched when it is first needed. Raises KeyRefused when it cannot be used."""

    def __init__(self, reference: str, environment: Mapping[str, str]) -> None:
        """Find it by what the settings say; nothing is read yet."""
        kind, _, where = reference.partition(":")
        fetch = _WAYS.get(kind)
        if fetch is None or not where:
            # What was written here may be the secret itself: it is not repeated.
            raise KeyRefused("a master key is named by file:, env: or command:, and what follows")
        self._fetch = fetch
        self._where = where
        self._environment = environment

    def __repr__(self) -> str:
        """Nothing of the key, nor of where it is."""
        return "<Master>"

    @property
    def fingerprint(self) -> str:
        """What names the key without helping to find it."""
        return self._derived(b"master", 8).hex()

    def wrap(self, name: str, key: bytes) -> bytes:
        """The line that a key of this name is kept as."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self._derived(b"wrap", SIZE)).encrypt(nonce, key, name.encode())
        return b" ".join((WRAPPED, self.fingerprint.encode(), (nonce + sealed).hex().encode()))

    def unwrap(self, name: str, line: bytes) -> bytes:
        """The key that a line holds; KeyRefused names the master key that it needs."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        wanted = wrapped_under(line)
        if wanted != self.fingerprint:
            raise KeyRefused(
                f"it is wrapped by master key {wanted}, and the one given is {self.fingerprint}"
            )
        try:
            sealed = bytes.fromhex(line.split()[2].decode())
            cipher = AESGCM(self._derived(b"wrap", SIZE))
            return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
        except (ValueError, IndexError, InvalidTag):
            raise KeyRefused("what is wrapped there was changed, or is another key") from None

    @cached_property
    def _key(self) -> bytes:
        key = key_of(self._fetch(self._where, self._environment))
        if len(key) != SIZE:
            raise KeyRefused(f"the master key has {len(key)} bytes in place of {SIZE}")
        return key

    def _derived(self, purpose: bytes, size: int) -> bytes:
        return blake2b(b"dicomveil", key=self._key, person=purpose, digest_size=size).digest()


def master_of(reference: str, environment: Mapping[str, str]) -> Master | None:
    """The master key that the settings name, None where they name none."""
    return Master(reference, environment) if reference else None


def is_wrapped(content: bytes) -> bool:
    """Whether a key file holds a wrapped key."""
    return content.startswith(WRAPPED)


def wrapped_under(line: bytes) -> str:
    """The fingerprint of the master key that a wrapped key needs; "" where the line has none."""
    words = line.split()
    return words[1].decode("ascii", "replace")[:32] if len(words) > 1 else ""


def _from_file(where: str, _: Mapping[str, str]) -> bytes:
    return read_content(where)


def _from_environment(where: str, environment: Mapping[str, str]) -> bytes:
    if where not in environment:
        raise KeyRefused("the environment has no variable of the name given for the master key")
    return environment[where].encode()


def _from_command(where: str, environment: Mapping[str, str]) -> bytes:
    words = shlex.split(where)
    if not words or not os.path.isabs(words[0]):
        raise KeyRefused("the command that gives the master key is named by its whole path")
    try:
        done = subprocess.run(  # noqa: S603 - the administrator's own command, without a shell
            words,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise KeyRefused(f"the command for the master key cannot be run: {reason}") from None
    except subprocess.TimeoutExpired:
        raise KeyRefused("the command for the master key did not end in time") from None
    if done.returncode:
        raise KeyRefused(f"the command for the master key failed with code {done.returncode}")
    return done.stdout


_WAYS: Final[Mapping[str, Callable[[str, Mapping[str, str]], bytes]]] = {
    "file": _from_file,
    "env": _from_environment,
    "command": _from_command,
}
