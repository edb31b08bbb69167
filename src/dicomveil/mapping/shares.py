r"""The translation table: which local folder is which share (`\\server\share = /mnt/share`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from dicomveil.errors import NotUnc
from dicomveil.mapping.unc import UncPath, parse_unc


@dataclass(frozen=True, slots=True)
class Share:
    """One line of the table: a place on a share and where it is mounted here."""

    unc: UncPath
    local: PurePath

    def __str__(self) -> str:
        return f"{self.unc} = {self.local}"


@dataclass(frozen=True, slots=True)
class Shares:
    """The whole table; of two lines that fit, the longer one decides."""

    lines: tuple[Share, ...] = ()

    def to_unc(self, local: PurePath) -> UncPath | None:
        """The UNC path of an absolute local path, or None when no line covers it."""
        fitting = [line for line in self.lines if local.is_relative_to(line.local)]
        if not fitting:
            return None
        line = max(fitting, key=lambda line: len(line.local.parts))
        return line.unc / local.relative_to(line.local).as_posix()

    def to_local(self, unc: UncPath) -> Path | None:
        """The local path of a UNC path, or None when no line covers it."""
        fitting = [line for line in self.lines if unc.below(line.unc) is not None]
        if not fitting:
            return None
        line = max(fitting, key=lambda line: len(line.unc.parts))
        return Path(line.local).joinpath(*(unc.below(line.unc) or ()))

    def with_lines(self, new: Iterable[Share]) -> "Shares":
        """The table with these lines; a line for the same share replaces the old one."""
        table = {str(line.unc).casefold(): line for line in (*self.lines, *new)}
        return Shares(tuple(sorted(table.values(), key=str)))

    def without(self, unc: UncPath) -> "Shares":
        """The table without the line for this share; NotUnc when there is none."""
        name = str(unc).casefold()
        left = tuple(line for line in self.lines if str(line.unc).casefold() != name)
        if len(left) == len(self.lines):
            raise NotUnc("the translation table has no line for this share")
        return Shares(left)


def parse_share(unc: str, local: str) -> Share:
    """A line of the table; NotUnc when one side is not what it should be."""
    folder = PurePath(local)
    if not folder.is_absolute():
        raise NotUnc("the local folder must be a whole path, like /mnt/share or H:\\")
    if ".." in folder.parts:
        raise NotUnc(".. is not accepted in a local folder")
    return Share(parse_unc(unc), folder)
