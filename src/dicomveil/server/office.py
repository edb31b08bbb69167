"""What the routes of the interface find their work through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dicomveil.server.callers import Callers
from dicomveil.server.desk import Desk
from dicomveil.server.metering import Meters
from dicomveil.server.streams import Streams


@dataclass(frozen=True, slots=True)
class Office:
    """The rooms behind the interface."""

    desk: Desk
    callers: Callers
    meters: Meters
    streams: Streams
    health: Callable[[], Mapping[str, str]]  # what is wrong, by what; empty when all is well
