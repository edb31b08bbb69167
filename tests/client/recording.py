"""A server that answers as anonapi's own does, and keeps what it was asked.

Its answers are those recorded in `recorded/`, with jobs that change as they are asked to.
`faults` are done in turn to the calls of a function: the job is made or not, the answer is lost.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl

RECORDED = Path(__file__).parent / "recorded"
TOKEN = "sometoken-of-32-characters-or-more"  # noqa: S105 - of this server alone
TELLING = ("Authorization", "Content-Type", "Idempotency-Key")
CORE = (
    "job_id",
    "date",
    "user_name",
    "status",
    "error",
    "description",
    "project_name",
    "priority",
    "files_downloaded",
    "files_processed",
)


def recorded(name: str) -> Any:
    """An answer as it was harvested."""
    return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))


class Asked(NamedTuple):
    """One request as it came."""

    method: str
    path: str
    body: str
    headers: dict[str, str]  # those of TELLING that came with it


@dataclass
class Fault:
    """What goes wrong with one call."""

    function: str
    status: int = 0  # answered at once, nothing done; 0 breaks the connection instead
    body: bytes = b"{}"
    after: bool = False  # the call is carried out first
    skip: int = 0  # as many calls go well before


@dataclass
class Recording:
    """What the server knows, what it was asked, and what is to go wrong."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    jobs: dict[int, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    projects: set[str] = field(default_factory=lambda: {"Wetenschap-Algemeen", "P"})
    api: str = ""
    keys: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    events: list[bytes] | None = None  # what each stream of events says in turn; None: it has none
    studies: dict[str, list[dict[str, Any]]] | None = None  # by source; None: it cannot look

    def fault_of(self, function: str) -> Fault | None:
        """What is to go wrong with this call of the function, if anything."""
        fault = next((one for one in self.faults if one.function == function), None)
        if fault and fault.skip:
            fault.skip -= 1
            return None
        if fault:
            self.faults.remove(fault)
        return fault

    def calls(self) -> list[str]:
        """Each request as one line, as a person would note it."""
        return [f"{one.method} {one.path} {one.body}".strip() for one in self.asked]

    def forms(self) -> list[dict[str, str]]:
        """The forms of all jobs that were asked for."""
        return [dict(parse_qsl(one.body)) for one in self.asked if one.path == "/create_job"]

    def add(self, status: str = "DONE", **changes: Any) -> int:
        """A job that is there already."""
        number = max(self.jobs, default=0) + 1
        self.jobs[number] = {**recorded("job"), "job_id": number, "status": status, **changes}
        return number


