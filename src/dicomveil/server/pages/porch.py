"""What the pages need beside the interface's office."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from anyio import CapacityLimiter
from fastapi import Request

from dicomveil.jobs.passwords import Passwords
from dicomveil.jobs.pulses import Pulses
from dicomveil.jobs.sessions import Sessions
from dicomveil.server.office import Office


@dataclass(frozen=True, slots=True)
class Porch:
    """The rooms of people who come with a browser."""

    passwords: Passwords
    sessions: Sessions
    pulses: Pulses
    keys: Callable[[], Sequence[str]]  # the fingerprints of the keys that lie here
    cautions: Callable[[], Mapping[str, str]]  # what about the set-up is risky, by what
    # A password costs 64 MB and a tenth of a second: two are looked at at once, beside other work.
    turns: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(2))


def porch_of(request: Request) -> Porch:
    """The rooms of the pages."""
    porch = request.app.state.porch
    assert isinstance(porch, Porch)  # build() put it there
    return porch


def office_of(request: Request) -> Office:
    """The rooms behind the interface."""
    office = request.app.state.office
    assert isinstance(office, Office)  # build() put it there
    return office
