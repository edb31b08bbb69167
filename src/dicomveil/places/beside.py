"""Work done beside this thread, piece after piece: for copies, which the kernel does alone."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

Work = Callable[[], int]


class Beside:
    """One thread that does what it is given in order; it ends with the process."""

    def __init__(self) -> None:
        """Start the thread."""
        self._work: SimpleQueue[Work] = SimpleQueue()
        self._done: SimpleQueue[int | BaseException] = SimpleQueue()
        Thread(target=self._go_on, name="copies", daemon=True).start()

    def begin(self, work: Work) -> Work:
        """Do `work` in its turn; what is returned waits for its result, or raises what it raised.

        Results must be waited for once each, in the order in which the work was given.
        """
        self._work.put(work)
        return self._end

    def _end(self) -> int:
        result = self._done.get()
        if isinstance(result, BaseException):
            raise result
        return result

    def _go_on(self) -> None:
        while True:
            work = self._work.get()
            try:
                self._done.put(work())
            except BaseException as error:  # noqa: BLE001 - it is raised where the result is wanted
                self._done.put(error)
