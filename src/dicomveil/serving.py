"""The wiring of a server: Settings become its ledger, keys, places and dispatcher.

Apart from wiring.py, so that de-identifying a folder imports no database.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dicomveil.engine.cleaner import Options
from dicomveil.engine.gate import PixelTrust
from dicomveil.errors import NotUnc, ProfileError, Unusable
from dicomveil.job_errors import Unfit
from dicomveil.jobs import alone, clock
from dicomveil.jobs.attempt import Bench
from dicomveil.jobs.backups import back_up, move, restore
from dicomveil.jobs.batches import Batches
from dicomveil.jobs.courier import Courier
from dicomveil.jobs.database import Database
from dicomveil.jobs.digest import Digest
from dicomveil.jobs.dispatcher import Crew, Dispatcher
from dicomveil.jobs.frozen import FrozenPlan
from dicomveil.jobs.heads import FILE as HEADS
from dicomveil.jobs.heads import Heads
from dicomveil.jobs.intake import Intake
from dicomveil.jobs.keyring import Keyring
from dicomveil.jobs.ledger import Ledger
from dicomveil.jobs.listing import Listing
from dicomveil.jobs.locating import Locations
from dicomveil.jobs.mailing import Mail, security_of
from dicomveil.jobs.master import Master, master_of
from dicomveil.jobs.migrating import check_version, migrate
from dicomveil.jobs.model import Pixels
from dicomveil.jobs.onward import Onward
from dicomveil.jobs.opt_outs import OptOuts
from dicomveil.jobs.pims import Pims
from dicomveil.jobs.planning import Planner
from dicomveil.jobs.pool import usable_cores
from dicomveil.jobs.posting import Post, networks_of
from dicomveil.jobs.profiles import Frozen, Profiles, profile_of
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.rotating import say_sealed, seal_anew, sealed_under
from dicomveil.jobs.seams import Workshop
from dicomveil.jobs.spools import Spools
from dicomveil.jobs.states import State
from dicomveil.jobs.steps import discard
from dicomveil.jobs.tokens import Tokens
from dicomveil.jobs.uploads import Uploads
from dicomveil.jobs.vault import Vault
from dicomveil.jobs.webhooks import Webhooks
from dicomveil.mapping.shares import Shares, parse_share
from dicomveil.policy.finding import find_profile
from dicomveil.settings import Settings
from dicomveil.wiring import EngineWorkshop


@dataclass(frozen=True, slots=True)
class House:
    """Everything of one server but its window."""

    settings: Settings
    database: Database
    vault: Vault
    keyring: Keyring
    ledger: Ledger
    listing: Listing
    batches: Batches
    uploads: Uploads
    registry: Registry
    profiles: Profiles
    webhooks: Webhooks
    tokens: Tokens
    pims: Pims
    opt_outs: OptOuts
    heads: Heads
    locations: Locations
    intake: Intake

    @property
    def private(self) -> Path:
        """Where the private sides of jobs are."""
        return self.settings.state.absolute() / "jobs"

    def dispatcher(self) -> Dispatcher:
        """What carries out the ledger's jobs on this machine."""
        workers = self.settings.workers or usable_cores()
        lease = timedelta(seconds=self.settings.lease_seconds)
        crew = Crew(alone.name(self.settings.state), workers, lease)
        chores = (self.tidy, self.heads.keep, self.purge, self.webhooks.purge)
        return Dispatcher(self.bench(), crew, hold=self._taken_over, chores=chores)

    @property
    def spools(self) -> Spools:
        """Where originals are that are fetched for attempts."""
        return Spools(self.settings.spool_folder, self.settings.places)

    def _taken_over(self) -> int:
        """The lock of `hold`, and no spool left of a server that was killed."""
        lock = self.hold()
        try:
            self.spools.begin(shares_of(self.settings))
        except BaseException:
            os.close(lock)
            raise
        return lock

    def bench(self) -> Bench:
        """What attempts at jobs work with."""
        return Bench(
            ledger=self.ledger,
            registry=self.registry,
            keyring=self.keyring,
            locations=self.locations,
            planner=Planner(self.locations, self.pims, self.opt_outs, self.profiles),
            spools=self.spools,
            onward=Onward(self.settings.places),
            make=workshop_of,
            private=self.private,
            now=clock.now,
        )

    def courier(self) -> Courier:
        """What tells webhooks how jobs ended; Unusable for networks that are none."""
        networks = networks_of(self.settings.webhook_networks)
        post = Post(networks, self.settings.webhook_authorities)
        return Courier(self.webhooks, self.ledger, post, clock.now)

    def digest(self) -> Callable[[], object]:
        """What mails which jobs ended, when it is time; nothing where no mail is configured."""
        mail = mail_of(self.settings)
        if mail is None:
            return bool
        every = timedelta(hours=self.settings.mail_every_hours)
        return Digest(self.database, mail, every, clock.now).step

    def purge(self) -> None:
        """Forget what identifies patients in jobs that are older than their project keeps it."""
        projects = self.registry.projects()
        shortest = min((project.recipe.retention_days for project in projects), default=90)
        self.uploads.purge(clock.now() - timedelta(days=shortest))
        for project in projects:
            kept = timedelta(days=project.recipe.retention_days)
            self.ledger.purge(project.id, clock.now() - kept)
        numbers = [int(path.name) for path in self.private.glob("[0-9]*")]
        for job in self.ledger.jobs(numbers):
            if job.ended and not job.source:  # purged, by this server or another one
                shutil.rmtree(self.private / str(job.id), ignore_errors=True)

    def tidy(self) -> None:
        """Remove what is left of jobs that ended without output while nobody could tidy."""
        numbers = [int(path.name) for path in self.private.glob("[0-9]*")]
        for job in self.ledger.jobs(numbers):
            if job.state in (State.CANCELLED, State.FAILED):
                recipe = self.registry.project_numbered(job.project_id).recipe
                with suppress(Unfit, OSError):
                    where = self.locations.where(job, recipe.destinations)
                    discard(where, os.fsencode(self.private / str(job.id)))

    def hold(self) -> int:
        """The lock of the server's folder, held until it is closed: a dispatcher has it.

        CannotStart while another server has it.
        """
        return alone.hold(self.settings.state)

    def rotate(self, by: str) -> None:
        """Seal the identifying columns under a new key; CannotStart while a server is at work."""
        lock = self.hold()
        try:
            seal_anew(self.database, self.vault, self.keyring.make_next_vault(), by)
            self.keyring.settle_vault()
        finally:
            os.close(lock)

    def back_up(self, file: Path, by: str) -> None:
        """Write the ledger as it is now into a new file; Unusable where something is there."""
        self.heads.note(by, "ledger backed up", "ledger")
        back_up(self.database, file)

    def wrap_keys(self, master: Master | None, by: str) -> int:
        """Wrap every key by another master key: how many were. CannotStart while a server works."""
        lock = self.hold()
        try:
            count = self.keyring.wrap_anew(master)
        finally:
            os.close(lock)
        name = master.fingerprint if master else "none"
        self.heads.note(by, "keys wrapped anew", f"master {name}")
        return count

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def open_house(settings: Settings) -> House:
    """The server as it was made; LedgerUnusable and KeyRefused when it was not, or not whole."""
    database = Database(settings.database_url)
    check_version(database)
    keyring = keyring_of(settings)
    return _furnished(settings, database, keyring, keyring.vault(sealed_under(database)))


