"""The figures that are promised, each with its target, and whether the samples meet it.

A figure is a list of values, one per round. Walls are compared with `cp -r` of the same round, CPU
per file (net of start-up) with the peer's of the same round; the median is judged.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

from benchmarks.contest import ORIGINAL, TAGS, Sample, Share

OURS_1, OURS_2 = "dicomveil -j 1", "dicomveil -j 2"
BARE_1, BARE_2 = f"{OURS_1} --no-verify", f"{OURS_2} --no-verify"
CP = "cp -r"


class Wanted(Enum):
    """Which side of the target is the good one."""

    AT_MOST = "<="
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what, the target, and the values of the rounds."""

    name: str
    unit: str
    wanted: Wanted
    target: float
    values: tuple[float, ...]

    @property
    def verdict(self) -> str:
        """`met`, `missed by x`, or `not measured`."""
        if not self.values:
            return "not measured"
        ratio = median(self.values) / self.target
        good = ratio <= 1 if self.wanted is Wanted.AT_MOST else ratio >= 1
        return "met" if good else f"missed by {max(ratio, 1 / ratio) if ratio else 0:.2f}x"


class Samples:
    """All sound runs, found again by corpus, contestant, share and round."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._by = {
            (s.corpus, s.contestant, s.share, s.round): s for s in samples if s.sound and s.round
        }
        self._rounds = sorted({key[3] for key in self._by})

    def wall_ratio(self, corpus: str, name: str, other: str) -> tuple[float, ...]:
        """Wall clock of one against another's, round by round."""
        return self._pairs(
            lambda n: self._wall(corpus, name, n), lambda n: self._wall(corpus, other, n)
        )

    def whole_cpu_ratio(self, corpus: str, name: str, other: str) -> tuple[float, ...]:
        """All CPU of one against another's, start-up included, round by round."""
        return self._pairs(
            lambda n: self._whole_cpu(corpus, name, n), lambda n: self._whole_cpu(corpus, other, n)
        )

    def cpu_ratio(self, corpus: str, peer: str, name: str) -> tuple[float, ...]:
        """How many times the CPU per file of `name` the peer needs, round by round."""
        return self._pairs(
            lambda n: self._cpu(corpus, peer, n),
            lambda n: self._cpu(corpus, name, n),
        )

    def cpu_per_file(self, corpus: str, name: str) -> tuple[float, ...]:
        """Milliseconds of CPU per file net of start-up, round by round."""
        found = (self._cpu(corpus, name, number) for number in self._rounds)
        return tuple(1000 * value for value in found if value is not None)

    def peaks(self, corpus: str, name: str, share: Share = Share.WHOLE) -> tuple[float, ...]:
        """The largest process of each round in MB."""
        found = (self._by.get((corpus, name, share, number)) for number in self._rounds)
        return tuple(sample.cost.peak_mb for sample in found if sample)

    def _wall(self, corpus: str, name: str, number: int) -> float | None:
        sample = self._by.get((corpus, name, Share.WHOLE, number))
        return sample.cost.wall if sample else None

    def _whole_cpu(self, corpus: str, name: str, number: int) -> float | None:
        sample = self._by.get((corpus, name, Share.WHOLE, number))
        return sample.cost.cpu if sample else None

    def _cpu(self, corpus: str, name: str, number: int) -> float | None:
        shares = (Share.WHOLE, Share.TENTH)
        runs = [self._by.get((corpus, name, share, number)) for share in shares]
        run = next((run for run in runs if run), None)
        start = self._by.get((corpus, name, Share.ONE, number))
        if run is None or start is None:
            return None
        return (run.cost.cpu - start.cost.cpu) / (run.files - start.files)

    def _pairs(
        self, top: Callable[[int], float | None], bottom: Callable[[int], float | None]
    ) -> tuple[float, ...]:
        pairs = [(top(number), bottom(number)) for number in self._rounds]
        return tuple(a / b for a, b in pairs if a is not None and b)


