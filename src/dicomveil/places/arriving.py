"""What a fetch brings, as a run sees the files of a folder: so that it begins with the first.

While a worker cleans what has come, the next objects arrive.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from dicomveil.places.scan import Found, Passed


class Arriving:
    """The files of a fetch in the order in which they come; what stands for a `Scan`, once."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """See each of `paths` as soon as it is there."""
        self.passed = Passed()
        self._paths = paths

    def __iter__(self) -> Iterator[Found]:
        """Each file; raises what the fetch raises."""
        folder, known = b"", Path()
        for path in self._paths:
            if path.parent != known:
                known = path.parent
                folder = os.fsencode(known)
                self.passed.folders += 1
            said = path.stat()
            yield Found(folder, os.fsencode(path.name), b"", b"", said.st_size, said.st_mtime_ns)
