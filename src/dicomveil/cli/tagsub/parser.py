"""The command line of `pfdicom_tagSub`, flag by flag as its scripts write it.

argparse, because wrappers hand the parser on as a parent of their own, and because unambiguous
prefixes of the old flags count. New flags must be written out: none makes an old prefix ambiguous.
"""

import os
from argparse import Action, ArgumentParser, RawTextHelpFormatter
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from dicomveil.cli.tagsub.manual import DESCRIPTION
from dicomveil.jobs.trees import Shape

NEW: Final = frozenset(
    "--jobs --tree --paths --fit --key-file --dry-run --values --report --resume --private"
    " --show-paths".split()
)
_WIDE: Final = 80
_Option = tuple[str, str, str]
_TEXTS: Final[Sequence[_Option]] = (
    ("--maxDepth", "-1", "max depth, counting from zero, to descend"),
    ("--inputFile", "", "the one input file, relative to the input dir"),
    ("--verbosity", "1", "verbosity level for app"),
    ("--threads", "0", "number of processes to work with"),
    ("--outputLeafDir", "", "formatting spec for output leaf directory"),
    ("--fileFilterLogic", "OR", "the logic to apply across the file filter"),
    ("--dirFilter", "", "comma separated texts to find in directories' paths"),
    ("--dirFilterLogic", "OR", "the logic to apply across the dir filter"),
    ("--outputFileStem", "", "template of the output files' names"),
)
_SHORT: Final[Sequence[tuple[str, str, str, str | None]]] = (
    ("-e", "--fileFilter", "comma separated texts to find in files' names", ""),
    ("-T", "--tagStruct", "JSON formatted tag sub struct", ""),
    ("-F", "--tagFile", "JSON formatted tag sub struct in a file", ""),
    ("-n", "--tagInfo", "a custom delimited tag sub struct", ""),
    ("-k", "--splitKeyValue", "token on which to split the <key><value> pairs", None),
    ("-s", "--splitToken", "token on which to split the <delimited_tag_info>", "++"),
)
_FLAGS: Final = {
    "man": "full help",
    "synopsis": "short synopsis",
    "relativeDir": "leave the input dir's path out of the output",
    "json": "JSON final return",
    "printElapsedTime": "print program run time",
    "followLinks": "follow symbolic links to directories",
    "overwrite": "allow the input to be overwritten",
    "syslog": "show outputs in syslog style",
    "removePrivateTags": "remove all the private elements, in sequences too",
}
_NEW_FLAGS: Final = {
    "--paths": "keys may be tags and paths",
    "--fit": "cut results that do not fit their VR",
    "--dry-run": "print before and after, write nothing",
    "--values": "show the values before (--dry-run)",
    "--resume": "finish an interrupted run",
    "--show-paths": "name files by their paths in messages",
}
_NEW_TEXTS: Final = {
    "--jobs": "number of processes to work with",
    "--key-file": "the key of hmac",
    "--report": "file to write places and functions to, never values",
    "--private": "folder of the journal and the private report",
}


class TagSubParser(ArgumentParser):
    """A parser that takes prefixes of the old flags, and new flags as they are alone."""

    def _get_option_tuples(self, option_string: str) -> list[tuple[Any, ...]]:
        """The flags that this may be a prefix of; argparse asks after it found none that is it."""
        found: list[tuple[Any, ...]] = super()._get_option_tuples(option_string)
        return [one for one in found if not isinstance(one[0], Action) or one[1] not in NEW]


def parser_ds() -> ArgumentParser:
    """What wrappers hand on as a parent: everything but the input and output directories."""
    parser = _empty()
    for name, default, text in _TEXTS:
        parser.add_argument(name, help=text, dest=name[2:], default=default)
    for short, name, text, unset in _SHORT:
        parser.add_argument(short, name, help=text, dest=name[2:], default=unset)
    for flag, text in _FLAGS.items():
        parser.add_argument(f"--{flag}", help=text, dest=flag, action="store_true", default=False)
    parser.add_argument(
        "--version",
        help="print version number",
        dest="b_version",
        action="store_true",
        default=False,
    )
    _add_new(parser)
    return parser


def parser_sa() -> ArgumentParser:
    """The parser of the command itself."""
    parser = TagSubParser(
        prog="pfdicom_tagSub",
        description=DESCRIPTION,
        formatter_class=RawTextHelpFormatter,
        parents=[parser_ds()],
    )
    parser.add_argument(
        "-I", "--inputDir", "--inputdir", help="input dir", dest="inputDir", default=""
    )
    parser.add_argument(
        "--outputDir", "--outputdir", help="output directory", dest="outputDir", default="."
    )
    return parser


def _add_new(parser: ArgumentParser) -> None:
    new = parser.add_argument_group("new in dicomveil")
    for flag, text in _NEW_FLAGS.items():
        new.add_argument(flag, help=text, action="store_true", default=False)
    for flag, text in _NEW_TEXTS.items():
        new.add_argument(flag, help=text, default=None)
    shapes = [str(shape) for shape in Shape]
    new.add_argument("--tree", help="the shape of the output", choices=shapes, default=None)


class _Formatter(RawTextHelpFormatter):
    """Knows how wide the terminal is: argparse asks anew for each option, by way of `shutil`."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


@cache
def _columns() -> int:
    """As `shutil.get_terminal_size` tells it, which takes 3 ms to import."""
    told = os.environ.get("COLUMNS", "")
    try:
        return (int(told) if told.isdecimal() else 0) or os.get_terminal_size().columns or _WIDE
    except OSError:
        return _WIDE


def _empty() -> ArgumentParser:
    return ArgumentParser(description=DESCRIPTION, formatter_class=_Formatter, add_help=False)