def promised(found: Samples, starts: Mapping[str, Sequence[float]]) -> list[Figure]:
    """The table of the issue, line by line; `starts` holds ms of CPU over bare Python."""
    return [
        *_walls(found),
        *_processors(found),
        *_memory(found),
        *_tags(found),
        *_starts(starts),
    ]


def _tags(found: Samples) -> list[Figure]:
    """The substitution of the manual's structure, 2,000 slices of 40 patients."""
    figures = [
        Figure(
            f"tags, {jobs} process, files a second / {ORIGINAL}",
            "x",
            Wanted.AT_LEAST,
            target,
            found.wall_ratio("tags", ORIGINAL, f"{TAGS} -j {jobs}"),
        )
        for jobs, target in ((1, 25), (2, 40))
    ]
    for jobs in (1, 2):
        name = f"{TAGS} -j {jobs}"
        cpu = found.whole_cpu_ratio("tags", name, CP)
        peak = found.peaks("tags", name)
        figures += [
            Figure(f"tags, {jobs} process, CPU / cp -r", "x", Wanted.AT_MOST, 2, cpu),
            Figure(f"tags, {jobs} process, peak", "MB", Wanted.AT_MOST, 64, peak),
        ]
    return figures


def _walls(found: Samples) -> list[Figure]:
    lines = [
        ("CT, 1 process, wall / cp -r", "ct", OURS_1, CP, 1.5),
        ("CT, 2 processes, wall / cp -r", "ct", OURS_2, CP, 0.95),
        ("12 KB, 1 process, --no-verify, wall / cp -r", "hdr", BARE_1, CP, 4),
        ("12 KB, 2 processes, --no-verify, wall / cp -r", "hdr", BARE_2, CP, 2.5),
        ("12 KB, 1 process, wall with verify / without", "hdr", OURS_1, BARE_1, 1.3),
        ("12 KB, 2 processes, wall with verify / without", "hdr", OURS_2, BARE_2, 1.3),
    ]
    return [
        Figure(name, "x", Wanted.AT_MOST, target, found.wall_ratio(corpus, one, other))
        for name, corpus, one, other, target in lines
    ]


def _processors(found: Samples) -> list[Figure]:
    figures = []
    for peer, targets in (("dcmanon", (4, 2)), ("pydicom", (10, 40))):
        for corpus, label, target in zip(("ct", "hdr"), ("CT", "12 KB"), targets, strict=True):
            for ours, how in ((OURS_1, "with verify"), (BARE_1, "--no-verify")):
                name = f"{label}, CPU per file, {peer} / ours {how}"
                values = found.cpu_ratio(corpus, peer, ours)
                figures.append(Figure(name, "x", Wanted.AT_LEAST, target, values))
    return figures


def _memory(found: Samples) -> list[Figure]:
    tenth = found.peaks("many", OURS_2, Share.TENTH)
    whole = found.peaks("many", OURS_2)
    growth = tuple(b / a for a, b in zip(tenth, whole, strict=False))
    return [
        Figure(
            "1 GB file, peak memory of a process",
            "MB",
            Wanted.AT_MOST,
            64,
            found.peaks("big", OURS_1),
        ),
        Figure(
            "100,000 files, 1 process, peak", "MB", Wanted.AT_MOST, 64, found.peaks("many", OURS_1)
        ),
        Figure("100,000 files, 2 processes, peak of each", "MB", Wanted.AT_MOST, 64, whole),
        Figure("100,000 files / 10,000 files, peak (flat)", "x", Wanted.AT_MOST, 1.1, growth),
    ]


def _starts(starts: Mapping[str, Sequence[float]]) -> list[Figure]:
    targets = (("--version", 30), ("--help", 120))
    return [
        Figure(
            f"dicomveil {flag}, CPU over bare Python",
            "ms",
            Wanted.AT_MOST,
            target,
            tuple(starts.get(flag, ())),
        )
        for flag, target in targets
    ]
