"""The command: generate, run the rounds, print the table, save the JSON."""

import argparse
import compileall
import importlib.util
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import contest, corpora, machine, peers, report
from benchmarks.contest import Bench, Sample
from benchmarks.figures import Samples, promised
from benchmarks.measure import measured

ALL = ("ct", "hdr", "big", "many", "tags", "start")
NEEDED = 3 << 30  # the largest corpus, its output, and room
QUICK = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to run: rounds, and the share of each corpus."""

    rounds: int
    scale: float

    @property
    def memory_rounds(self) -> int:
        """Peaks hardly vary, and each round moves gigabytes: three are enough."""
        return min(self.rounds, 3)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 0 when all was run, whatever the figures say."""
    asked = _asked(arguments)
    plan = Plan(1, QUICK) if asked.quick else Plan(asked.rounds, 1.0)
    work = _work(asked.work)
    try:
        bench = _bench(work, asked.table, None if asked.no_peers else peers.python())
        facts = machine.facts(work)
        samples = _samples(bench, asked.only, plan)
        starts = _starts(bench, plan) if "start" in asked.only else {}
    finally:
        shutil.rmtree(work, ignore_errors=True)
    found = Samples(samples)
    figures = promised(found, starts)
    sys.stdout.write(report.text(facts, found, samples, figures, plan.scale))
    record = {
        "machine": facts,
        "rounds": plan.rounds,
        "scale": plan.scale,
        "peers": peers.versions(),
        "figures": [asdict(f) | {"wanted": f.wanted.value, "verdict": f.verdict} for f in figures],
        "samples": [report.record(sample) for sample in samples],
    }
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    return 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--only",
        default=ALL,
        type=lambda text: tuple(text.split(",")),
        help=f"some of {','.join(ALL)}",
    )
    parser.add_argument("--quick", action="store_true", help="one round of 2 %% of everything")
    parser.add_argument("--no-peers", action="store_true", help="cp and dicomveil alone")
    parser.add_argument("--work", type=Path, help="where trees are made (default: /dev/shm)")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"))
    parser.add_argument("--table", type=Path, default=peers.TABLE, help="PS3.15 E.1-1 as JSON")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.only) - set(ALL):
        parser.error(f"--only knows {','.join(ALL)}, not {','.join(sorted(unknown))}")
    return asked


def _work(asked: Path | None) -> Path:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > NEEDED
    parent = asked or (memory if roomy else Path(tempfile.gettempdir()))
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="dicomveil-bench-", dir=parent))


def _bench(work: Path, table: Path, peer: str | None) -> Bench:
    key = work / "key"
    key.touch(mode=0o600)
    key.write_text("5eed" * 16 + "\n", "ascii")
    return Bench(work, dicomveil(), peer, table)


def dicomveil() -> tuple[str, ...] | None:
    """The console script beside this Python, else the module, else None with a word on stderr."""
    script = Path(sys.executable).with_name("dicomveil")
    found = importlib.util.find_spec("dicomveil")
    if found and found.origin:  # as a second start finds it, whatever the environment says
        compileall.compile_dir(Path(found.origin).parent, quiet=1)
    if script.exists():
        return (str(script),)
    if importlib.util.find_spec("dicomveil") and importlib.util.find_spec("dicomveil.__main__"):
        return (sys.executable, "-m", "dicomveil")
    sys.stderr.write("dicomveil is not installed beside this Python: only the others are run\n")
    return None


def _samples(bench: Bench, only: Sequence[str], plan: Plan) -> list[Sample]:
    samples: list[Sample] = []
    root = bench.work / "src"
    for name in ("ct", "hdr"):
        if name in only:
            tree = corpora.generate(corpora.corpus(name, scale=plan.scale), root / name)
            samples += contest.rounds(bench, tree, contest.race(bench), plan.rounds)
            shutil.rmtree(root)
    if "big" in only:
        tree = corpora.generate_big(root / "big", frames=round(2000 * plan.scale))
        one = contest.memory_of_one_file(bench)
        samples += contest.rounds(bench, tree, one, plan.memory_rounds)
        shutil.rmtree(root)
    if "tags" in only:
        tree = corpora.generate(corpora.corpus("tags", scale=plan.scale), root / "tags")
        original = peers.tagsub() if bench.peer else None
        racing = contest.tag_race(bench, original)
        samples += contest.rounds(bench, tree, racing, plan.memory_rounds)
        shutil.rmtree(root)
    if "many" in only and bench.dicomveil:
        tree = corpora.generate(corpora.corpus("many", scale=plan.scale), root / "many")
        whole = contest.memory_of_a_tree(bench)
        samples += contest.rounds(bench, tree, whole, plan.memory_rounds)
    return samples


def _starts(bench: Bench, plan: Plan) -> dict[str, list[float]]:
    """Milliseconds of CPU over `python -c pass`, pair by pair; cheap, so thrice the rounds."""
    if bench.dicomveil is None:
        return {}
    log = str(bench.work / "log")
    over: dict[str, list[float]] = {"--version": [], "--help": []}
    for _ in range(3 * plan.rounds):
        bare = measured([sys.executable, "-c", "pass"], log=log).cpu
        for flag, values in over.items():
            cost = measured([*bench.dicomveil, flag], log=log)
            if cost.code == 0:
                values.append(1000 * (cost.cpu - bare))
    return over
