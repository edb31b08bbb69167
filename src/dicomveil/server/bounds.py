"""Bounds on what a request may be: its body read whole, within a size and a time.

The body is read before the application sees the request, so that no route can forget to bound it.
What is too large is read on for a while and thrown away: a client that is still sending would
otherwise see a broken connection in place of the reason.
"""

import asyncio
import re
from dataclasses import dataclass
from enum import Enum, auto

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dicomveil.server.answers import failure

_SLASHES = re.compile(r"/{2,}")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large and how slow a body may be."""

    body: int = 2 * 1024 * 1024
    upload: int = 32 * 1024 * 1024  # bodies of the paths in `uploads`
    drained: int = 64 * 1024 * 1024
    seconds: float = 20.0
    uploads: tuple[str, ...] = ("/api/v1/mappings", "/api/v1/opt-outs/import")

    def of(self, path: str) -> int:
        """The most bytes that a body sent to `path` may have."""
        return self.upload if path.startswith(self.uploads) else self.body


class _Trouble(Enum):
    TOO_LARGE = auto()
    TOO_SLOW = auto()
    GONE = auto()


class Bounded:
    """An application that is handed whole bodies only, and paths without doubled slashes."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        """Stand before `app`."""
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or answer it here when it goes beyond the bounds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["path"] = _SLASHES.sub("/", scope["path"])
        body = await self._body(scope, receive)
        match body:
            case bytes():
                await self._app(scope, _whole(body, receive), send)
            case _Trouble.TOO_LARGE:
                limit = self._limits.of(scope["path"]) // 1024 // 1024
                await _answer(scope, send, 413, f"More than {limit} MB are not accepted")
            case _Trouble.TOO_SLOW:
                await _answer(scope, send, 408, "The request came too slowly")
            case _Trouble.GONE:
                return

    async def _body(self, scope: Scope, receive: Receive) -> bytes | _Trouble:
        limit = self._limits.of(scope["path"])
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await _read(receive, limit, max(limit, self._limits.drained))
        except TimeoutError:
            return _Trouble.TOO_SLOW


async def _read(receive: Receive, limit: int, drained: int) -> bytes | _Trouble:
    """The body; what goes beyond `limit` is not kept, and beyond `drained` not read."""
    parts: list[bytes] = []
    size = 0
    more = True
    while more and size <= drained:
        message = await receive()
        if message["type"] == "http.disconnect":
            return _Trouble.GONE
        part = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        else:
            parts.clear()
        more = message.get("more_body", False)
    return b"".join(parts) if size <= limit else _Trouble.TOO_LARGE


def _whole(body: bytes, receive: Receive) -> Receive:
    """What hands out the body at once, and afterwards what the connection says."""
    waiting = [body]

    async def hand_out() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return hand_out


async def _answer(scope: Scope, send: Send, status: int, problem: str) -> None:
    """Refuse and close: the rest of the body is still on its way.

    anonapi's client understands 400 alone; the interface's own paths get the exact status.
    """
    exact = scope["path"].startswith("/api/")
    response = failure({"request": problem}, status if exact else 400)
    response.headers["Connection"] = "close"

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    await response(scope, nothing, send)
