"""What is seen of every request: one line in the log, a count, a time; and how faults end.

A fault is logged by its type and where in the code it happened. Its text could hold a value.
"""

import time
import traceback
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dicomveil.server.answers import failure
from dicomveil.server.logs import Log
from dicomveil.server.metering import Meters

# Everything comes from here, and nobody may put a page of ours into one of theirs.
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    b"img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class Watched:
    """An application whose requests are logged and counted, and whose faults end in a 500."""

    def __init__(self, app: ASGIApp, log: Log, meters: Meters) -> None:
        """Stand before `app`."""
        self._app = app
        self._log = log
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and write down what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        scope.setdefault("state", {})
        statuses: list[int] = []

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        try:
            await self._app(scope, receive, tell)
        except Exception as error:  # noqa: BLE001 - the rim: whatever it is, it is told and counted
            self._log.event("fault", kind=type(error).__name__, where=_where(error))
            if not statuses:
                await failure({"server": "Something went wrong here"}, 500)(scope, receive, tell)
        self._note(scope, statuses[0] if statuses else 0, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        self._meters.request(scope["method"], route, status, seconds)
        caller = scope["state"].get("user")
        ms = round(seconds * 1000, 1)
        self._log.event(
            "request", method=scope["method"][:16], route=route, status=status, ms=ms, user=caller
        )


def _route(scope: Scope) -> str:
    """The route as the code writes it: the path itself could hold anything."""
    route = scope.get("route")
    return str(scope["state"].get("route") or getattr(route, "path", "") or "unknown")


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
