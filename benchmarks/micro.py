"""Where a file's microseconds go inside one process: `python -m benchmarks.micro [hdr|ct]`.

For tuning, not for promises: the same files again and again, warm, CPU only. Each step includes
those that it needs (clean includes read). `--profile STEP` lists the functions of one step. A step
whose code is not there yet is said to be absent, and the others still run.
"""

import argparse
import cProfile
import pstats
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from os import O_CREAT, O_TRUNC, O_WRONLY, close, fsencode
from os import open as os_open
from pathlib import Path
from typing import Any

from benchmarks.corpora import corpus, generate

Step = Callable[[bytes], object]
KEY = bytes(range(32))
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
        files = [fsencode(path) for path in sorted(tree.root.rglob("IM*"))]
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


def _read(_: Path) -> Step:
    original = import_module("dicomveil.places.original").FileOriginal

    def read(path: bytes) -> None:
        with original(path):
            pass

    return read


def _walk(_: Path) -> Step:
    original = import_module("dicomveil.places.original").FileOriginal
    open_part10 = import_module("dicomveil.dicom.part10").open_part10
    walk = import_module("dicomveil.dicom.walk").walk

    def read_and_walk(path: bytes) -> None:
        with original(path) as opened:
            framed = open_part10(opened.head, opened.size)
            walk(opened.view(), framed.syntax.form, framed.start)

    return read_and_walk


def _met(_: Path) -> Step:
    original = import_module("dicomveil.places.original").FileOriginal
    cleaner = _cleaner()

    def clean(path: bytes) -> None:
        with original(path) as opened:
            cleaner.clean(opened)

    return clean


def _strange(_: Path) -> Step:
    original = import_module("dicomveil.places.original").FileOriginal
    _cleaner()

    def clean(path: bytes) -> None:
        with original(path) as opened:
            _cleaner().clean(opened)

    return clean


def _write(out: Path) -> Step:
    original = import_module("dicomveil.places.original").FileOriginal
    write_segments = import_module("dicomveil.places.copying").write_segments
    cleaner = _cleaner()

    def clean_and_write(path: bytes) -> None:
        with original(path) as opened:
            target = os_open(out, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            write_segments(opened, cleaner.clean(opened).segments, target)
            close(target)

    return clean_and_write


def _cleaner() -> Any:  # noqa: ANN401 - the engine's class, not imported before it is wanted
    engine = import_module("dicomveil.engine.cleaner")
    profile = import_module("dicomveil.policy.profile").load_profile("basic")
    return engine.Cleaner(profile, KEY, options=engine.Options())


STEPS: dict[str, Callable[[Path], Step]] = {
    "read": _read,
    "read+walk": _walk,
    "read+clean": _met,
    "read+clean, a new cleaner for each file": _strange,
    "read+clean+write": _write,
}

if __name__ == "__main__":
    sys.exit(main())
