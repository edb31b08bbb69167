"""Who may do what: every route, every role, in one's own project and in another.

The job in question is z1's, in the project `first`. `+` is let in, a number is the status.
"""

import json
from typing import Any, NamedTuple

import pytest

from dicomveil.server.api import access
from dicomveil.server.documentation import API, CALLS
from tests.server.test_interface import MAPPING, ROW
from tests.server.world import ASKED, SHARE, World

# administrator, data manager, owner, researcher, data manager and researcher elsewhere, auditor
PEOPLE = ("admin", "manager", "z1", "z2", "outsider", "stranger", "auditor")
# The same seen from the other project, where the job is stranger's: who is whom there.
ELSEWHERE = {
    "admin": "admin",
    "manager": "outsider",
    "z1": "stranger",
    "outsider": "manager",
    "stranger": "z1",
    "auditor": "auditor",
}
MATRIX = """
GET    /jobs                                      +    +    +    +    +    +    +
POST   /jobs                                      +    +    +    +    400  400  403
POST   /jobs/check                                +    +    +    +    +    +    403
GET    /jobs/events                               +    +    +    +    +    +    +
GET    /jobs/{number}                             +    +    +    +    404  404  +
PATCH  /jobs/{number}                             +    +    +    403  404  404  403
GET    /jobs/{number}/items                       +    +    +    +    404  404  +
POST   /jobs/{number}/cancel                      +    +    +    403  404  404  403
POST   /jobs/{number}/retry                       +    +    +    403  404  404  403
POST   /jobs/{number}/pause                       +    +    +    403  404  404  403
POST   /jobs/{number}/resume                      +    +    +    403  404  404  403
POST   /jobs/{number}/approve                     +    +    403  403  404  403  403
POST   /mappings/check                            +    +    +    +    +    +    403
POST   /mappings                                  +    +    +    +    400  400  403
POST   /mappings/uploads                          +    +    +    +    +    +    403
GET    /mappings/uploads                          +    +    +    +    +    +    403
GET    /mappings/uploads/{number}                 404  404  +    404  404  404  403
POST   /mappings/uploads/{number}/submit          404  404  +    404  404  404  403
DELETE /mappings/uploads/{number}                 404  404  +    404  404  404  403
POST   /studies/find                              404  404  403  403  404  403  403
POST   /places/{name}/studies                     404  404  403  403  404  403  403
GET    /projects                                  +    +    +    +    +    +    +
GET    /projects/{name}                           +    +    +    +    404  404  +
PUT    /projects/{name}                           +    403  403  403  403  403  403
PUT    /projects/{name}/members/{user}            +    403  403  403  403  403  403
DELETE /projects/{name}/members/{user}            +    403  403  403  403  403  403
GET    /projects/{name}/webhook                   404  403  403  403  403  403  403
PUT    /projects/{name}/webhook                   +    403  403  403  403  403  403
DELETE /projects/{name}/webhook                   +    403  403  403  403  403  403
GET    /projects/{name}/webhook/deliveries        +    403  403  403  403  403  403
GET    /profiles                                  +    +    +    +    +    +    +
POST   /profiles                                  +    403  403  403  403  403  403
GET    /profiles/{name}                           404  404  404  404  404  404  404
GET    /profiles/{name}/versions/{version}        404  404  404  404  404  404  404
GET    /profiles/{name}/diff                      404  404  404  404  404  404  404
GET    /places                                    +    +    +    +    +    +    +
GET    /me                                        +    +    +    +    +    +    +
GET    /users                                     +    403  403  403  403  403  403
POST   /users                                     +    403  403  403  403  403  403
PUT    /users/{name}                              +    403  403  403  403  403  403
GET    /users/{name}/tokens                       +    403  +    403  403  403  403
POST   /users/{name}/tokens                       +    403  403  403  403  403  403
DELETE /users/{name}/tokens/{number}              404  403  404  403  403  403  403
POST   /users/{name}/enrolment                    +    403  403  403  403  403  403
GET    /batches                                   +    +    +    +    +    +    +
POST   /batches                                   +    +    +    +    +    +    403
GET    /batches/{number}                          404  404  404  404  404  404  404
GET    /audit                                     +    403  403  403  403  403  +
GET    /opt-outs                                  +    403  403  403  403  403  403
POST   /opt-outs                                  +    403  403  403  403  403  403
POST   /opt-outs/import                           +    403  403  403  403  403  403
POST   /opt-outs/remove                           +    403  403  403  403  403  403
GET    /opt-outs/patients                         +    403  403  403  403  403  403
GET    /pims-keys                                 +    +    +    +    +    +    +
POST   /pims-keys/{name}/reidentify               +    +    403  403  404  403  403
"""
PROTOCOL = """
get_jobs                 +    +    +    +    +    +    +
get_job                  +    +    +    +    400  400  +
get_jobs_list            +    +    +    +    +    +    +
get_jobs_list_extended   +    +    +    +    +    +    +
create_job               +    +    +    +    400  400  400
modify_job               +    +    +    400  400  400  400
cancel_job               +    +    +    400  400  400  400
"""
ROWS = [line.split() for line in MATRIX.strip().splitlines()]
CELLS = [(method, path, dict(zip(PEOPLE, columns, strict=True))) for method, path, *columns in ROWS]
OTHER = [
    (method, path, {ELSEWHERE[who]: said for who, said in cells.items() if who in ELSEWHERE})
    for method, path, cells in CELLS
]
CALLED = [
    (function, dict(zip(PEOPLE, columns, strict=True)))
    for function, *columns in map(str.split, PROTOCOL.strip().splitlines())
]
LET_IN = {200, 409, 503}  # what cannot happen now was let in too
RECIPE = {"key": "0", "sources": [rf"{SHARE}\data"], "destinations": [rf"{SHARE}\out"]}
BODIES: dict[str, dict[str, Any]] = {
    "POST /jobs": {"json": ROW},
    "POST /jobs/check": {"json": {"rows": [{"row": 1, **ROW}]}},
    "GET /jobs/events": {"params": {"job_ids": "1"}},
    "PATCH /jobs/{number}": {"json": {"priority": 1}},
    "POST /mappings/check": {"content": MAPPING.encode()},
    "POST /mappings/uploads": {"content": MAPPING.encode()},
    "POST /mappings": {"content": MAPPING.encode()},
    "POST /studies/find": {"json": {"sources": []}},
    "POST /places/{name}/studies": {"json": {"sources": []}},
    "PUT /projects/{name}": {"json": {"recipe": RECIPE}},
    "PUT /projects/{name}/webhook": {"json": {"url": "https://hook.test/"}},
    "POST /profiles": {"json": {"text": "name: study\nextends: basic\n"}},
    "GET /profiles/{name}/diff": {"params": {"old": 1, "new": 1}},
    "POST /opt-outs": {"json": {"patients": ["4711"]}},
    "POST /opt-outs/import": {"content": b"patient_id\n4711\n"},
    "POST /opt-outs/remove": {"json": {"patient": "4711"}},
    "POST /pims-keys/{name}/reidentify": {"json": {"pseudonym": "P1"}},
    "POST /batches": {"json": {"name": "one"}},
    "POST /users": {"json": {"name": "new", "role": "researcher"}},
    "PUT /users/{name}": {"json": {"role": "researcher"}},
    "POST /users/{name}/tokens": {"json": {}},
}


