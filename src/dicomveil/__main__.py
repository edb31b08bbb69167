"""The door of the command line: answers `--version` at once, and opens the rest when asked."""

import gc
import sys

from dicomveil.version import __version__


def main() -> int:
    """Run the command line of this process; the exit code it ends with (see cli/exits.py)."""
    if sys.argv[1:] == ["--version"]:
        # Answered before click is imported: 50 ms less for every script that asks.
        sys.stdout.write(f"dicomveil {__version__}\n")
        return 0
    gc.disable()  # until a command is imported: what imports make stays, looking at it costs 7 ms
    from dicomveil.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
