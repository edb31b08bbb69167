"""dcmanon (a Rust wheel), its defaults, in a loop: `peer_dcmanon.py SRC DST`.

The package has a function of one file and no command; the loop around it does the least that any
user must: walk, call, write. It is called with the path, which it reads by itself; that is the
quicker of the two ways it offers.
"""

import os
import sys

from dcmanon import Anonymizer  # type: ignore[import-not-found]  # lives with the peers


def main(source: str, target: str) -> None:
    """De-identify the tree into one of the same shape."""
    anonymize = Anonymizer().anonymize
    for folder, _, names in os.walk(source):
        place = target + folder[len(source) :]
        os.makedirs(place, exist_ok=True)  # noqa: PTH103 - the fast way
        for name in names:
            output = anonymize(f"{folder}/{name}")
            with open(f"{place}/{name}", "wb") as file:  # noqa: PTH123 - the fast way
                file.write(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
