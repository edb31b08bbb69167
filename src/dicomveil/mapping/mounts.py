"""Find shares that are mounted here: fstab lines, /proc/mounts and Windows' mapped drives.

Mount options hold passwords, and a share's name may hold a login before an @. Neither is kept:
of each line only server, share and mount point are read.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dicomveil.errors import NotUnc
from dicomveil.mapping.shares import Share, parse_share

TABLES = (Path("/etc/fstab"), Path("/proc/mounts"))
_KINDS = frozenset({"cifs", "smb3", "smbfs", "smb", "fuse.smbnetfs"})


def detect(tables: tuple[Path, ...] = TABLES) -> tuple[Share, ...]:
    """The shares this computer has mounted or would mount; what cannot be read has none."""
    found = {str(share): share for share in _mapped_drives()}
    for table in tables:
        try:
            text = table.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found |= {str(share): share for share in shares_in(text)}
    return tuple(found[line] for line in sorted(found))


def shares_in(table: str) -> Iterator[Share]:
    """The shares that a text in the form of fstab(5) names."""
    for line in table.splitlines():
        words = line.split()
        if len(words) < 3 or words[0].startswith("#") or words[2] not in _KINDS:
            continue
        unc = re.sub(r"^([\\/]{2})[^\\/]*@", r"\1", _unescape(words[0]))
        try:
            yield parse_share(unc, _unescape(words[1]))
        except NotUnc:
            continue


def _unescape(word: str) -> str:
    r"""fstab(5) writes a space as `\040`."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), word)


def _mapped_drives() -> Iterator[Share]:
    """The drive letters of this user that Windows connects to shares."""
    if sys.platform == "win32":
        import winreg

        # Without any mapped drive there is no such key; a drive may be mapped to no share.
        with (
            suppress(FileNotFoundError),
            winreg.OpenKey(winreg.HKEY_CURRENT_USER, "Network") as key,
        ):
            for at in range(winreg.QueryInfoKey(key)[0]):
                letter = winreg.EnumKey(key, at)
                with winreg.OpenKey(key, letter) as drive, suppress(FileNotFoundError, NotUnc):
                    yield parse_share(winreg.QueryValueEx(drive, "RemotePath")[0], f"{letter}:\\")
    yield from ()
