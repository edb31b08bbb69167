"""What a project lets a job be: where it reads, where it writes, under which pseudonym key.

Paths are compared as paths, before any name is resolved; what opens them confines them once more.
"""

from collections.abc import Iterable

from dicomveil.jobs.model import JobRequest, Project, Standing
from dicomveil.mapping.unc import parse_unc
from dicomveil.server.refusals import RequestRefused


def check_request(request: JobRequest, project: Project) -> None:
    """Raise RequestRefused for a job that the project, as it is now, does not let be."""
    recipe = project.recipe
    if project.standing is not Standing.ACTIVE:
        raise RequestRefused({"project_name": "This project is locked; ask its administrator"})
    if request.source.is_path and not _below(request.source.value, recipe.sources):
        raise RequestRefused({"source_path": _outside("reads", recipe.sources)})
    if not _below(request.destination, recipe.destinations):
        raise RequestRefused({"destination_path": _outside("writes", recipe.destinations)})
    if request.pims_key and request.pims_key not in recipe.pims_keys:
        known = ", ".join(recipe.pims_keys) or "none"
        problem = f"This project has no such pseudonym key; it has: {known}"
        raise RequestRefused({"pims_keyfile_id": problem})


def _below(path: str, roots: Iterable[str]) -> bool:
    place = parse_unc(path)
    return any(place.below(root) is not None for root in map(parse_unc, roots))


def _outside(does: str, roots: Iterable[str]) -> str:
    return f"This project {does} below {' or '.join(roots) or 'no path yet'} alone"