class Subject(NamedTuple):
    """What a call is about: a job, its project, its owner, a pseudonym key."""

    job: int
    project: str
    owner: str
    key: str


def called(server: World, method: str, path: str, who: str, subject: Subject) -> int:
    """The status of a call about these."""
    server.streams.closing.set()  # a stream of events would not end
    names = {"projects": subject.project, "pims-keys": subject.key}
    name = names.get(path.split("/")[1], subject.owner)
    number = subject.job if "jobs" in path or "uploads" in path else 99
    body = BODIES.get(f"{method} {path}", {})
    if "json" in body:
        body = {"json": json.loads(json.dumps(body["json"]).replace("first", subject.project))}
    if "mappings" in path and body:
        body = {"content": body["content"].replace(b"first", subject.project.encode())}
    where = path.format(number=number, name=name, user="z2", version=1)
    return int(server.api(method, where, who, **body).status_code)


def letter(status: int) -> str:
    return "+" if status in LET_IN else str(status)


def test_the_matrix_has_every_route() -> None:
    assert {(method, API + path) for method, path, *_ in ROWS} == set(access.TABLE)
    assert {function for function, *_ in CALLED} == set(CALLS)


@pytest.mark.parametrize(("method", "path", "expected"), CELLS)
def test_a_route_lets_in_whom_it_should(
    server: World, method: str, path: str, expected: dict[str, str]
) -> None:
    subject = Subject(server.asked("z1")["job_id"], "first", "z1", "4567")
    server.api("POST", "/mappings/uploads", "z1", content=MAPPING.encode())
    server.pseudonym_key(subject.key)

    found = {who: letter(called(server, method, path, who, subject)) for who in expected}

    assert found == expected


@pytest.mark.parametrize(("method", "path", "expected"), OTHER)
def test_so_it_does_in_the_other_project(
    server: World, method: str, path: str, expected: dict[str, str]
) -> None:
    asked = server.asked("stranger", project_name="second")
    subject = Subject(asked["job_id"], "second", "stranger", "8901")
    mapping = MAPPING.replace("first", "second").encode()
    server.api("POST", "/mappings/uploads", "stranger", content=mapping)
    server.pseudonym_key(subject.key)

    found = {who: letter(called(server, method, path, who, subject)) for who in expected}

    assert found == expected


@pytest.mark.parametrize(("function", "expected"), CALLED)
def test_a_call_of_the_protocol_lets_in_whom_it_should(
    server: World, function: str, expected: dict[str, str]
) -> None:
    fields: dict[str, Any] = {"job_id": server.asked("z1")["job_id"]}
    if function == "modify_job":
        fields["priority"] = 1
    if function == "create_job":
        fields = dict(ASKED)
    method = CALLS[function].method

    found = {who: letter(server.call(method, function, who, **fields)[0]) for who in expected}

    assert found == expected


@pytest.mark.parametrize("who", ["z2", "outsider", "stranger", "auditor"])
def test_nobody_else_is_shown_where_a_job_comes_from(server: World, who: str) -> None:
    number = server.asked("z1")["job_id"]

    said = [
        server.api("GET", path, who).text
        for path in (f"/jobs/{number}", "/jobs", f"/jobs/{number}/items", "/audit")
    ]
    said += [
        str(server.call("GET", function, who, job_id=number, job_ids=[number]))
        for function in ("get_job", "get_jobs", "get_jobs_list", "get_jobs_list_extended")
    ]

    assert "data" + "\\\\a" not in "".join(said)
    assert "all of a" not in "".join(said)
