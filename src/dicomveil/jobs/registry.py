"""Who may ask and how projects de-identify: users, projects and their recipes, memberships.

A public method is one transaction, and says in the audit who did it. Raises NoSuch for what is not
there, and Unfit for a name that is taken or not accepted.
"""

import re
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from dicomveil.job_errors import NoSuch, Unfit
from dicomveil.jobs import clock, recipes
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Row, Transaction
from dicomveil.jobs.model import Project, Recipe, Role, Standing, User
from dicomveil.jobs.schema import MEMBERS, PROJECTS, RECIPES, USERS
from dicomveil.jobs.vault import Vault

_NAME: Final = re.compile(r"[\w][\w.@+-]{0,63}", re.ASCII)
_U, _P, _R, _M = USERS.c, PROJECTS.c, RECIPES.c, MEMBERS.c

_USERS: Final = select(_U.id, _U.name, _U.role, _U.standing).order_by(_U.id)
_USER_NAMED: Final = _USERS.where(_U.name == bindparam("named"))
_USER: Final = _USERS.where(_U.id == bindparam("number"))
_ADD_USER: Final = insert(USERS).returning(_U.id, _U.name, _U.role, _U.standing)
_CHANGE_USER: Final = (
    update(USERS)
    .where(_U.id == bindparam("number"))
    .values(role=bindparam("as_role"), standing=bindparam("to"))
)
_PROJECTS: Final = (
    select(_P.id, _P.name, _P.version, _R.recipe, _P.standing)
    .join(RECIPES, (_R.project_id == _P.id) & (_R.version == _P.version))
    .order_by(_P.id)
)
_PROJECT_NAMED: Final = _PROJECTS.where(_P.name == bindparam("named"))
_PROJECT: Final = _PROJECTS.where(_P.id == bindparam("number"))
_ADD_PROJECT: Final = insert(PROJECTS).returning(_P.id)
_CHANGE_PROJECT: Final = (
    update(PROJECTS)
    .where(_P.id == bindparam("number"))
    .values(version=bindparam("newest"), standing=bindparam("to"))
)
_ADD_RECIPE: Final = insert(RECIPES)
_RECIPE: Final = select(_R.recipe).where(
    _R.project_id == bindparam("number"), _R.version == bindparam("which")
)
_ADD_MEMBER: Final = insert(MEMBERS)
_REMOVE_MEMBER: Final = delete(MEMBERS).where(
    _M.user_id == bindparam("user"), _M.project_id == bindparam("project")
)
_MEMBER: Final = select(_M.user_id).where(
    _M.user_id == bindparam("user"), _M.project_id == bindparam("project")
)
_PROJECTS_OF: Final = select(_M.project_id).where(_M.user_id == bindparam("user"))
_NAMES_OF: Final = (
    select(_P.name).join(MEMBERS, _M.project_id == _P.id).where(_M.user_id == bindparam("user"))
)
_MEMBERS_OF: Final = _USERS.join(MEMBERS, _M.user_id == _U.id).where(
    _M.project_id == bindparam("project")
)


