"""Write a job's frozen recipe down, with which `dicomveil deid` makes the very same output."""

import json
import os
from pathlib import Path
from typing import Final, TextIO

from dicomveil.job_errors import NotNow
from dicomveil.jobs.frozen import FrozenPlan, read_plan
from dicomveil.jobs.giving import write_given
from dicomveil.jobs.keyring import Keyring
from dicomveil.jobs.ledger import Ledger
from dicomveil.jobs.model import Pixels

RECIPE: Final = "recipe.json"
PROFILE: Final = "profile"
PSEUDONYMS: Final = "pseudonyms.csv"
_DST: Final = "DST"


def export(ledger: Ledger, keyring: Keyring, number: int, folder: Path) -> None:
    """Write the recipe of a job that has begun into a new folder, which only its owner may read.

    Raises NotNow for a job that no attempt has begun, and OSError for a folder that is there.
    """
    job, text = ledger.job(number), ledger.plan(number)
    if not text:
        raise NotNow("no attempt at this job has begun: nothing about it is frozen yet")
    plan = read_plan(text)
    folder.mkdir(mode=0o700)
    if plan.given:
        with _new(folder / PSEUDONYMS) as file:
            write_given(file, plan.given)
    content = {
        "job": job.id,
        "project": job.project,
        "version": job.version,
        "profile": plan.profile,
        "profile_digest": plan.digest,
        "key": plan.key,
        "selection": plan.selection,
        "command": command(plan, keyring, folder),
    }
    for name, text in plan.recipe:
        (folder / PROFILE / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _new(folder / PROFILE / name) as file:
            file.write(text)
    with _new(folder / RECIPE) as file:
        json.dump(content, file, indent=1)
        file.write("\n")


def command(plan: FrozenPlan, keyring: Keyring, folder: Path) -> list[str]:
    """The command line that repeats the job; its last argument stands for the destination."""
    line = ["dicomveil", "deid", "--profile", _profile(plan, folder), "--layout", str(plan.layout)]
    line += ["--key-file", str(key_file(plan.key, keyring, folder))]
    if plan.given:
        line += ["--pseudonyms", str(folder.absolute() / PSEUDONYMS)]
    if plan.pixels is Pixels.ACCEPTED:
        line.append("--accept-pixels")
    sources = [plan.fetched] if plan.fetched else map(os.fsdecode, plan.sources)
    return [*line, "--", *sources, _DST]


def key_file(fingerprint: str, keyring: Keyring, folder: Path) -> Path:
    """The key's own file; for a wrapped key, where `dicomveil admin key unwrap` is to write it."""
    if keyring.is_wrapped(fingerprint):
        return folder.absolute() / f"{fingerprint}.key"
    return keyring.path(fingerprint)


def _profile(plan: FrozenPlan, folder: Path) -> str:
    """The preset, or where the recipe is written that the job was frozen with."""
    return str(folder.absolute() / PROFILE / plan.recipe[0][0]) if plan.recipe else plan.profile


def _new(path: Path) -> TextIO:
    """A new file that only its owner may read."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(fd, "w", encoding="utf-8", errors="surrogateescape", newline="")
