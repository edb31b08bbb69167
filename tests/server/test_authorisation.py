"""Who may do what: every route, every role, in one's own project and in another.

The job in question is z1's, in the project `first`. `+` is let in, a number is the status.
"""

from typing import Any

import pytest

from dicomveil.server.api import access
from dicomveil.server.documentation import API, CALLS
from tests.server.test_interface import MAPPING, ROW
from tests.server.world import ASKED, SHARE, World

#         administrator, data manager, owner, researcher, data manager elsewhere, auditor
PEOPLE = ("admin", "manager", "z1", "z2", "outsider", "auditor")
MATRIX = """
GET    /jobs                              +    +    +    +    +    +
POST   /jobs                              +    +    +    +    400  403
POST   /jobs/check                        +    +    +    +    +    403
GET    /jobs/events                       +    +    +    +    +    +
GET    /jobs/{number}                     +    +    +    +    404  +
PATCH  /jobs/{number}                     +    +    +    403  404  403
GET    /jobs/{number}/items               +    +    +    +    404  +
POST   /jobs/{number}/cancel              +    +    +    403  404  403
POST   /jobs/{number}/retry               +    +    +    403  404  403
POST   /jobs/{number}/pause               +    +    +    403  404  403
POST   /jobs/{number}/resume              +    +    +    403  404  403
POST   /jobs/{number}/approve             +    +    403  403  404  403
POST   /mappings/check                    +    +    +    +    +    403
POST   /mappings                          +    +    +    +    400  403
POST   /studies/find                      404  404  403  403  404  403
POST   /places/{name}/studies             404  404  403  403  404  403
GET    /projects                          +    +    +    +    +    +
GET    /projects/{name}                   +    +    +    +    404  +
PUT    /projects/{name}                   +    403  403  403  403  403
PUT    /projects/{name}/members/{user}    +    403  403  403  403  403
DELETE /projects/{name}/members/{user}    +    403  403  403  403  403
GET    /profiles                          +    +    +    +    +    +
GET    /projects/{name}/webhook           404  403  403  403  403  403
PUT    /projects/{name}/webhook           +    403  403  403  403  403
DELETE /projects/{name}/webhook           +    403  403  403  403  403
GET    /projects/{name}/webhook/deliveries +   403  403  403  403  403
POST   /profiles                          +    403  403  403  403  403
GET    /profiles/{name}                   404  404  404  404  404  404
GET    /profiles/{name}/versions/{version} 404  404  404  404  404  404
GET    /profiles/{name}/diff              404  404  404  404  404  404
GET    /places                            +    +    +    +    +    +
GET    /me                                +    +    +    +    +    +
GET    /users                             +    403  403  403  403  403
POST   /users                             +    403  403  403  403  403
PUT    /users/{name}                      +    403  403  403  403  403
GET    /users/{name}/tokens               +    403  +    403  403  403
POST   /users/{name}/tokens               +    403  403  403  403  403
DELETE /users/{name}/tokens/{number}      404  403  404  403  403  403
POST   /users/{name}/enrolment            +    403  403  403  403  403
GET    /batches                           +    +    +    +    +    +
POST   /batches                           +    +    +    +    +    403
GET    /batches/{number}                  404  404  404  404  404  404
GET    /audit                             +    403  403  403  403  +
"""
PROTOCOL = """
get_jobs                 +    +    +    +    +    +
get_job                  +    +    +    +    400  +
get_jobs_list            +    +    +    +    +    +
get_jobs_list_extended   +    +    +    +    +    +
create_job               +    +    +    +    400  400
modify_job               +    +    +    400  400  400
cancel_job               +    +    +    400  400  400
"""
ROWS = [line.split() for line in MATRIX.strip().splitlines()]
CELLS = [
    (method, path, who, expected)
    for method, path, *columns in ROWS
    for who, expected in zip(PEOPLE, columns, strict=True)
]
CALLED = [
    (function, who, expected)
    for function, *columns in map(str.split, PROTOCOL.strip().splitlines())
    for who, expected in zip(PEOPLE, columns, strict=True)
]
LET_IN = {200, 409, 503}  # what cannot happen now was let in too
RECIPE = {"key": "0", "sources": [rf"{SHARE}\data"], "destinations": [rf"{SHARE}\out"]}
BODIES: dict[str, dict[str, Any]] = {
    "POST /jobs": {"json": ROW},
    "POST /jobs/check": {"json": {"rows": [{"row": 1, **ROW}]}},
    "GET /jobs/events": {"params": {"job_ids": "1"}},
    "PATCH /jobs/{number}": {"json": {"priority": 1}},
    "POST /mappings/check": {"content": MAPPING.encode()},
    "POST /mappings": {"content": MAPPING.encode()},
    "POST /studies/find": {"json": {"sources": []}},
    "POST /places/{name}/studies": {"json": {"sources": []}},
    "PUT /projects/{name}": {"json": {"recipe": RECIPE}},
    "PUT /projects/{name}/webhook": {"json": {"url": "https://hook.test/"}},
    "POST /profiles": {"json": {"text": "name: study\nextends: basic\n"}},
    "GET /profiles/{name}/diff": {"params": {"old": 1, "new": 1}},
    "POST /batches": {"json": {"name": "one"}},
    "POST /users": {"json": {"name": "new", "role": "researcher"}},
    "PUT /users/{name}": {"json": {"role": "researcher"}},
    "POST /users/{name}/tokens": {"json": {}},
}


def letter(status: int) -> str:
    return "+" if status in LET_IN else str(status)


def test_the_matrix_has_every_route() -> None:
    assert {(method, API + path) for method, path, *_ in ROWS} == set(access.TABLE)
    assert {function for function, *_ in CALLED} == set(CALLS)


@pytest.mark.parametrize(("method", "path", "who", "expected"), CELLS)
def test_a_route_lets_in_whom_it_should(
    server: World, method: str, path: str, who: str, expected: str
) -> None:
    number = server.asked("z1")["job_id"]
    server.streams.closing.set()  # a stream of events would not end
    subject = "first" if path.startswith("/projects") else "z1"
    where = path.format(number=number if "jobs" in path else 99, name=subject, user="z2", version=1)

    answer = server.api(method, where, who, **BODIES.get(f"{method} {path}", {}))

    assert letter(answer.status_code) == expected, answer.text


@pytest.mark.parametrize(("function", "who", "expected"), CALLED)
def test_a_call_of_the_protocol_lets_in_whom_it_should(
    server: World, function: str, who: str, expected: str
) -> None:
    number = server.asked("z1")["job_id"]
    fields: dict[str, Any] = {"job_id": number}
    if function == "modify_job":
        fields["priority"] = 1
    if function == "create_job":
        fields = dict(ASKED)

    status, content = server.call(CALLS[function].method, function, who, **fields)

    assert letter(status) == expected, content


@pytest.mark.parametrize("who", ["z2", "outsider", "auditor"])
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