@contextmanager
def recording() -> Iterator[Recording]:
    """A server on this computer, until the end of the block."""
    kept = Recording()
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0),
        type(
            "Of", (Answering,), {"kept": kept, "do_GET": Answering.turn, "do_POST": Answering.turn}
        ),
    )
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Answering(BaseHTTPRequestHandler):
    """Answers each request from what `kept` knows."""

    protocol_version = "HTTP/1.1"
    kept: Recording

    def turn(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        told = {name: self.headers[name] for name in TELLING if name in self.headers}
        self.kept.asked.append(Asked(self.command, self.path, body, told))
        function = self.path.strip("/").split("/")[-1]
        if self.kept.events and function.startswith("events?"):
            self.answer(200, self.kept.events.pop(0), "text/event-stream")
            return
        fault = self.kept.fault_of(function)
        if fault is None:
            status, content = self.judge(function, body)
            self.answer(status, json.dumps(content).encode())
        elif fault.status:
            self.answer(fault.status, fault.body)
        else:
            if fault.after:
                self.judge(function, body)
            self.close_connection = True
            self.connection.close()

    def judge(self, function: str, body: str) -> tuple[int, Any]:
        if self.headers.get("Authorization") != f"Token {TOKEN}" and function:
            return 401, {}
        if self.headers.get("Content-Type") == "application/json":
            return own_interface(self.kept, self.path, body, self.headers.get("Idempotency-Key"))
        form = parse_qs(body, keep_blank_values=True)
        found = PROTOCOL.get(f"{self.command} {function}")
        return found(self.kept, form) if found else documented(self.kept)

    def answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its parent's name
        del format, args


Form = dict[str, list[str]]


def documented(kept: Recording) -> tuple[int, Any]:
    documentation = recorded("documentation")
    if kept.api:
        documentation["documentation"]["api"] = kept.api
    return 404, documentation


def recent(kept: Recording, form: Form) -> tuple[int, Any]:
    del form
    return 200, {str(number): core(kept.jobs[number]) for number in sorted(kept.jobs)[-50:]}


def listed(kept: Recording, form: Form) -> tuple[int, Any]:
    status, jobs = in_full(kept, form)
    return status, {number: core(job) for number, job in jobs.items()}


def in_full(kept: Recording, form: Form) -> tuple[int, Any]:
    wanted = [int(one) for one in form.get("job_ids", []) if one.isdigit()]
    return 200, {str(one): kept.jobs[one] for one in wanted if one in kept.jobs}


def one_job(kept: Recording, form: Form) -> tuple[int, Any]:
    job = kept.jobs.get(int(form.get("job_id", ["0"])[0]))
    return (200, job) if job else (400, recorded("errors")["no such job"])


def modified(kept: Recording, form: Form) -> tuple[int, Any]:
    status, job = one_job(kept, form)
    if status == 200:
        job |= {name: form[name][0] for name in form if name in job and name != "job_id"}
    return status, job


def cancelled(kept: Recording, form: Form) -> tuple[int, Any]:
    return modified(kept, {**form, "status": ["INACTIVE"]})


def core(job: dict[str, Any]) -> dict[str, Any]:
    return {key: job[key] for key in CORE}


def created(kept: Recording, lists: Form) -> tuple[int, Any]:
    form = {name: values[0] for name, values in lists.items()}
    if form.get("project_name") not in kept.projects:
        return 400, recorded("errors")["not in the project"]
    number = kept.add(
        "ACTIVE",
        error=None,
        files_downloaded=None,
        files_processed=None,
        description=form.get("description"),
        project_name=form["project_name"],
        destination_path=form["destination_path"],
        source_type=form["source_type"],
        source_path=form.get("source_path"),
        source_instance_id=form.get("source_instance_id"),
        source_anonymizedpatientid=form.get("anonymizedpatientid"),
        source_anonymizedpatientname=form.get("anonymizedpatientname"),
        source_pims_keyfile_id=form.get("pims_keyfile_id"),
    )
    return 200, kept.jobs[number]


def own_interface(kept: Recording, path: str, body: str, key: str | None) -> tuple[int, Any]:
    """The calls of docs/anon/api.md that have a body."""
    content = json.loads(body)
    if path == f"{kept.api}/studies/find" and kept.studies is not None:
        return 200, {"studies": looked_up(kept.studies, content["sources"])}
    if path == f"{kept.api}/jobs/check":
        return 200, {"problems": kept.problems}
    if path != f"{kept.api}/jobs" or not key:
        return 404, {}
    if key not in kept.keys:
        kept.keys[key] = kept.add("ACTIVE", description=content["description"])
    return 201, kept.jobs[kept.keys[key]]


def looked_up(known: dict[str, list[dict[str, Any]]], sources: list[str]) -> list[dict[str, Any]]:
    numbered = enumerate(sources, start=1)
    return [{"asked": at, **study} for at, one in numbered for study in known.get(one, [])]


# The protocol of anonapi, as far as its client uses it.
PROTOCOL = {
    "GET get_jobs": recent,
    "GET get_jobs_list": listed,
    "GET get_jobs_list_extended": in_full,
    "GET get_job": one_job,
    "POST create_job": created,
    "POST modify_job": modified,
    "POST cancel_job": cancelled,
}
