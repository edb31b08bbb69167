"""The command, and the names that plugins import from here to build theirs."""

import sys
from argparse import ArgumentParser

from dicomveil.cli.tagsub.command import main
from dicomveil.cli.tagsub.manual import (
    DESCRIPTION,
    PACKAGE_CLI_DS,
    PACKAGE_SYNOPSIS_DS,
    TAG_PROCESSING,
    manual,
)
from dicomveil.cli.tagsub.manual import synopsis as brief

__all__ = [
    "main",
    "package_CLIDS",
    "package_argsSynopsisDS",
    "package_tagProcessingHelp",
    "str_desc",
    "synopsis",
]

str_desc = DESCRIPTION
package_CLIDS = PACKAGE_CLI_DS  # noqa: N816 - the name that wrappers import
package_argsSynopsisDS = PACKAGE_SYNOPSIS_DS  # noqa: N816 - the same
package_tagProcessingHelp = TAG_PROCESSING  # noqa: N816 - the same


def __getattr__(name: str) -> ArgumentParser:
    """`parserDS` or `parserSA`, built when a wrapper asks for it: the command has its own."""
    if name not in {"parserDS", "parserSA"}:
        raise AttributeError(f"pfdicom_tagSub.__main__ has no {name}")
    from dicomveil.cli.tagsub import parser

    made = parser.parser_ds() if name == "parserDS" else parser.parser_sa()
    globals()[name] = made
    return made


def synopsis(ab_shortOnly: bool = False) -> str:  # noqa: FBT001, FBT002, N803 - as wrappers call it
    """The full help, or the brief one."""
    return brief() if ab_shortOnly else manual()


if __name__ == "__main__":
    sys.exit(main())
