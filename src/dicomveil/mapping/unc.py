r"""UNC paths: `\\server\share\folder`, the same place on every computer."""

import re
from dataclasses import dataclass

from dicomveil.errors import NotUnc

_FORM = r"write \\server\share\folder"
_ILLEGAL = re.compile(r'[<>:"|?*\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class UncPath:
    """A path below a share; written with backslashes and none at its end."""

    server: str
    share: str
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\\\\" + "\\".join((self.server, self.share, *self.parts))

    def __truediv__(self, relative: str) -> "UncPath":
        """The path `relative` below this one; NotUnc when it would leave it."""
        return UncPath(self.server, self.share, (*self.parts, *_parts(relative)))

    def below(self, root: "UncPath") -> tuple[str, ...] | None:
        """The parts after `root`, or None when this lies elsewhere. Case is not told apart."""
        mine = (self.server, self.share, *self.parts)
        theirs = (root.server, root.share, *root.parts)
        same = [part.casefold() for part in mine[: len(theirs)]]
        return mine[len(theirs) :] if same == [part.casefold() for part in theirs] else None


def is_unc(text: str) -> bool:
    r"""Whether the text starts as a UNC path does: `\\` or `//`."""
    return text.startswith(("\\\\", "//"))


def is_absolute(text: str) -> bool:
    """Whether the text is a whole path of any system rather than one below some root."""
    return text.startswith(("\\", "/", "~")) or bool(re.match(r"[A-Za-z]:", text))


def parse_unc(text: str) -> UncPath:
    """The UNC path that `text` is; NotUnc says what to write instead."""
    text = text.strip()
    if not is_unc(text):
        raise NotUnc(_not_unc(text))
    if text[2:4] in ("?\\", ".\\", "?/", "./"):
        raise NotUnc(f"a device path is not accepted; {_FORM}")
    server, *rest = re.split(r"[\\/]", text[2:])
    if not server or not rest or not rest[0]:
        raise NotUnc(f"a UNC path needs a server and a share; {_FORM}")
    if "@" in server or _ILLEGAL.search(server):
        raise NotUnc(f"the server's name is not accepted; {_FORM}")
    share, *parts = _parts("/".join(rest))
    return UncPath(server, share, tuple(parts))


def _parts(text: str) -> list[str]:
    """The names in a path of either separator; empty ones and `.` are nothing."""
    parts = [part for part in re.split(r"[\\/]", text) if part not in ("", ".")]
    if ".." in parts:
        raise NotUnc(".. is not accepted in a path")
    if any(_ILLEGAL.search(part) for part in parts):
        raise NotUnc('a path may not hold < > : " | ? * or control characters')
    return parts


def _not_unc(text: str) -> str:
    """Why a text that is not UNC cannot stand where UNC is asked."""
    if re.match(r"[A-Za-z]:", text):
        return f"a drive letter is another place on each computer; {_FORM}"
    if text.startswith(("/", "~")):
        return f"a local path or mount is another place on each computer; {_FORM}"
    if text in ("", "."):
        return f"no path is set; {_FORM}"
    return f"this is not a UNC path; {_FORM}"
