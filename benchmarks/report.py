"""The tables that a run prints: every contestant, then every promise with its verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median

from benchmarks.contest import Sample, Share
from benchmarks.figures import CP, Figure, Samples


def text(
    facts: Mapping[str, object],
    found: Samples,
    samples: Sequence[Sample],
    figures: Sequence[Figure],
    scale: float,
) -> str:
    """The whole report."""
    machine = ", ".join(f"{name} {value}" for name, value in facts.items())
    lines = [machine, "", *_contestants(found, samples), "", *_promises(figures, scale), ""]
    lines += _faults(samples)
    return "\n".join(lines) + "\n"


def record(sample: Sample) -> dict[str, object]:
    """One run for the JSON."""
    return asdict(sample) | {"share": sample.share.value, "cost": sample.cost._asdict()}


def _contestants(found: Samples, samples: Sequence[Sample]) -> list[str]:
    row = "{:<6}{:<32}{:>7}{:>11}{:>9}{:>24}{:>24}{:>9}"
    lines = [
        row.format(
            "tree",
            "contestant",
            "files",
            "wall s",
            "files/s",
            "x cp -r (min, max)",
            "CPU ms/file (min, max)",
            "peak MB",
        )
    ]
    keys = dict.fromkeys((s.corpus, s.contestant, s.share) for s in samples if s.round)
    for corpus, name, share in keys:
        runs = [s for s in samples if (s.corpus, s.contestant, s.share) == (corpus, name, share)]
        runs = [s for s in runs if s.sound and s.round]
        if not runs:
            continue
        wall, files = median(s.cost.wall for s in runs), runs[0].files
        ratio = found.wall_ratio(corpus, name, CP) if share is Share.WHOLE else ()
        cpu = found.cpu_per_file(corpus, name) if share is not Share.ONE else ()
        peak = max(s.cost.peak_mb for s in runs)
        lines.append(
            row.format(
                corpus,
                name,
                files,
                f"{wall:.3f}",
                f"{files / wall:.0f}",
                _spread(ratio),
                _spread(cpu),
                f"{peak:.0f}",
            )
        )
    return lines


def _promises(figures: Sequence[Figure], scale: float) -> list[str]:
    row = "{:<52}{:>9}{:>26}  {}"
    lines = [row.format("promise", "target", "median (min, max)", "verdict")]
    for figure in figures:
        target = f"{figure.wanted.value} {figure.target:g} {figure.unit}"
        lines.append(row.format(figure.name, target, _spread(figure.values), figure.verdict))
    if scale < 1:
        lines.append(f"Run on {scale:.0%} of the corpora: the verdicts mean nothing.")
    return lines


def _faults(samples: Sequence[Sample]) -> list[str]:
    """Runs that do not count, said aloud."""
    return [
        f"NOT COUNTED: {s.corpus}, {s.contestant} ({s.share.value}), round {s.round}: "
        f"exit code {s.cost.code}, {s.delivered} of {s.files} files delivered"
        for s in samples
        if not s.sound
    ]


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "-"
    return f"{median(values):.3g} ({min(values):.3g}, {max(values):.3g})"
