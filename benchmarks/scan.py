"""The folder scan of `anon`: `python -m benchmarks.scan`.

A folder of 20,000 DICOM files of 500 KB, with holes behind their headers, is scanned as `anon map
add-study-folders` scans it, warm. What is opened and read is counted apart from the clock: opens by
the interpreter's audit events, bytes by the kernel.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure, Wanted
from dicomveil.mapping.scan import Check, files_below, is_dicom

FILES = 20_000
SIZE = 500_000
_META = b"\2\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0"
_HEAD = bytes(128) + b"DICM" + _META + b"\x08\0\x05\0CS\x0a\0ISO_IR 100"
_ASKED = 40
_opened: Counter[str] | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each promise; 0 when all was run, whatever the figures say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scan", description=__doc__)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, help="where the folder is made")
    asked = parser.parse_args(arguments)
    work = Path(tempfile.mkdtemp(prefix="dicomveil-scan-", dir=asked.work))
    try:
        _generate(work, asked.files)
        _scan(work)  # warm
        walls = tuple(_wall(work, asked.files) for _ in range(asked.rounds))
        opens, read = _counted(work)
    finally:
        shutil.rmtree(work)
    figures = [
        Figure(f"scan of {asked.files} files", "s", Wanted.AT_MOST, 3.0, walls),
        Figure("most opens of one file", "", Wanted.AT_MOST, 1, (opens,)),
        Figure("bytes read of a file", "", Wanted.AT_MOST, 4096, (read / asked.files,)),
    ]
    for figure in figures:
        sides = f"{min(figure.values):.2f} to {max(figure.values):.2f} {figure.unit}".rstrip()
        limit = f"{figure.wanted.value} {figure.target:g}"
        sys.stdout.write(f"{figure.name:<28}{sides:<24}{limit:<10}{figure.verdict}\n")
    return 0


def _generate(folder: Path, files: int) -> None:
    for number in range(files):
        path = folder / f"series{number // 500:03}" / f"IM{number:06}"
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.write(_HEAD.ljust(4096, b"\0"))
            file.truncate(SIZE)


def _scan(folder: Path) -> int:
    return sum(is_dicom(path, Check.CONTENT) for path in files_below(folder))


def _wall(folder: Path, files: int) -> float:
    before = time.perf_counter()
    found = _scan(folder)
    wall = time.perf_counter() - before
    if found != files:
        raise SystemExit(f"{found} of {files} files were taken for DICOM")
    return wall


def _counted(folder: Path) -> tuple[int, int]:
    """How often the file opened most often was opened, and how many bytes were read in all."""
    global _opened  # noqa: PLW0603 - an audit hook stays until the process ends
    sys.addaudithook(_note)
    _opened = Counter()
    before = _read_so_far()
    _scan(folder)
    read = _read_so_far() - before - _ASKED
    opened, _opened = _opened, None
    return max(times for path, times in opened.items() if path.startswith(str(folder))), read


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _opened is not None:
        _opened[os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes) else ""] += 1


def _read_so_far() -> int:
    """Bytes that this process has read, by the kernel's count, to which each asking adds."""
    with Path("/proc/self/io").open("rb", buffering=0) as file:
        return int(file.read(_ASKED).split()[1])


if __name__ == "__main__":
    sys.exit(main())
