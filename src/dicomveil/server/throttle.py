"""Guesses of tokens are slowed: each wrong one makes the next answer to its address come later."""

import time
from collections import OrderedDict
from collections.abc import Callable

_REMEMBERED = 10_000
_FREE = 5  # a data manager with an old token is not an attack
_LONGEST = 5.0
_FORGET = 300.0


class Throttle:
    """Wrong tokens by address, the newest addresses remembered."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Count by the clock's time."""
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wrong(self, address: str) -> float:
        """Count a wrong token; the seconds that its answer waits."""
        count, last = self._wrong.pop(address, (0, 0.0))
        now = self._clock()
        count = 1 if now - last > _FORGET else count + 1
        self._wrong[address] = (count, now)
        while len(self._wrong) > _REMEMBERED:
            self._wrong.popitem(last=False)
        return 0.0 if count <= _FREE else min(0.1 * 2.0 ** (count - _FREE), _LONGEST)

    def right(self, address: str) -> None:
        """Forget an address that has shown a right token."""
        self._wrong.pop(address, None)