class Registry:
    """Users, projects, and who belongs where."""

    def __init__(self, database: Database, vault: Vault, now: Now = clock.now) -> None:
        """Keep them in `database`."""
        self._database = database
        self._now = now
        self._audit = Audit(vault, now)

    # -- users -----------------------------------------------------------------------------------

    def add_user(self, name: str, role: Role, by: str) -> User:
        """The new user."""
        _check_name("user", name)
        with self._database.write(Durability.PROMISED) as tx:
            try:
                (row,) = tx.rows(
                    _ADD_USER, name=name, role=role.value, standing="active", created=self._time()
                )
            except self._database.taken as error:
                raise Unfit("user", "the name is taken") from error
            self._audit.add(tx, by, "user added", f"user {name}", {"role": role.value})
        return _user(row)

    def change_user(self, name: str, role: Role, standing: Standing, by: str) -> User:
        """The user with another role or standing."""
        with self._database.write(Durability.PROMISED) as tx:
            user = self._user(tx, name)
            tx.run(_CHANGE_USER, number=user.id, as_role=role.value, to=standing.value)
            facts = {"role": role.value, "standing": standing.value}
            self._audit.add(tx, by, "user changed", f"user {name}", facts)
            return self._user(tx, name)

    def user(self, name: str) -> User:
        """The user of this name."""
        with self._database.read() as tx:
            return self._user(tx, name)

    def users(self) -> list[User]:
        """Every user."""
        with self._database.read() as tx:
            return [_user(row) for row in tx.rows(_USERS)]

    # -- projects --------------------------------------------------------------------------------

    def add_project(self, name: str, recipe: Recipe, by: str) -> Project:
        """The new project, with the first version of its recipe."""
        _check_name("project", name)
        now = self._time()
        with self._database.write(Durability.PROMISED) as tx:
            try:
                number = tx.value(
                    _ADD_PROJECT, name=name, version=1, standing="active", created=now
                )
            except self._database.taken as error:
                raise Unfit("project", "the name is taken") from error
            self._add_recipe(tx, number, 1, recipe, by)
            self._audit.add(tx, by, "project added", f"project {name}", recipes.members(recipe))
            return self._project(tx, name)

    def change_project(
        self, name: str, recipe: Recipe, by: str, standing: Standing = Standing.ACTIVE
    ) -> Project:
        """The project with a new version of its recipe; jobs that began keep theirs."""
        with self._database.write(Durability.PROMISED) as tx:
            project = self._project(tx, name)
            version = project.version
            if recipe != project.recipe:
                version += 1
                self._add_recipe(tx, project.id, version, recipe, by)
            tx.run(_CHANGE_PROJECT, number=project.id, newest=version, to=standing.value)
            facts = recipes.members(recipe) | {"standing": standing.value}
            self._audit.add(tx, by, "project changed", f"project {name}", facts)
            return self._project(tx, name)

    def project(self, name: str) -> Project:
        """The project of this name, with its newest recipe."""
        with self._database.read() as tx:
            return self._project(tx, name)

    def project_numbered(self, number: int) -> Project:
        """The project of this number, with its newest recipe."""
        with self._database.read() as tx:
            row = tx.row(_PROJECT, number=number)
        if row is None:
            raise NoSuch(f"there is no project {number}")
        return _project(row)

    def projects(self) -> list[Project]:
        """Every project."""
        with self._database.read() as tx:
            return [_project(row) for row in tx.rows(_PROJECTS)]

    def recipe(self, project: int, version: int) -> Recipe:
        """One version of a project's recipe."""
        with self._database.read() as tx:
            text = tx.value(_RECIPE, number=project, which=version)
        if text is None:
            raise NoSuch(f"project {project} has no version {version}")
        return recipes.read(text)

    # -- memberships -----------------------------------------------------------------------------

    def join(self, user: str, project: str, by: str) -> None:
        """Let the user work in the project; nothing for one who does."""
        with self._database.write(Durability.PROMISED) as tx:
            ids = {"user": self._user(tx, user).id, "project": self._project(tx, project).id}
            if tx.row(_MEMBER, **ids) is None:
                tx.run(_ADD_MEMBER, user_id=ids["user"], project_id=ids["project"])
                self._audit.add(tx, by, "user joined", f"project {project}", {"user": user})

    def leave(self, user: str, project: str, by: str) -> None:
        """Let the user no longer work in the project."""
        with self._database.write(Durability.PROMISED) as tx:
            ids = {"user": self._user(tx, user).id, "project": self._project(tx, project).id}
            if tx.run(_REMOVE_MEMBER, **ids):
                self._audit.add(tx, by, "user left", f"project {project}", {"user": user})

    def projects_of(self, user: User) -> frozenset[int]:
        """The numbers of the projects that the user belongs to."""
        with self._database.read() as tx:
            return frozenset(row[0] for row in tx.rows(_PROJECTS_OF, user=user.id))

    def names_of(self, user: User) -> frozenset[str]:
        """The names of the same; no recipe is read."""
        with self._database.read() as tx:
            return frozenset(row[0] for row in tx.rows(_NAMES_OF, user=user.id))

    def members_of(self, project: Project) -> list[User]:
        """The users who belong to the project."""
        with self._database.read() as tx:
            return [_user(row) for row in tx.rows(_MEMBERS_OF, project=project.id)]

    # -- within a transaction --------------------------------------------------------------------

    def _add_recipe(
        self, tx: Transaction, project: int, version: int, recipe: Recipe, by: str
    ) -> None:
        tx.run(
            _ADD_RECIPE,
            project_id=project,
            version=version,
            recipe=recipes.written(recipe),
            created=self._time(),
            created_by=by,
        )

    def _user(self, tx: Transaction, name: str) -> User:
        row = tx.row(_USER_NAMED, named=name)
        if row is None:
            raise NoSuch("there is no user of that name")
        return _user(row)

    def _project(self, tx: Transaction, name: str) -> Project:
        row = tx.row(_PROJECT_NAMED, named=name)
        if row is None:
            raise NoSuch("there is no project of that name")
        return _project(row)

    def _time(self) -> int:
        return stored(self._now())


def _check_name(field: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Unfit(field, "a name has letters, digits and . _ @ + - and at most 64 of them")


def _user(row: Row) -> User:
    number, name, role, standing = row
    return User(number, name, Role(role), Standing(standing))


def _project(row: Row) -> Project:
    number, name, version, recipe, standing = row
    return Project(number, name, version, recipes.read(recipe), Standing(standing))
