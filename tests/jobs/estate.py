"""A server with a share, a project and people, for tests: real folders, keys and ledger."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dicomveil.jobs.model import Asker, Job, JobRequest, Recipe, Role, User
from dicomveil.jobs.rights import GRANTS
from dicomveil.jobs.states import State
from dicomveil.mapping.sources import parse_source
from dicomveil.serving import House, make_house
from dicomveil.settings import Settings
from tests.builders import CT, El, part10, with_elements

SHARE = r"\\srv\share"
IN = rf"{SHARE}\in"
OUT = rf"{SHARE}\out"
PROJECT = "trial"


ELEMENTS = [
    El(0x00080016, "UI", CT),
    El(0x00080018, "UI", "1.2.840.1"),
    El(0x00080060, "CS", "CT"),
    El(0x00100010, "PN", "Planted^Zacharias"),
    El(0x00100020, "LO", "4711"),
    El(0x0020000D, "UI", "1.2.840.2"),
    El(0x0020000E, "UI", "1.2.840.3"),
    El(0x00280002, "US", (1,)),
    El(0x00280004, "CS", "MONOCHROME2"),
    El(0x00280010, "US", (2,)),
    El(0x00280011, "US", (2,)),
    El(0x00280100, "US", (8,)),
    El(0x00280101, "US", (8,)),
    El(0x00280102, "US", (7,)),
    El(0x00280103, "US", (0,)),
    El(0x7FE00010, "OB", b"\1\2\3\4"),
]


def ct(patient: str, sop: str, *more: El) -> bytes:
    """A CT image of a patient."""
    who = El(0x00100020, "LO", patient)
    elements = with_elements(ELEMENTS, who, El(0x00080018, "UI", sop), *more)
    return part10(elements, sop=sop)


class Estate:
    """A house, its share `in` and `out`, and one project that may use them."""

    def __init__(self, folder: Path, database: str = "", **recipe: object) -> None:
        """Make it below `folder`; `recipe` are members of the project's recipe.

        The ledger is SQLite in `folder` unless the URL of an empty database is given.
        """
        self.share = folder / "share"
        for name in ("in", "out"):
            (self.share / name).mkdir(parents=True)
        self.settings = Settings(
            state=folder / "state",
            database=database,
            workers=1,
            lease_seconds=3,
            shares=((SHARE, str(self.share)),),
        )
        self.house: House = make_house(self.settings)
        self.key = self.house.keyring.make()
        self.recipe = replace(
            Recipe(key=self.key, sources=(IN,), destinations=(OUT,)),
            **recipe,  # type: ignore[arg-type]  # each test names members that are there
        )
        self.house.registry.add_project(PROJECT, self.recipe, "test")
        self.admin = self.user("admin", Role.ADMINISTRATOR)

    def user(self, name: str, role: Role) -> Asker:
        """A new user who belongs to the project, with every scope of the role."""
        added: User = self.house.registry.add_user(name, role, "test")
        self.house.registry.join(name, PROJECT, "test")
        return Asker(added, GRANTS[role])

    def put(self, name: str, content: bytes) -> Path:
        """A file below `in`."""
        path = self.share / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def fill(self, folder: str, patient: str, count: int = 2) -> None:
        """Images of one patient in a folder below `in`."""
        for number in range(1, count + 1):
            self.put(f"{folder}/{number}.dcm", ct(patient, f"1.2.840.1.{len(folder)}.{number}"))

    def request(self, source: str = "folder:a", **fields: object) -> JobRequest:
        """A request; the source is below `in`."""
        kind, _, path = source.partition(":")
        whole = rf"{kind}:{IN}\{path}" if kind in ("folder", "fileselection") else source
        return JobRequest(
            project=PROJECT,
            source=parse_source(whole),
            destination=rf"{OUT}\x",
            **fields,  # type: ignore[arg-type]  # each test names fields that are there
        )

    def submit(self, source: str = "folder:a", **fields: object) -> int:
        """A new job's number."""
        return self.house.intake.submit(self.admin, self.request(source, **fields)).id

    def run(self, *numbers: int) -> list[Job]:
        """The jobs after a dispatcher was at work until all of them ended."""
        dispatcher = self.house.dispatcher()
        dispatcher.start()
        try:
            wait_until(lambda: all(self.job(number).ended for number in numbers))
        finally:
            dispatcher.stop()
        return [self.job(number) for number in numbers]

    def run_until_waiting(self, number: int) -> Job:
        """The job after a dispatcher was at work until it waits."""
        dispatcher = self.house.dispatcher()
        dispatcher.start()
        try:
            wait_until(lambda: self.job(number).state is State.WAITING)
        finally:
            dispatcher.stop()
        return self.job(number)

    def job(self, number: int) -> Job:
        """The job now."""
        return self.house.ledger.job(number)

    def output(self, number: int) -> Path:
        """Where the job's output is delivered."""
        return self.share / "out" / "x" / str(number)

    def delivered(self, number: int) -> list[Path]:
        """The objects of the job's output."""
        return sorted(self.output(number).rglob("*.dcm"))


def wait_until(over: Callable[[], bool], patience: float = 60) -> None:
    """Come back when it is over; AssertionError when it takes too long."""
    ends = time.monotonic() + patience
    while not over():
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.02)


def staged(estate: Estate) -> list[Path]:
    """What is staged in the destination; folders that go meanwhile are no error."""
    folders = os.walk(estate.share / "out")
    return [Path(top, name) for top, names, _ in folders for name in names if _is_staging(name)]


def _is_staging(name: str) -> bool:
    return name.startswith(".dicomveil-")
