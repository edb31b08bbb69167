"""Several connections at once, in order: each thread keeps a connection of its own.

What is asked for is taken from the caller's iterator a little ahead of what was handed back, so
memory does not grow with the work.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

from dicomveil.errors import PlaceBusy
from dicomveil.places.manners import Manners


class Closable(Protocol):
    """Something that is let go of."""

    def close(self) -> None:
        """Let go; never raises."""
        ...


_L = TypeVar("_L", bound=Closable)
_T = TypeVar("_T")
_R = TypeVar("_R")


class Lines(Generic[_L]):
    """The connections of some threads to one place, one each, made on first need."""

    def __init__(self, manners: Manners, connect: Callable[[], _L]) -> None:
        """Connect by `connect`, as `manners` allow."""
        self._manners = manners
        self._connect = connect
        self._own = threading.local()
        self._all: list[_L] = []

    def tried(self, request: Callable[[_L], _R]) -> _R:
        """What the request gives; after trouble that may pass, by a new connection."""
        return self._manners.tried(lambda: self._once(request))

    def each(
        self, request: Callable[[_L, _T], _R], items: Iterable[_T]
    ) -> Generator[_R, None, None]:
        """What the request gives for each item, in order; the last is begun when all others ended.

        Raises what a request raises, after letting those under way end.
        """
        width = self._manners.limits.at_once
        pool = ThreadPoolExecutor(width, thread_name_prefix="place")
        under_way: deque[Future[_R]] = deque()
        held: list[_T] = []
        try:
            for item in items:
                if held:
                    under_way.append(pool.submit(self._submitted, request, held.pop()))
                held.append(item)
                while len(under_way) > 2 * width:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
            for item in held:
                yield pool.submit(self._submitted, request, item).result()
        finally:
            pool.shutdown(cancel_futures=True)
            self.close()

    def close(self) -> None:
        """Let go of every connection."""
        while self._all:
            self._all.pop().close()
        self._own = threading.local()

    def _submitted(self, request: Callable[[_L, _T], _R], item: _T) -> _R:
        return self.tried(lambda line: request(line, item))

    def _once(self, request: Callable[[_L], _R]) -> _R:
        line: _L | None = getattr(self._own, "line", None)
        if line is None:
            line = self._own.line = self._connect()
            self._all.append(line)
        try:
            return request(line)
        except PlaceBusy:
            self._own.line = None
            line.close()
            raise
