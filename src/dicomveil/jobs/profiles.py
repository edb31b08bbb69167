"""Profiles in the ledger: recipes by name and version. A version's text never changes.

A project names a preset (`basic`), a profile of the ledger (`study` for its newest version, or
`study@2`), or the path of a recipe on the server. A job keeps the very text that its first attempt
began with, wherever that came from.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import bindparam, func, insert, select

from dicomveil.errors import ProfileError
from dicomveil.job_errors import NoSuch
from dicomveil.jobs import clock
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Row, Transaction
from dicomveil.jobs.schema import PROFILES
from dicomveil.jobs.vault import Vault
from dicomveil.policy.finding import ENDINGS
from dicomveil.policy.profile import PRESETS, Profile, load_profile
from dicomveil.policy.recipe.files import Texts

_C: Final = PROFILES.c
_COLUMNS: Final = (_C.name, _C.version, _C.text, _C.digest, _C.created, _C.created_by)
_NEWEST_OF: Final = select(_C.name, func.max(_C.version).label("newest")).group_by(_C.name)
_LATEST: Final = _NEWEST_OF.subquery()
_NEWEST: Final = (
    select(*_COLUMNS)
    .join(_LATEST, (_LATEST.c.name == _C.name) & (_LATEST.c.newest == _C.version))
    .order_by(_C.name)
)
_VERSIONS: Final = (
    select(*_COLUMNS).where(_C.name == bindparam("named")).order_by(_C.version.desc())
)
_ADD: Final = insert(PROFILES)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a profile."""

    name: str
    number: int
    text: str = field(repr=False)
    digest: str  # SHA-256 of the text
    created: datetime
    created_by: str

    @property
    def called(self) -> str:
        """What names this very version."""
        return f"{self.name}@{self.number}"


class Frozen(NamedTuple):
    """A profile as a job keeps it: its name, and the recipe's texts; none for a preset."""

    name: str
    recipe: Texts = ()


class Profiles:
    """The profiles of one ledger. A public method is one transaction."""

    def __init__(self, database: Database, vault: Vault, now: Now = clock.now) -> None:
        """Keep them in `database`."""
        self._database = database
        self._now = now
        self._audit = Audit(vault, now)

    def add(self, text: str, by: str) -> Version:
        """The version that this text is: a new one, or the newest where it says the very same.

        The recipe's own `name:` is the profile's. Raises BadRecipe and ProfileError for a text
        that is no recipe, or that reads other files: it must stand alone.
        """
        name = name_of(text)
        digest = sha256(text.encode()).hexdigest()
        with self._database.write(Durability.PROMISED) as tx:
            known = _versions(tx, name)
            if known and known[0].digest == digest:
                return known[0]
            number = known[0].number + 1 if known else 1
            tx.run(
                _ADD,
                name=name,
                version=number,
                text=text,
                digest=digest,
                created=stored(self._now()),
                created_by=by,
            )
            facts = {"version": number, "digest": digest}
            self._audit.add(tx, by, "profile added", f"profile {name}", facts)
            return _versions(tx, name)[0]

    def newest(self) -> list[Version]:
        """The newest version of each profile."""
        with self._database.read() as tx:
            return [_version(row) for row in tx.rows(_NEWEST)]

    def versions(self, name: str) -> list[Version]:
        """Every version of a profile, newest first; NoSuch where there is none."""
        with self._database.read() as tx:
            found = _versions(tx, name)
        if not found:
            raise NoSuch("there is no profile of that name")
        return found

    def version(self, name: str, number: int | None = None) -> Version:
        """One version of a profile, by default its newest; NoSuch where there is none."""
        versions = self.versions(name)
        if number is None:
            return versions[0]
        for one in versions:
            if one.number == number:
                return one
        raise NoSuch(f"the profile has no version {number}")

    def frozen(self, called: str) -> Frozen:
        """The profile that a project calls so, as it is now.

        Raises ProfileError for one that is not there, and BadRecipe for a file with faults.
        """
        if called in PRESETS:
            return Frozen(called)
        if called.endswith(ENDINGS):
            from dicomveil.policy.recipe.kept import keep_recipe

            return Frozen(called, keep_recipe(Path(called)))
        name, at, number = called.partition("@")
        if at and not (number.isascii() and number.isdigit()):
            raise ProfileError("a profile is called NAME, or NAME@2 for its second version")
        try:
            found = self.version(name, int(number) if at else None)
        except NoSuch as error:
            accepted = ", ".join(sorted(PRESETS))
            text = f"{error}: the ledger has none of that name and version"
            raise ProfileError(f"{text}, and the presets are {accepted}") from None
        return Frozen(found.called, _texts(name, found.text))

    def profile(self, called: str) -> Profile:
        """The profile that a project calls so, ready for use; raises as `frozen` does."""
        return profile_of(self.frozen(called))


def profile_of(frozen: Frozen) -> Profile:
    """The profile as a job keeps it, ready for use; ProfileError and BadRecipe where it is none."""
    if not frozen.recipe:
        return load_profile(frozen.name)
    from dicomveil.policy.recipe.kept import profile_of_texts

    return profile_of_texts(frozen.recipe)


def name_of(text: str) -> str:
    """The name that a recipe gives itself; BadRecipe and ProfileError for a text that is none."""
    from dicomveil.policy.recipe.kept import profile_of_texts

    return profile_of_texts(_texts("recipe", text)).name


def difference(old: Version, new: Version) -> Iterator[str]:
    """The lines that differ between two versions, as `diff -u` shows them."""
    return lines_between((old.called, old.text), (new.called, new.text))


def lines_between(old: tuple[str, str], new: tuple[str, str]) -> Iterator[str]:
    """The lines that differ between two texts, each with its name."""
    return difflib.unified_diff(
        old[1].splitlines(), new[1].splitlines(), old[0], new[0], lineterm=""
    )


def _texts(name: str, text: str) -> Texts:
    return ((f"{name}{ENDINGS[0]}", text),)


def _versions(tx: Transaction, name: str) -> list[Version]:
    return [_version(row) for row in tx.rows(_VERSIONS, named=name)]


def _version(row: Row) -> Version:
    name, number, text, digest, created, by = row
    return Version(name, number, text, digest, clock.read(created), by)
