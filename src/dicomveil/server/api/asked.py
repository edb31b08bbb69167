"""From a row of a mapping, as the interface takes it, to a checked request for a job."""

from dicomveil.errors import BadIdentifier
from dicomveil.jobs.model import JobRequest
from dicomveil.mapping.sources import SourceIdentifier, make_source, parse_source
from dicomveil.server import asking
from dicomveil.server.api.models import Asked
from dicomveil.server.refusals import RequestRefused


def request_of(asked: Asked) -> JobRequest:
    """The request that a row asks; RequestRefused names the column that is wrong."""
    if not (asked.pseudo_id or asked.pseudo_name or asked.pims_key):
        raise RequestRefused({"pseudo_id": "Give pseudo_id, pseudo_name or pims_key"})
    return JobRequest(
        project=asking.short(asked.project.strip(), "project"),
        source=_source(asked.source),
        destination=str(asking.unc(asked.destination_path, "destination_path")),
        pseudo_id=asking.pseudonym(asked.pseudo_id or asked.pseudo_name, "pseudo_id"),
        pseudo_name=asking.pseudonym(asked.pseudo_name or asked.pseudo_id, "pseudo_name"),
        description=asking.plain(asked.description, "description"),
        pims_key=asking.short(asked.pims_key, "pims_key"),
        priority=asked.priority,
        sop_classes=asking.sop_classes(", ".join(asked.sop_classes)),
        opt_out_reason=asking.plain(asked.opt_out_reason, "opt_out_reason"),
        batch=asked.batch,
    )


def _source(text: str) -> SourceIdentifier:
    try:
        source = parse_source(text)
        if not source.is_path:
            return source
        return make_source(source.type, str(asking.unc(source.value, "source")))
    except BadIdentifier as error:
        raise RequestRefused({"source": error.problem}) from error
