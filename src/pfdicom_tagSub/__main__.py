"""The command, and the names that plugins import from here to build theirs."""

import sys

from dicomveil.cli.tagsub.command import main
from dicomveil.cli.tagsub.manual import (
    DESCRIPTION,
    PACKAGE_CLI_DS,
    PACKAGE_SYNOPSIS_DS,
    TAG_PROCESSING,
    manual,
)
from dicomveil.cli.tagsub.manual import synopsis as brief
from dicomveil.cli.tagsub.parser import parser_ds, parser_sa

__all__ = [
    "main",
    "package_CLIDS",
    "package_argsSynopsisDS",
    "package_tagProcessingHelp",
    "parserDS",
    "parserSA",
    "str_desc",
    "synopsis",
]

str_desc = DESCRIPTION
package_CLIDS = PACKAGE_CLI_DS  # noqa: N816 - the name that wrappers import
package_argsSynopsisDS = PACKAGE_SYNOPSIS_DS  # noqa: N816 - the same
package_tagProcessingHelp = TAG_PROCESSING  # noqa: N816 - the same
parserDS = parser_ds()  # noqa: N816 - the name that wrappers import
parserSA = parser_sa()  # noqa: N816 - the same


def synopsis(ab_shortOnly: bool = False) -> str:  # noqa: FBT001, FBT002, N803 - as wrappers call it
    """The full help, or the brief one."""
    return brief() if ab_shortOnly else manual()


if __name__ == "__main__":
    sys.exit(main())