def make_house(settings: Settings) -> House:
    """A new server: its folder, its database, the key of its sealed columns.

    Raises KeyRefused where there is one already.
    """
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.state.chmod(0o700)
    keyring = keyring_of(settings)
    vault = keyring.make_vault()
    mask = os.umask(0o077)
    try:
        database = Database(settings.database_url)
        migrate(database)
        say_sealed(database, vault)
    finally:
        os.umask(mask)
    return _furnished(settings, database, keyring, vault)


def restore_house(settings: Settings, file: Path, by: str) -> int:
    """Make the server's ledger from a backup; the number of the audit's last entry.

    Raises CannotStart while a server is at work, and as `backups.restore` does.
    """
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(settings), closing(Database(settings.database_url)) as ledger:
        head = restore(file, ledger, keyring_of(settings))
    _note(settings, by, "ledger restored")
    return head.number


def move_house(old: Settings, new: Settings, by: str) -> int:
    """Copy the ledger to the database of other settings; the number of the audit's last entry.

    Raises CannotStart while the old server is at work, and as `backups.move` does.
    """
    with (
        _alone(old),
        closing(Database(old.database_url)) as source,
        closing(Database(new.database_url)) as target,
    ):
        check_version(source)
        head = move(source, target, keyring_of(new))
    _note(new, by, "ledger moved here")
    return head.number


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """While nobody else is at work with the server's folder; what is made is its owner's alone."""
    lock = alone.hold(settings.state)
    mask = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(mask)
        os.close(lock)


