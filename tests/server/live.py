"""A server that runs: `dicomveil serve` as a process, its share a folder, its people known."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from dicomveil.jobs.model import Recipe, Role, Scope
from dicomveil.serving import make_house
from dicomveil.settings import load_settings
from tests.journeys.world import ct

SHARE = r"\\server\share"
SETTINGS = """[server]
state = "state"
port = 0
workers = 2

[shares]
'\\\\server\\share' = "{share}"

[prefixes]
"/p01" = "first"
"""
PEOPLE = {
    "admin": (Role.ADMINISTRATOR, frozenset(Scope)),
    "manager": (Role.DATA_MANAGER, None),
    "z1": (Role.DATA_MANAGER, frozenset({Scope.READ, Scope.SUBMIT, Scope.IGNORE_OPT_OUT})),
}


@dataclass
class Live:
    """A server and where everything of it lies."""

    folder: Path
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    url: str = ""
    process: subprocess.Popen[str] | None = None

    @property
    def share(self) -> Path:
        return self.folder / "share"

    @property
    def settings(self) -> Path:
        return self.folder / "dicomveil.toml"

    def study(self, name: str, files: int = 2) -> Path:
        """A folder of slices on the share."""
        folder = self.share / "data" / name
        folder.mkdir(parents=True)
        number = int.from_bytes(name.encode()[-2:], "big") * 100
        for at in range(files):
            (folder / f"{at}.dcm").write_bytes(ct(number + at))
        return folder

    def start(self) -> None:
        """Start the process and wait until it serves."""
        command = [sys.executable, "-m", "dicomveil", "serve", "--settings", str(self.settings)]
        with (self.folder / "log").open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=dict(os.environ)
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "serves at" in line, (self.folder / "log").read_text()
        self.url = line.split()[-1]

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End the process so; its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def ask(self, method: str, path: str, who: str = "z1", **fields: Any) -> tuple[int, Any]:
        """A call of the protocol, or of the interface where `json` is given."""
        body = fields.pop("json", None)
        data = urlencode(fields, doseq=True).encode() if body is None else json.dumps(body).encode()
        kind = "application/x-www-form-urlencoded" if body is None else "application/json"
        headers = {"Authorization": f"Token {self.tokens[who]}", "Content-Type": kind}
        request = Request(f"{self.url}{path}", data, headers, method=method)  # noqa: S310 - ours
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - ours
            return answer.status, json.load(answer)

    def upload(self, path: str, contents: bytes, who: str) -> dict[str, Any]:
        """A file for the interface."""
        headers = {"Authorization": f"Token {self.tokens[who]}", "Content-Type": "text/csv"}
        request = Request(f"{self.url}{path}", contents, headers, method="POST")  # noqa: S310 - ours
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - ours
            return dict(json.load(answer))

    def watched(
        self, numbers: list[int], seconds: float = 120, who: str = "z1"
    ) -> dict[int, dict[str, Any]]:
        """The jobs, once each has ended."""
        until = time.monotonic() + seconds
        while True:
            _, jobs = self.ask("GET", "/get_jobs_list", who, job_ids=numbers)
            if all(job["status"] in ("DONE", "ERROR", "INACTIVE") for job in jobs.values()):
                return {int(number): job for number, job in jobs.items()}
            assert time.monotonic() < until, jobs
            time.sleep(0.2)

    def outputs(self, number: int) -> list[Path]:
        """The objects that a job delivered."""
        return sorted((self.share / "out" / str(number)).rglob("*.dcm"))

    def log(self) -> str:
        """Everything the server said."""
        return (self.folder / "log").read_text("utf-8")


def made(folder: Path, tables: Mapping[str, str] | None = None, **recipe: Any) -> Live:
    """A server that is made and not started: a project, and people in it.

    `tables` are those of places.toml, all of which the project may read; `recipe` are further
    members of its recipe.
    """
    tables = tables or {}
    live = Live(folder)
    for name in ("data", "out"):
        (live.share / name).mkdir(parents=True)
    live.settings.write_text(SETTINGS.format(share=live.share), "utf-8")
    house = make_house(load_settings({}, str(live.settings)))
    usual = Recipe(
        key=house.keyring.make(),
        sources=(rf"{SHARE}\data",),
        destinations=(rf"{SHARE}\out",),
        pims_keys=("4567",),
        places=tuple(tables),
    )
    text = "\n".join(f"[{name}]\n{table}\n" for name, table in tables.items())
    (folder / "places.toml").write_text(text, "utf-8")
    house.pims.add_key("4567", "{keyed}", house.keyring.make(), "test")
    house.registry.add_project("first", replace(usual, **recipe), "test")
    for name, (role, scopes) in PEOPLE.items():
        house.registry.add_user(name, role, "test")
        house.registry.join(name, "first", "test")
        live.tokens[name] = house.tokens.issue(name, "test", "test", scopes=scopes)[1]
    house.close()
    return live


@contextmanager
def running(folder: Path, tables: Mapping[str, str] | None = None, **recipe: Any) -> Iterator[Live]:
    """A server that runs, of such a `made`; stopped at the end."""
    live = made(folder, tables, **recipe)
    live.start()
    try:
        yield live
    finally:
        if live.process is not None and live.process.poll() is None:
            live.stop()
