"""Pages are drawn by Jinja templates that escape every value: markup is the templates' alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from dicomveil.server.pages.visiting import PAGES, Visitor

PLACES = (
    ("Jobs", "/jobs", "read"),
    ("New job", "/new", "submit"),
    ("Profiles", "/profiles", "read"),
    ("Projects", "/projects", "read"),
    ("Users", "/users", "administer"),
    ("Keys", "/keys", "administer"),
    ("Opt-outs", "/opt-outs", "administer"),
    ("Audit", "/audit", "audit"),
    ("Health", "/health", "administer"),
)


def drawn(
    template: str, visitor: Visitor | None, content: Mapping[str, Any], status: int = 200
) -> HTMLResponse:
    """The page of a template; `visitor` is None where nobody has signed in."""
    places = [one for one in PLACES if visitor is not None and visitor.may(one[2])]
    text = _templates().get_template(template).render(visitor=visitor, places=places, **content)
    return HTMLResponse(text, status)


@cache
def _templates() -> Environment:
    loader = PackageLoader("dicomveil.server.pages")
    made = Environment(
        loader=loader,
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(pages=PAGES)
    made.filters.update(time=_time, span=span)
    return made


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def span(time: timedelta | None) -> str:
    """A time in its largest units: 4 s, 12 min, 3 h 5 min; "unknown" for None."""
    if time is None:
        return "unknown"
    seconds = max(0, int(time.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
