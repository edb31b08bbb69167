"""Profiles and projects for everybody who belongs there; users, keys and the rest to administer."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from dicomveil.jobs.model import Project
from dicomveil.policy.conformance import statement
from dicomveil.policy.options import Option
from dicomveil.policy.standard import confidentiality_table, listed_rows
from dicomveil.server.pages.drawing import drawn
from dicomveil.server.pages.porch import office_of, porch_of
from dicomveil.server.pages.routes import pages
from dicomveil.server.pages.visiting import PAGES, AVisitor, Visitor
from dicomveil.server.refusals import RequestRefused, Status

router = pages()
Rows = Sequence[Sequence[Any]]
_LONG = 200


@router.get(f"{PAGES}/profiles")
def profiles(request: Request, visitor: AVisitor) -> Response:
    """The profiles that the visitor's projects use."""
    kept = office_of(request).profiles
    rows = []
    for name, projects in _used(request, visitor).items():
        found = kept.profile(name)
        rows.append((name, found.method, len(found.codes), ", ".join(projects)))
    columns = ("profile", "method", "options claimed", "projects")
    return _listed(visitor, "Profiles", columns, rows, links="profiles")


@router.get(f"{PAGES}/profiles/{{name}}")
def profile(
    request: Request, visitor: AVisitor, name: Annotated[str, Path(max_length=64)]
) -> Response:
    """What the profile does to each element, what it claims, and what it does not do."""
    if name not in _used(request, visitor):
        raise RequestRefused(
            {"profile": "There is no such profile, or none for you"}, Status.ABSENT
        )
    found = office_of(request).profiles.profile(name)
    names = {row.selector.text: row.name for row in listed_rows(confidentiality_table())}
    rules = [(one.selector.text, one.action, one.origin) for one in found.rules]
    content = {
        "profile": found,
        "options": [(one.label, one.clause, one in found.options) for one in Option],
        "rules": [(tag, names.get(tag, ""), action, why) for tag, action, why in rules],
        "statement": "\n".join(statement(found)),
    }
    return drawn("profile.html", visitor, content)


@router.get(f"{PAGES}/projects")
def projects(request: Request, visitor: AVisitor) -> Response:
    """The visitor's projects: how they de-identify, and where they read and write."""
    rows = [
        (
            one.name,
            one.standing,
            f"{one.recipe.profile}, version {one.version}",
            "; ".join(one.recipe.sources),
            "; ".join(one.recipe.destinations),
            one.recipe.approval,
            f"{one.recipe.retention_days} days",
        )
        for one in _mine(request, visitor)
    ]
    columns = ("project", "standing", "profile", "reads", "writes", "approval", "kept")
    return _listed(visitor, "Projects", columns, rows)


@router.get(f"{PAGES}/users")
def users(request: Request, visitor: AVisitor) -> Response:
    """Who may ask, and where."""
    registry = office_of(request).registry
    rows = [
        (one.name, one.role, one.standing, ", ".join(sorted(registry.names_of(one))))
        for one in registry.users()
    ]
    return _listed(visitor, "Users", ("user", "role", "standing", "projects"), rows)


@router.get(f"{PAGES}/keys")
def keys(request: Request, visitor: AVisitor) -> Response:
    """The pseudonym keys: by fingerprint, never themselves."""
    using: dict[str, list[str]] = {}
    for one in office_of(request).registry.projects():
        using.setdefault(one.recipe.key, []).append(f"project {one.name}")
    for pims in office_of(request).pims.listed():
        using.setdefault(pims.key, []).append(f"pseudonyms {pims.name} ({pims.standing})")
    there = set(porch_of(request).keys())
    rows = [
        (mark, "here" if mark in there else "MISSING", "; ".join(using.get(mark, ["nothing"])))
        for mark in sorted(there | set(using))
    ]
    return _listed(visitor, "Keys", ("fingerprint", "where", "used by"), rows)


@router.get(f"{PAGES}/opt-outs")
def opt_outs(request: Request, visitor: AVisitor) -> Response:
    """How many patients refuse; who they are is for the command line, which writes it down."""
    rows = [("patients who refuse", office_of(request).opt_outs.count())]
    return _listed(visitor, "Opt-outs", ("register", "count"), rows)


@router.get(f"{PAGES}/audit")
def audit(
    request: Request, visitor: AVisitor, after: Annotated[int, Query(ge=0, lt=2**53)] = 0
) -> Response:
    """Who did what, in order; values stand in it as keyed digests."""
    found = office_of(request).entries(after, _LONG)
    rows = [
        (
            one.number,
            one.at.isoformat(sep=" ", timespec="seconds"),
            one.who,
            one.what,
            one.on,
            "; ".join(f"{name}: {value}" for name, value in one.facts.items()),
        )
        for one in found
    ]
    more = f"{PAGES}/audit?after={found[-1].number}" if len(found) == _LONG else ""
    return _listed(
        visitor, "Audit", ("number", "at", "who", "what", "on", "facts"), rows, more=more
    )


@router.get(f"{PAGES}/health")
def health(request: Request, visitor: AVisitor) -> Response:
    """Whether jobs can be carried out, what is risky, and how many are in which state."""
    office = office_of(request)
    counted = Counter(office.desk.ledger.states())
    content = {
        "troubles": office.health(),
        "cautions": porch_of(request).cautions(),
        "states": [(str(state), count) for state, count in counted.items()],
        "listening": office.streams.listening,
        "most": max(counted.values(), default=0) or 1,
    }
    return drawn("health.html", visitor, content)


def _listed(  # noqa: PLR0913 - the parts of one page
    visitor: Visitor,
    title: str,
    columns: Sequence[str],
    rows: Rows,
    *,
    links: str = "",
    more: str = "",
) -> Response:
    content = {"title": title, "columns": columns, "rows": rows, "links": links, "more": more}
    return drawn("list.html", visitor, content)


def _mine(request: Request, visitor: Visitor) -> list[Project]:
    return [one for one in office_of(request).registry.projects() if visitor.caller.is_in(one.name)]


def _used(request: Request, visitor: Visitor) -> dict[str, list[str]]:
    """The profiles of the visitor's projects, each with those projects."""
    found: dict[str, list[str]] = {}
    for one in _mine(request, visitor):
        found.setdefault(one.recipe.profile, []).append(one.name)
    return dict(sorted(found.items()))
