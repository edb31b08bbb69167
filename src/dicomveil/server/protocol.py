"""The protocol of anonapi, at `/` and below each configured prefix.

Only the statuses that its client understands are used: 200, 400 with errors, 401, 404 with
documentation (to a GET alone, for the client takes a POST so answered for success), and 405.
Which call is made how stands in documentation.py; what each does, in the table here.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dicomveil.errors import DicomveilError
from dicomveil.server.answers import dumped, failure, success, written
from dicomveil.server.asking import asking_of
from dicomveil.server.callers import Caller, Callers, Window, address_of, token_of
from dicomveil.server.changing import change_of
from dicomveil.server.desk import Desk
from dicomveil.server.documentation import CALLS, documentation
from dicomveil.server.form import Form, parse_form
from dicomveil.server.refusals import RequestRefused, refused_by
from dicomveil.server.views import Printer, extended
from dicomveil.version import __version__

# What the client calls the fields that inner rooms complain of.
_NAMES = {"pims_key": "pims_keyfile_id"}
_DIGITS = 18  # more than any job's number has


@dataclass(frozen=True, slots=True)
class Protocol:
    """Answers the calls of anonapi's client."""

    desk: Desk
    callers: Callers
    prefixes: Mapping[str, Window]  # by path; "" is the root
    printer: Printer = field(default_factory=Printer)

    async def answer(self, request: Request) -> Response:
        """The answer to one call, whatever it is."""
        prefix, function = self._split(request.scope["path"])
        call = CALLS.get(function)
        if call is None:
            return _undefined(request.method)
        if request.method != call.method:
            response = failure({"method": f"{function} is called by {call.method}"}, 405)
            response.headers["Allow"] = call.method
            return response
        request.state.route = function
        return await self._called(request, function, self.prefixes[prefix])

    async def _called(self, request: Request, function: str, window: Window) -> Response:
        body = await request.body()
        # One visit to a thread for all of it: each costs a wait for the interpreter's lock.
        response, pause, user = await run_in_threadpool(
            self._answered, request, function, window, body
        )
        request.state.user = user
        if pause:
            await asyncio.sleep(pause)
        return response

    def _answered(
        self, request: Request, function: str, window: Window, body: bytes
    ) -> tuple[Response, float, int | None]:
        """The answer, the seconds that it waits, and the user's number."""
        caller, pause = self.callers.identify(token_of(request), address_of(request))
        if caller is None:
            return _unknown_caller(), pause, None
        try:
            kind = request.headers.get("Content-Type", "")
            form = parse_form(request.scope["query_string"], body, kind)
            if (form.one("user_name") or caller.name) != caller.name:
                return _unknown_caller(), 0.0, caller.user.id
            text = _WORK[function](Counter(self.desk, caller.within(window), self.printer), form)
            return written(text), 0.0, caller.user.id
        except DicomveilError as error:
            errors = refused_by(error).errors
            told = {_NAMES.get(name, name): said for name, said in errors.items()}
            return failure(told, 400), 0.0, caller.user.id

    def _split(self, path: str) -> tuple[str, str]:
        """The prefix and the function of a path; the longest prefix decides."""
        for prefix in sorted(self.prefixes, key=len, reverse=True):
            if path == prefix or path.startswith(f"{prefix}/"):
                return prefix, path[len(prefix) :].strip("/")
        return "", path.strip("/")


class Counter(NamedTuple):
    """Where a call is answered: the desk, who asks, and what prints lists."""

    desk: Desk
    caller: Caller
    printer: Printer


Work = Callable[[Counter, Form], str]


def _recent(at: Counter, form: Form) -> str:
    del form
    return at.printer.listed(at.desk.recent(at.caller))


def _one(at: Counter, form: Form) -> str:
    return dumped(extended(at.desk.job(at.caller, job_number(form))))


def _listed(at: Counter, form: Form) -> str:
    return at.printer.listed(at.desk.glances(at.caller, job_numbers(form)))


def _listed_in_full(at: Counter, form: Form) -> str:
    jobs = at.desk.jobs(at.caller, job_numbers(form))
    return dumped({str(job.id): extended(job) for job in jobs})


def _created(at: Counter, form: Form) -> str:
    return dumped(extended(at.desk.create(at.caller, asking_of(form))))


def _modified(at: Counter, form: Form) -> str:
    number = job_number(form)
    return dumped(extended(at.desk.change(at.caller, number, change_of(form))))


def _cancelled(at: Counter, form: Form) -> str:
    return dumped(extended(at.desk.cancel(at.caller, job_number(form))))


_WORK: dict[str, Work] = {
    "get_jobs": _recent,
    "get_job": _one,
    "get_jobs_list": _listed,
    "get_jobs_list_extended": _listed_in_full,
    "create_job": _created,
    "modify_job": _modified,
    "cancel_job": _cancelled,
}


def job_number(form: Form) -> int:
    """The number that `job_id` is; what is none is told so, without being repeated."""
    text = form.required("job_id").strip()
    if not _is_number(text):
        raise RequestRefused({"job_id": "A job's number is accepted"})
    return int(text)


def job_numbers(form: Form) -> list[int]:
    """The numbers among `job_ids`, each once; what is no number is no job."""
    texts = map(str.strip, form.all("job_ids"))
    return list(dict.fromkeys(map(int, filter(_is_number, texts))))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def _undefined(method: str) -> Response:
    match method:
        case "GET" | "HEAD":
            return success(documentation(__version__), 404)
        case "POST":
            return failure({"call": f"There is no such call; there are: {', '.join(CALLS)}"}, 400)
        case _:
            response = failure({"method": "Calls are made by GET and POST"}, 405)
            response.headers["Allow"] = "GET, POST"
            return response


def _unknown_caller() -> Response:
    problem = "The token is not known, has ended, or belongs to another user name"
    return failure({"Authorization": problem}, 401)
