"""dicom-anonymizer (Kitware), its defaults, in a loop: `peer_dicom_anonymizer.py SRC DST`.

Its own command takes one folder and does not look into the folders below; the loop calls the
same function of one file that the command calls.
"""

import os
import sys

from dicomanonymizer.simpledicomanonymizer import anonymize_dicom_file  # type: ignore[import-not-found]  # lives with the peers


def main(source: str, target: str) -> None:
    """De-identify the tree into one of the same shape."""
    for folder, _, names in os.walk(source):
        place = target + folder[len(source) :]
        os.makedirs(place, exist_ok=True)  # noqa: PTH103 - the fast way
        for name in names:
            anonymize_dicom_file(f"{folder}/{name}", f"{place}/{name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
