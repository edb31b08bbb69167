"""The wiring of a server's window: a House becomes an application that answers calls.

Apart from serving.py, so that administration and workers import no HTTP.
"""

import shutil
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from starlette.types import ASGIApp

from dicomveil.errors import DicomveilError
from dicomveil.jobs.audit import Audit, Entry
from dicomveil.jobs.dispatcher import Dispatcher
from dicomveil.jobs.looking import Looker
from dicomveil.jobs.model import Standing
from dicomveil.jobs.passwords import Passwords
from dicomveil.jobs.pulses import Pulses
from dicomveil.jobs.sessions import Sessions
from dicomveil.server.app import Parts, build
from dicomveil.server.callers import Callers, Identity, Window
from dicomveil.server.desk import Desk
from dicomveil.server.identity import TokenIdentity
from dicomveil.server.logs import Log
from dicomveil.server.metering import Meters
from dicomveil.server.office import Office
from dicomveil.server.pages.porch import Porch
from dicomveil.server.protocol import Protocol
from dicomveil.server.serving import Address, Proxy, check, listen, serve
from dicomveil.server.streams import Streams
from dicomveil.server.throttle import Throttle
from dicomveil.serving import House, open_house
from dicomveil.settings import Settings


@dataclass(frozen=True, slots=True)
class Opened:
    """An application, and the streams of events that end when it stops."""

    app: ASGIApp
    streams: Streams


def run(settings: Settings, proxy: Proxy, say: Callable[[str], None]) -> None:
    """Be a server until it is told to stop; CannotStart, KeyRefused, LedgerUnusable before that."""
    address = Address(
        settings.host, settings.port, settings.certificate, settings.certificate_key, proxy
    )
    house = open_house(settings)
    check(address, len(house.registry.users()))
    opened = listen(address)
    log = Log()
    log.take_over()
    dispatcher = house.dispatcher()
    identity = TokenIdentity(house.tokens, house.registry)
    window = open_window(house, identity, dispatcher, log)
    courier, errand = house.courier(), house.digest()
    dispatcher.start()
    courier.start(errand)
    try:
        serve(window.app, address, opened, window.streams, lambda: say(_greeting(address, opened)))
    finally:
        courier.stop()
        dispatcher.stop()
        house.close()


def _greeting(address: Address, opened: socket.socket) -> str:
    return f"dicomveil serves at {replace(address, port=opened.getsockname()[1]).url}"


def open_window(house: House, identity: Identity, dispatcher: Dispatcher, log: Log) -> Opened:
    """The application of a server."""
    desk = Desk(house.ledger, house.listing, house.intake, house.registry, dispatcher)
    callers = Callers(identity, Throttle())
    meters = Meters(house.ledger.states)
    streams = Streams()
    audit = Audit(house.vault)

    def entries(after: int, count: int) -> list[Entry]:
        with house.database.read() as tx:
            return audit.entries(tx, after, count)

    office = Office(
        desk=desk,
        callers=callers,
        meters=meters,
        streams=streams,
        registry=house.registry,
        profiles=house.profiles,
        webhooks=house.webhooks,
        tokens=house.tokens,
        batches=house.batches,
        looker=Looker(house.database, house.vault, house.settings.places),
        uploads=house.uploads,
        pims=house.pims,
        opt_outs=house.opt_outs,
        entries=entries,
        health=lambda: troubles_of(house),
    )
    windows = windows_of(dict(house.settings.prefixes))
    parts = Parts(office, porch_of(house), Protocol(desk, callers, windows), log, meters)
    return Opened(build(parts), streams)


def porch_of(house: House) -> Porch:
    """What the pages need of a server."""
    database, vault = house.database, house.vault
    lease = timedelta(seconds=house.settings.lease_seconds)
    return Porch(
        passwords=Passwords(database, vault),
        sessions=Sessions(database, vault),
        pulses=Pulses(database, vault, lease),
        keys=house.keyring.fingerprints,
        cautions=lambda: cautions_of(house),
    )


def cautions_of(house: House) -> dict[str, str]:
    """What about the server's set-up works, and is risky."""
    settings, found = house.settings, dict[str, str]()
    if not settings.certificate and not Address(settings.host).is_near:
        found["encryption"] = "this server has no certificate; a proxy must speak TLS before it"
    free = shutil.disk_usage(settings.state)
    if free.free * 20 < free.total:
        found["disk"] = f"{free.free >> 30} GB are left where the ledger lies"
    return found


def windows_of(prefixes: Mapping[str, str]) -> dict[str, Window]:
    """What each prefix shows; the root shows everything unless the settings say otherwise."""
    windows = {"": Window()}
    for prefix, projects in prefixes.items():
        named = frozenset(filter(None, map(str.strip, projects.split(","))))
        windows[f"/{prefix.strip('/')}".rstrip("/")] = Window(named or None)
    return windows


def troubles_of(house: House) -> dict[str, str]:
    """What keeps jobs from being carried out, by what it concerns."""
    try:
        projects = house.registry.projects()
    except Exception as error:  # noqa: BLE001 - whatever keeps the database from answering
        return {"ledger": f"it does not answer ({type(error).__name__})"}
    troubles: dict[str, str] = {}
    for project in projects:
        if project.standing is not Standing.ACTIVE:
            continue
        try:
            house.keyring.key(project.recipe.key)
        except DicomveilError as error:
            troubles[f"project {project.name}"] = str(error)
    return troubles
