"""Who runs over which corpus, and the interleaved rounds (A B C, A B C) they run in.

A contestant is a name and a command. Each run is a whole process with an empty target; making and
removing targets is never timed. What was delivered is counted after each run, because a tool that
refuses its input would otherwise be the fastest of all.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from benchmarks import peers
from benchmarks.corpora import Tree
from benchmarks.machine import file_system
from benchmarks.measure import Cost, measured

_PAGE = 4096


class Share(Enum):
    """How much of the tree a contestant is given."""

    WHOLE = "whole"
    TENTH = "tenth"
    ONE = "one"  # a tree of one file: what starting up costs


@dataclass(frozen=True, slots=True)
class Bench:
    """The folder that all happens in, and the programs."""

    work: Path
    dicomveil: tuple[str, ...] | None
    peer: str | None
    table: Path

    @property
    def target(self) -> Path:
        """Where outputs go; removed before each run."""
        return self.work / "out"

    @property
    def private(self) -> Path:
        """Our private folder; removed before each run."""
        return self.work / "private"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One column of a round; `command` is given source and target."""

    name: str
    share: Share
    command: Callable[[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: what it cost, how many files it was given and how many it delivered."""

    corpus: str
    contestant: str
    share: Share
    round: int
    files: int
    delivered: int
    cost: Cost

    @property
    def sound(self) -> bool:
        """Whether it ended well and delivered what it was given."""
        return self.cost.code == 0 and self.delivered == self.files


def copy(*, share: Share = Share.WHOLE) -> Contestant:
    """`cp -r`, the yardstick."""
    return Contestant("cp -r", share, lambda source, target: ["cp", "-r", source, target])


def ours(bench: Bench, jobs: int, *flags: str, share: Share = Share.WHOLE) -> list[Contestant]:
    """Our command in that many processes; nothing when it is not installed."""
    if bench.dicomveil is None:
        return []
    program = bench.dicomveil
    fixed = ["--private", str(bench.private), "--key-file", str(bench.work / "key")]
    options = [f"--jobs={jobs}", *fixed, *flags]
    name = " ".join((f"dicomveil -j {jobs}", *flags))
    return [Contestant(name, share, lambda s, t: [*program, "deid", s, t, *options])]


def peer(bench: Bench, name: str, *, share: Share = Share.WHOLE) -> list[Contestant]:
    """One of `peer_*.py`; nothing without the peers' environment, or pydicom's table."""
    if bench.peer is None or (name == "pydicom" and not bench.table.exists()):
        return []
    table = [str(bench.table)] if name == "pydicom" else []
    driver = [bench.peer, peers.script(name), *table]
    return [Contestant(name, share, lambda source, target: [*driver, source, target])]


def race(bench: Bench) -> list[Contestant]:
    """Everybody, for `ct` and `hdr`: the fast over all of it, the slow over a tenth."""
    fast = [
        copy(),
        *ours(bench, 1),
        *ours(bench, 2),
        *ours(bench, 1, "--no-verify"),
        *ours(bench, 2, "--no-verify"),
        *ours(bench, 1, "--profile=research"),
        *peer(bench, "dcmanon"),
    ]
    slow = [
        *peer(bench, "pydicom", share=Share.TENTH),
        *peer(bench, "dicom_anonymizer", share=Share.TENTH),
    ]
    starts = [
        copy(share=Share.ONE),
        *ours(bench, 1, share=Share.ONE),
        *ours(bench, 1, "--no-verify", share=Share.ONE),
        *peer(bench, "dcmanon", share=Share.ONE),
        *peer(bench, "pydicom", share=Share.ONE),
        *peer(bench, "dicom_anonymizer", share=Share.ONE),
    ]
    return fast + slow + starts


def memory_of_one_file(bench: Bench) -> list[Contestant]:
    """For `big`: ours, and what the peers need for the same file."""
    return [copy(), *ours(bench, 1), *peer(bench, "pydicom"), *peer(bench, "dcmanon")]


def memory_of_a_tree(bench: Bench) -> list[Contestant]:
    """For `many`: all of it against a tenth of it, in one process and in two."""
    shares = (Share.TENTH, Share.WHOLE)
    return [one for jobs in (1, 2) for share in shares for one in ours(bench, jobs, share=share)]


def rounds(
    bench: Bench, tree: Tree, contestants: Sequence[Contestant], count: int
) -> Iterable[Sample]:
    """`count` rounds of everybody in turn, after one that is thrown away."""
    shares = {
        Share.WHOLE: Tree(tree.root, tree.files, tree.bytes),
        Share.TENTH: Tree(tree.tenth, tree.files // 10, tree.bytes // 10),
        Share.ONE: _tree_of_one(bench, tree),
    }
    for number in range(count + 1):
        for contestant in contestants:
            given = shares[contestant.share]
            cost, delivered = _run(bench, contestant, given)
            who = (tree.root.name, contestant.name, contestant.share, number)
            sample = Sample(*who, given.files, delivered, cost)
            if number or not sample.sound:
                yield sample
        sys.stderr.write(f"{tree.root.name}: round {number} of {count}\n")


def _run(bench: Bench, contestant: Contestant, given: Tree) -> tuple[Cost, int]:
    command = contestant.command(str(given.root), str(bench.target))
    log = bench.work / "log"
    _settle(bench, given)
    cost = measured(command, log=str(log))
    if cost.code:
        sys.stderr.write(f"{contestant.name} failed; it said:\n{log.read_text('utf-8')[-600:]}\n")
    delivered = _delivered(bench.target)
    shutil.rmtree(bench.target, ignore_errors=True)
    shutil.rmtree(bench.private, ignore_errors=True)
    return cost, delivered


def _settle(bench: Bench, given: Tree) -> None:
    """Give every run the same start: a quiet disk, or memory that is really there.

    A virtual machine gives freed pages back to its host after some seconds, and taking them again
    made `cp -r` of 1 GB on tmpfs four times as slow when a slow peer had run before it. So as many
    pages as the output needs are touched and freed just before each run.
    """
    if file_system(bench.work) != "tmpfs":
        os.sync()
        return
    touched = bench.work / "touched"
    block = bytes(1 << 20)
    with touched.open("wb", buffering=0) as file:
        for _ in range(1 + (given.bytes + given.files * _PAGE) // len(block)):
            file.write(block)
    touched.unlink()


def _delivered(target: Path) -> int:
    names = [name for _, _, found in os.walk(target) for name in found]
    return sum(not name.endswith((".jsonl", ".json")) for name in names)


def _tree_of_one(bench: Bench, tree: Tree) -> Tree:
    one = bench.work / "one"
    shutil.rmtree(one, ignore_errors=True)
    one.mkdir()
    first = next(path for path in sorted(tree.root.rglob("*")) if path.is_file())
    shutil.copy(first, one / first.name)
    return Tree(one, 1, first.stat().st_size)