def _note(settings: Settings, by: str, what: str) -> None:
    with closing(open_house(settings)) as house:
        house.heads.note(by, what, "ledger")


def workshop_of(plan: FrozenPlan, key: bytes) -> Workshop:
    """What cleans by a job's plan, by the recipe as it was when the plan was made.

    Raises ProfileError when another version of dicomveil began the job, by other rules.
    """
    frozen = Frozen(plan.profile, plan.recipe)
    profile = profile_of(frozen) if plan.digest else find_profile(plan.profile)
    if plan.digest and profile.digest != plan.digest:
        raise ProfileError(
            "its profile means something else in this version of dicomveil than in the one that "
            "began the job: reset it, to have all of it done by this one"
        )
    accepted = plan.pixels is Pixels.ACCEPTED
    pixels = PixelTrust.ACCEPTED if accepted else PixelTrust.UNPROVEN
    options = Options(pixels=pixels, given=plan.given)
    return EngineWorkshop(profile, profile.digest, options, key)


def keyring_of(settings: Settings) -> Keyring:
    """The keys of a server; KeyRefused for a master key that is named in no known way."""
    return Keyring(settings.key_folder, master_of(settings.master_key, os.environ))


def mail_of(settings: Settings) -> Mail | None:
    """How mail is sent, None where it is not; Unusable for settings that do not fit together."""
    if not settings.mail_host:
        return None
    return Mail(
        host=settings.mail_host,
        port=settings.mail_port,
        security=security_of(settings.mail_security),
        sender=settings.mail_from,
        to=tuple(one.strip() for one in settings.mail_to.split(",") if one.strip()),
        user=settings.mail_user,
        password_file=settings.mail_password_file,
        authorities=settings.mail_authorities,
    )


def shares_of(settings: Settings) -> Shares:
    """The translation table; Unusable for a line that is none."""
    try:
        return Shares(tuple(parse_share(unc, local) for unc, local in settings.shares))
    except NotUnc as error:
        raise Unusable(f"a line of [shares] cannot be used: {error.problem}") from None


def _furnished(settings: Settings, database: Database, keyring: Keyring, vault: Vault) -> House:
    locations = Locations(shares_of(settings), settings.places)
    ledger, registry = Ledger(database, vault), Registry(database, vault)
    batches = Batches(database)
    return House(
        settings=settings,
        database=database,
        vault=vault,
        keyring=keyring,
        ledger=ledger,
        listing=Listing(database, vault),
        batches=batches,
        uploads=Uploads(database, vault),
        registry=registry,
        profiles=Profiles(database, vault),
        webhooks=Webhooks(database, vault),
        tokens=Tokens(database, vault),
        pims=Pims(database, vault, keyring),
        opt_outs=OptOuts(database, vault),
        heads=Heads(database, vault, settings.state / HEADS),
        locations=locations,
        intake=Intake(ledger, registry, locations, batches),
    )
