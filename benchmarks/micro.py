"""Where a file's microseconds go inside one process: `python -m benchmarks.micro [hdr|ct]`.

For tuning, not for promises: the same files again and again, warm, CPU only. Each step includes
reading and those that it needs: plain walks by itself, template+verify is what a run does.
`--profile STEP` lists the functions of one step. A step whose code is not there yet is said to be
absent, and the others still run.
"""

import argparse
import cProfile
import mmap
import os
import pstats
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.corpora import corpus, generate

Step = Callable[[bytes], object]
KEY = bytes(range(32))
HEAD = 1 << 14
REPEATS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Time every step over the corpus; microseconds of CPU per file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micro", description=__doc__)
    parser.add_argument("corpus", nargs="?", choices=("hdr", "ct"), default="hdr")
    parser.add_argument("--scale", type=float, default=0.1, help="share of the corpus")
    parser.add_argument("--profile", choices=tuple(STEPS), help="list this step's functions")
    asked = parser.parse_args(arguments)
    work = Path(tempfile.mkdtemp(prefix="dicomveil-micro-", dir=_roomy()))
    try:
        tree = generate(corpus(asked.corpus, scale=asked.scale), work / asked.corpus)
        files = [os.fsencode(path) for path in sorted(tree.root.rglob("IM*"))]
        for name, line in _lines(files, work / "out", asked.profile):
            sys.stdout.write(f"{name:<40}{line}\n")
    finally:
        shutil.rmtree(work)
    return 0


def _roomy() -> str | None:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    return str(memory) if memory.is_dir() else None


def _lines(files: list[bytes], out: Path, profiled: str | None) -> Iterator[tuple[str, str]]:
    for name, prepare in STEPS.items():
        if profiled not in (None, name):
            continue
        try:
            step = prepare(out)
        except (ImportError, AttributeError) as absent:
            yield name, f"absent: {absent}"
            continue
        if profiled:
            _profile(step, files)
        least = min(_seconds(step, files) for _ in range(REPEATS))
        yield name, f"{1e6 * least / len(files):8.1f} us/file"


def _seconds(step: Step, files: list[bytes]) -> float:
    before = time.process_time()
    for path in files:
        step(path)
    return time.process_time() - before


def _profile(step: Step, files: list[bytes]) -> None:
    step(files[0])
    profile = cProfile.Profile()
    profile.runcall(_seconds, step, files)
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)


class Opened:
    """A file as the engine wants it: its head read at once, all of it mapped when asked for."""

    def __init__(self, path: bytes, wanted: int) -> None:
        """Open and read the first `wanted` bytes."""
        self.fd = os.open(path, os.O_RDONLY)
        self.head = os.read(self.fd, wanted)
        whole = len(self.head) < wanted
        self.size = len(self.head) if whole else os.lseek(self.fd, 0, os.SEEK_END)

    def view(self) -> memoryview:
        """The whole file."""
        if self.size == len(self.head):
            return memoryview(self.head)
        return memoryview(mmap.mmap(self.fd, self.size, prot=mmap.PROT_READ))

    def release(self) -> None:
        """Pages go with the map."""


def _read(_: Path) -> Step:
    def read(path: bytes) -> None:
        os.close(Opened(path, HEAD).fd)

    return read


def _walk(_: Path) -> Step:
    open_part10 = import_module("dicomveil.dicom.part10").open_part10
    walk = import_module("dicomveil.dicom.walk").walk

    def read_and_walk(path: bytes) -> None:
        opened = Opened(path, HEAD)
        framed = open_part10(opened.head, opened.size)
        walk(opened.view(), framed.syntax.form, framed.start)
        os.close(opened.fd)

    return read_and_walk


def _clean(*, verify: str, templates: str) -> Callable[[Path], Step]:
    def prepare(_: Path) -> Step:
        cleaner = _cleaner(verify, templates)

        def read_and_clean(path: bytes) -> None:
            opened = Opened(path, cleaner.wanted_head)
            cleaner.clean(opened)
            os.close(opened.fd)

        return read_and_clean

    return prepare


def _write(out: Path) -> Step:
    original = import_module("dicomveil.places.original").FileOriginal
    write_segments = import_module("dicomveil.places.copying").write_segments
    cleaner = _cleaner("ON", "ON")

    def clean_and_write(path: bytes) -> None:
        with original(path) as opened:
            target = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            write_segments(opened, cleaner.clean(opened).segments, target)
            os.close(target)

    return clean_and_write


def _cleaner(verify: str, templates: str) -> Any:  # noqa: ANN401 - not imported before it is wanted
    engine = import_module("dicomveil.engine.cleaner")
    profile = import_module("dicomveil.policy.profile").load_profile("basic")
    chosen = {"verify": engine.Verify[verify], "templates": engine.Templates[templates]}
    return engine.Cleaner(profile, KEY, options=engine.Options(**chosen))


STEPS: dict[str, Callable[[Path], Step]] = {
    "read": _read,
    "walk": _walk,
    "plain": _clean(verify="OFF", templates="OFF"),
    "plain+verify": _clean(verify="ON", templates="OFF"),
    "template": _clean(verify="OFF", templates="ON"),
    "template+verify": _clean(verify="ON", templates="ON"),
    "template+verify+write": _write,
}

if __name__ == "__main__":
    sys.exit(main())
