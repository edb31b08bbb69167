r"""Which paths of a share are accepted: those of the shares on a place's list, and no tricks.

Server and share are compared without regard to case, before any name is resolved, and what is
connected to is what the list says. Device paths (`\\?\`, `\\.\`), streams (`a:b`), device names
(CON, NUL), `..` and names that Windows would read differently are refused, not mended.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from dicomveil.errors import PlaceRefuses

_SERVER: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_ILLEGAL: Final = re.compile(r'[<>:"|?*/\\\x00-\x1f\x7f]')
_DEVICES: Final = frozenset(
    "CON PRN AUX NUL CONIN$ CONOUT$ CLOCK$".split()
    + [f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"]
)
_PIPES: Final = "IPC$"
_LONGEST_NAME: Final = 255
_LONGEST_PATH: Final = 4096
_SCHEME: Final = "smb://"


class Share(NamedTuple):
    """A folder of a share."""

    server: str
    share: str
    folder: tuple[str, ...] = ()

    @property
    def unc(self) -> str:
        """The share itself, as a connection names it."""
        return f"\\\\{self.server}\\{self.share}"

    def covers(self, other: "Share") -> bool:
        """Whether the other lies in this one; case is not told apart."""
        mine, theirs = _folded(self), _folded(other)
        return theirs[: len(mine)] == mine


def share_of(place: str, text: str) -> Share:
    r"""The folder that `\\server\share\folder`, or `smb://server/share/folder`, names.

    Raises PlaceRefuses, saying what is not accepted and never the path.
    """
    rest = text[len(_SCHEME) :] if text.lower().startswith(_SCHEME) else text[2:]
    if rest == text[2:] and text[:2] not in ("\\\\", "//"):
        raise PlaceRefuses(place, r"a share is written as \\server\share\folder")
    if rest[:2] in ("?\\", ".\\", "?/", "./"):
        raise PlaceRefuses(place, "a device path is not accepted")
    server, *names = re.split(r"[\\/]", rest)
    if not _SERVER.fullmatch(server):
        raise PlaceRefuses(place, "the server's name is not accepted")
    if not names or not names[0]:
        raise PlaceRefuses(place, r"a share is written as \\server\share\folder")
    if names[0].upper() == _PIPES:
        raise PlaceRefuses(place, "pipes are no files")
    share, *folder = checked_names(place, names)
    return Share(server, share, tuple(folder))


def listed(place: str, wanted: Share, shares: Sequence[Share]) -> Share:
    """The wanted folder, in the list's spelling of server and share; PlaceRefuses when unlisted."""
    for share in shares:
        if share.covers(wanted):
            below = wanted.folder[len(share.folder) :]
            return Share(share.server, share.share, share.folder + below)
    raise PlaceRefuses(place, "the share is not on the place's list")


def checked_names(place: str, names: Sequence[str]) -> tuple[str, ...]:
    """The names of a path, without `.` and empty ones; PlaceRefuses for one not accepted."""
    kept = tuple(name for name in names if name not in {"", "."})
    for name in kept:
        fault = fault_of(name)
        if fault:
            raise PlaceRefuses(place, fault)
    if sum(map(len, kept)) + len(kept) > _LONGEST_PATH:
        raise PlaceRefuses(place, "a path is too long")
    return kept


def fault_of(name: str) -> str:
    """Why one name of a path is not accepted; "" for one that is."""
    if name == "..":
        return ".. is not accepted in a path"
    if ":" in name:
        return "streams are not accepted"
    if _ILLEGAL.search(name) or name[-1] in ". ":
        return "a name has characters that are not accepted"
    if name.partition(".")[0].rstrip().upper() in _DEVICES:
        return "the name of a device is not accepted"
    return "a name is too long" if len(name) > _LONGEST_NAME else ""


def _folded(share: Share) -> tuple[str, ...]:
    return tuple(map(str.casefold, (share.server, share.share, *share.folder)))
