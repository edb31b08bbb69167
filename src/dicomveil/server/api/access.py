"""Who may call which route: one table, and the dependency that holds every route to it.

A route that is not in the table answers nobody. What a caller sees of jobs, and whose jobs it may
change, is judged job by job at the desk.
"""

import asyncio
import ipaddress
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dicomveil.jobs.model import Scope
from dicomveil.server.callers import Caller, address_of, token_of
from dicomveil.server.documentation import API
from dicomveil.server.office import Office

TABLE: dict[tuple[str, str], Scope] = {
    ("GET", f"{API}/jobs"): Scope.READ,
    ("POST", f"{API}/jobs"): Scope.SUBMIT,
    ("POST", f"{API}/jobs/check"): Scope.SUBMIT,
    ("GET", f"{API}/jobs/events"): Scope.READ,
    ("GET", f"{API}/jobs/{{number}}"): Scope.READ,
    ("PATCH", f"{API}/jobs/{{number}}"): Scope.SUBMIT,
    ("GET", f"{API}/jobs/{{number}}/items"): Scope.READ,
    ("POST", f"{API}/jobs/{{number}}/cancel"): Scope.SUBMIT,
    ("POST", f"{API}/jobs/{{number}}/retry"): Scope.SUBMIT,
    ("POST", f"{API}/jobs/{{number}}/pause"): Scope.SUBMIT,
    ("POST", f"{API}/jobs/{{number}}/resume"): Scope.SUBMIT,
    ("POST", f"{API}/jobs/{{number}}/approve"): Scope.OPERATE,
    ("POST", f"{API}/mappings/check"): Scope.SUBMIT,
    ("POST", f"{API}/mappings"): Scope.SUBMIT,
    ("POST", f"{API}/mappings/uploads"): Scope.SUBMIT,
    ("GET", f"{API}/mappings/uploads"): Scope.SUBMIT,
    ("GET", f"{API}/mappings/uploads/{{number}}"): Scope.SUBMIT,
    ("POST", f"{API}/mappings/uploads/{{number}}/submit"): Scope.SUBMIT,
    ("DELETE", f"{API}/mappings/uploads/{{number}}"): Scope.SUBMIT,
    ("POST", f"{API}/studies/find"): Scope.FIND_STUDIES,
    ("POST", f"{API}/places/{{name}}/studies"): Scope.FIND_STUDIES,
    ("GET", f"{API}/projects"): Scope.READ,
    ("GET", f"{API}/projects/{{name}}"): Scope.READ,
    ("PUT", f"{API}/projects/{{name}}"): Scope.ADMINISTER,
    ("PUT", f"{API}/projects/{{name}}/members/{{user}}"): Scope.ADMINISTER,
    ("DELETE", f"{API}/projects/{{name}}/members/{{user}}"): Scope.ADMINISTER,
    ("GET", f"{API}/projects/{{name}}/webhook"): Scope.ADMINISTER,
    ("PUT", f"{API}/projects/{{name}}/webhook"): Scope.ADMINISTER,
    ("DELETE", f"{API}/projects/{{name}}/webhook"): Scope.ADMINISTER,
    ("GET", f"{API}/projects/{{name}}/webhook/deliveries"): Scope.ADMINISTER,
    ("GET", f"{API}/profiles"): Scope.READ,
    ("POST", f"{API}/profiles"): Scope.ADMINISTER,
    ("GET", f"{API}/profiles/{{name}}"): Scope.READ,
    ("GET", f"{API}/profiles/{{name}}/versions/{{version}}"): Scope.READ,
    ("GET", f"{API}/profiles/{{name}}/diff"): Scope.READ,
    ("GET", f"{API}/places"): Scope.READ,
    ("GET", f"{API}/me"): Scope.READ,
    ("GET", f"{API}/users"): Scope.ADMINISTER,
    ("POST", f"{API}/users"): Scope.ADMINISTER,
    ("PUT", f"{API}/users/{{name}}"): Scope.ADMINISTER,
    ("GET", f"{API}/users/{{name}}/tokens"): Scope.READ,
    ("POST", f"{API}/users/{{name}}/tokens"): Scope.ADMINISTER,
    ("DELETE", f"{API}/users/{{name}}/tokens/{{number}}"): Scope.READ,
    ("POST", f"{API}/users/{{name}}/enrolment"): Scope.ADMINISTER,
    ("GET", f"{API}/opt-outs"): Scope.ADMINISTER,
    ("POST", f"{API}/opt-outs"): Scope.ADMINISTER,
    ("POST", f"{API}/opt-outs/import"): Scope.ADMINISTER,
    ("POST", f"{API}/opt-outs/remove"): Scope.ADMINISTER,
    ("GET", f"{API}/opt-outs/patients"): Scope.ADMINISTER,
    ("GET", f"{API}/pims-keys"): Scope.READ,
    ("POST", f"{API}/pims-keys/{{name}}/reidentify"): Scope.REIDENTIFY,
    ("GET", f"{API}/audit"): Scope.AUDIT,
    ("GET", f"{API}/batches"): Scope.READ,
    ("POST", f"{API}/batches"): Scope.SUBMIT,
    ("GET", f"{API}/batches/{{number}}"): Scope.READ,
}

OPEN: frozenset[tuple[str, str]] = frozenset({("POST", f"{API}/enrol")})
"""Routes that need no token: an enrolment has none yet."""


def office_of(request: Request) -> Office:
    """The rooms behind the interface."""
    office = request.app.state.office
    assert isinstance(office, Office)  # build() put it there
    return office


async def caller_of(request: Request) -> Caller:
    """Who calls, when the table lets them; 401 for a wrong token, 403 for what it may not."""
    office = office_of(request)
    caller, pause = await run_in_threadpool(
        office.callers.identify, token_of(request, ("token", "bearer")), address_of(request)
    )
    if caller is None:
        await asyncio.sleep(pause)
        raise HTTPException(401, "Send 'Authorization: Token <your token>'")
    request.state.user = caller.user.id
    scope = TABLE.get((request.method, request.scope["route"].path))
    if scope is None or not caller.may(scope):
        raise HTTPException(403, f"This needs the permission '{scope or 'none has'}'")
    return caller


async def near_or_allowed(request: Request) -> None:
    """Raise 401 unless the call comes from this machine, or with a token for the meters."""
    office = office_of(request)
    if is_near(request):
        return
    caller, pause = await run_in_threadpool(
        office.callers.identify, token_of(request, ("token", "bearer")), address_of(request)
    )
    if caller is None or not caller.may(Scope.METRICS):
        await asyncio.sleep(pause)
        raise HTTPException(401, "This needs a token with the permission 'metrics'")


def is_near(request: Request) -> bool:
    """Whether a call comes from this machine itself, through no proxy."""
    try:
        address = ipaddress.ip_address(address_of(request))
    except ValueError:
        return False
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return address.is_loopback and not forwarded


AnOffice = Annotated[Office, Depends(office_of)]
ACaller = Annotated[Caller, Depends(caller_of)]
