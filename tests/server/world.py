"""A server for tests: a real ledger in a folder, its users and projects, and the application.

Nothing carries jobs out: tests say themselves what becomes of one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from starlette.testclient import TestClient

from dicomveil.jobs.audit import Audit, Entry
from dicomveil.jobs.batches import Batches
from dicomveil.jobs.database import Database
from dicomveil.jobs.intake import Intake
from dicomveil.jobs.keyring import Keyring
from dicomveil.jobs.ledger import Ledger, Word
from dicomveil.jobs.listing import Listing
from dicomveil.jobs.locating import Locations
from dicomveil.jobs.looking import Looker
from dicomveil.jobs.migrating import migrate
from dicomveil.jobs.model import Approval, Counts, Recipe, Role, User
from dicomveil.jobs.opt_outs import OptOuts
from dicomveil.jobs.passwords import Passwords
from dicomveil.jobs.pims import Identity, Pims
from dicomveil.jobs.profiles import Profiles
from dicomveil.jobs.pulses import Pulses
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.rights import EVERYWHERE, GRANTS
from dicomveil.jobs.sessions import Sessions
from dicomveil.jobs.states import Event
from dicomveil.jobs.tokens import Tokens
from dicomveil.jobs.uploads import Uploads
from dicomveil.jobs.vault import Vault
from dicomveil.jobs.webhooks import Webhooks
from dicomveil.mapping.shares import Shares, parse_share
from dicomveil.server.app import Parts, build
from dicomveil.server.bounds import Limits
from dicomveil.server.callers import Caller, Callers, MemoryIdentity, Window
from dicomveil.server.desk import Desk
from dicomveil.server.logs import Log
from dicomveil.server.metering import Meters
from dicomveil.server.office import Office
from dicomveil.server.pages.porch import Porch
from dicomveil.server.protocol import Protocol
from dicomveil.server.streams import Streams
from dicomveil.server.throttle import Throttle
from tests.server.spoken import Lines

SHARE = r"\\server\share"
FORM = "application/x-www-form-urlencoded"
# Who there is: a role, and the projects.
PEOPLE = {
    "admin": (Role.ADMINISTRATOR, ("first", "second", "held")),
    "manager": (Role.DATA_MANAGER, ("first", "held")),
    "z1": (Role.RESEARCHER, ("first", "held")),
    "z2": (Role.RESEARCHER, ("first",)),
    "outsider": (Role.DATA_MANAGER, ("second",)),
    "stranger": (Role.RESEARCHER, ("second",)),
    "auditor": (Role.AUDITOR, ("first", "second")),
}
ASKED = {
    "source_type": "PATH",
    "source_path": rf"folder:{SHARE}\data\a",
    "destination_type": "PATH",
    "destination_path": rf"{SHARE}\out",
    "project_name": "first",
    "anonymizedpatientid": "P1",
    "anonymizedpatientname": "P1",
    "description": "all of a",
}
SHARES = Shares((parse_share(SHARE, "/srv/share"),))
Windows = Mapping[str, Window]


@dataclass
class World:
    """The rooms of one server, and the ways to it."""

    ledger: Ledger
    registry: Registry
    client: TestClient
    log: Lines
    streams: Streams
    pims: Pims
    keyring: Keyring
    porch: Porch
    identity: dict[str, Caller] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)

    def call(
        self, method: str, function: str, who: str = "z1", /, **fields: Any
    ) -> tuple[int, Any]:
        """The status and the content that a call of the protocol is answered with."""
        pairs = [
            (name, str(one))
            for name, value in fields.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        answer = self.client.request(
            method,
            f"/{function}",
            content=urlencode([*pairs, ("user_name", who)]).encode(),
            headers={"Authorization": f"Token token-of-{who}", "Content-Type": FORM},
        )
        return answer.status_code, answer.json()

    def asked(self, who: str = "z1", /, **fields: Any) -> dict[str, Any]:
        """A job that was asked for, as the protocol gives it."""
        status, job = self.call("POST", "create_job", who, **{**ASKED, **fields})
        assert status == 200, job
        return dict(job)

    def api(self, method: str, path: str, who: str = "z1", /, **more: Any) -> Any:
        """The answer of the interface."""
        headers = {"Authorization": f"Token token-of-{who}", **more.pop("headers", {})}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    def pseudonym_key(self, name: str) -> None:
        """Make the pseudonym key that a project names, in which P1 is the patient 4711."""
        self.pims.add_key(name, "{keyed}", self.keyring.make(), "test")
        self.pims.put(name, {Identity("4711", "HOSP"): "P1"}, "test")

    def ended(self, number: int, event: Event, **told: Any) -> None:
        """Have the job claimed and end so."""
        (claim,) = self.ledger.claim("test")
        assert claim.job.id == number
        if event is Event.DELIVERED:
            self.ledger.record(claim, Word(event=Event.FETCHED))
            self.ledger.record(claim, Word(event=Event.VERIFIED))
            told.setdefault("counts", Counts(found=3, delivered=2, quarantined=1))
        self.ledger.record(claim, Word(event=event, **told))


def world(folder: Path, windows: Windows | None = None, limits: Limits | None = None) -> World:
    """A new server with the people above and their projects."""
    (folder / "ledger.sqlite").write_bytes(_peopled())
    database = Database(f"sqlite:///{folder / 'ledger.sqlite'}")
    vault = Vault(bytes(32))
    ledger, registry = Ledger(database, vault), Registry(database, vault)
    known = {f"token-of-{user.name}": _caller(user) for user in registry.users()}
    lines, troubles = Lines(), dict[str, str]()
    batches = Batches(database)
    intake = Intake(ledger, registry, Locations(SHARES, Path("places.toml")), batches)
    desk = Desk(ledger, Listing(database, vault), intake, registry)
    callers = Callers(MemoryIdentity(known), Throttle())
    meters = Meters(ledger.states)
    streams = Streams()
    keyring = Keyring(folder / "keys")
    pims = Pims(database, vault, keyring)
    office = Office(
        desk=desk,
        callers=callers,
        meters=meters,
        streams=streams,
        registry=registry,
        profiles=Profiles(database, vault),
        webhooks=Webhooks(database, vault),
        tokens=Tokens(database, vault),
        batches=batches,
        looker=Looker(database, vault, folder / "places.toml"),
        uploads=Uploads(database, vault),
        pims=pims,
        opt_outs=OptOuts(database, vault),
        entries=_entries(database, vault),
        health=lambda: troubles,
    )
    porch = _porch(database, vault)
    protocol = Protocol(desk, callers, windows or {"": Window()})
    app = build(Parts(office, porch, protocol, Log(lines), meters, limits or Limits()))
    client = TestClient(app, "http://127.0.0.1", client=("127.0.0.1", 5000))
    return World(ledger, registry, client, lines, streams, pims, keyring, porch, known, troubles)


def _entries(database: Database, vault: Vault) -> Callable[[int, int], list[Entry]]:
    audit = Audit(vault)

    def entries(after: int, count: int) -> list[Entry]:
        with database.read() as tx:
            return audit.entries(tx, after, count)

    return entries


def _porch(database: Database, vault: Vault) -> Porch:
    return Porch(
        Passwords(database, vault),
        Sessions(database, vault),
        Pulses(database, vault),
        keys=lambda: ["0123456789abcdef"],
        cautions=dict,
    )


@cache
def _peopled() -> bytes:
    """A ledger with the people above and their projects, made once: the tests are hundreds."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        database = Database(f"sqlite:///{path}")
        migrate(database)
        registry = Registry(database, Vault(bytes(32)))
        open_to = Recipe(key="0", sources=(rf"{SHARE}\data",), destinations=(rf"{SHARE}\out",))
        held = replace(open_to, approval=Approval.SECOND_PERSON, pims_keys=("4567",))
        second = replace(open_to, pims_keys=("8901",))
        for name, recipe in (("first", open_to), ("second", second), ("held", held)):
            registry.add_project(name, recipe, "test")
        for name, (role, projects) in PEOPLE.items():
            registry.add_user(name, role, "test")
            for project in projects:
                registry.join(name, project, "test")
        database.close()
        return path.read_bytes()


def _caller(user: User) -> Caller:
    role, projects = PEOPLE[user.name]
    return Caller(user, GRANTS[role], None if role in EVERYWHERE else frozenset(projects))
