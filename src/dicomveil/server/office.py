"""What the routes of the interface find their work through."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dicomveil.jobs.audit import Entry
from dicomveil.jobs.batches import Batches
from dicomveil.jobs.looking import Looker
from dicomveil.jobs.opt_outs import OptOuts
from dicomveil.jobs.pims import Pims
from dicomveil.jobs.profiles import Profiles
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.tokens import Tokens
from dicomveil.jobs.uploads import Uploads
from dicomveil.jobs.webhooks import Webhooks
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
    registry: Registry
    profiles: Profiles
    webhooks: Webhooks
    tokens: Tokens
    batches: Batches
    looker: Looker
    uploads: Uploads
    pims: Pims
    opt_outs: OptOuts
    entries: Callable[[int, int], Sequence[Entry]]  # of the audit, after a number, so many
    health: Callable[[], Mapping[str, str]]  # what is wrong, by what; empty when all is well
