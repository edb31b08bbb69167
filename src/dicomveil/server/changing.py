"""What may be changed of a job by `modify_job`: a closed table of fields, each with its check.

Owner, numbers and counters are never changed. A reset as anonapi's client sends it sets the
counters to 0 and the error to a space; these are accepted beside `status=ACTIVE`, where they say
nothing new.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from dicomveil.jobs.model import Change
from dicomveil.server import asking
from dicomveil.server.form import Form
from dicomveil.server.refusals import RequestRefused


class Move(Enum):
    """What becomes of the job itself."""

    NONE = auto()
    RESET = auto()
    CANCEL = auto()


@dataclass(frozen=True, slots=True)
class Changing:
    """A checked change: what becomes of the job, and its new values."""

    move: Move = Move.NONE
    change: Change = field(default_factory=Change)


Check = Callable[[str], Any]
# The parameter, the field of Change it sets, and what checks it.
FIELDS: dict[str, tuple[str, Check]] = {
    "description": ("description", str),
    "priority": ("priority", asking.priority),
    "project_name": ("project", asking.project_name),
    "destination_path": (
        "destination",
        lambda text: str(asking.unc(text, "destination_path")),
    ),
    "source_path": ("source", asking.path_source),
    "source_instance_id": ("source", asking.pacs_source),
    "source_anonymizedpatientid": (
        "pseudo_id",
        lambda text: asking.pseudonym(text, "source_anonymizedpatientid"),
    ),
    "source_anonymizedpatientname": (
        "pseudo_name",
        lambda text: asking.pseudonym(text, "source_anonymizedpatientname"),
    ),
    "source_pims_keyfile_id": (
        "pims_key",
        lambda text: asking.short(text, "source_pims_keyfile_id"),
    ),
    "source_sop_class_filter_list": ("sop_classes", asking.sop_classes),
}
_MOVES = {"ACTIVE": Move.RESET, "INACTIVE": Move.CANCEL}
_RESET = {"files_downloaded": ("0",), "files_processed": ("0",), "error": ("", " ")}
_OPT_OUT = ("source_ignore_opt_out", "source_ignore_opt_out_reason")
KNOWN = frozenset({*FIELDS, *_RESET, *_OPT_OUT, "status", "job_id", "user_name"})


def change_of(form: Form) -> Changing:
    """The change that the parameters of `modify_job` ask for; RequestRefused names each problem."""
    unknown = {name: _unknown() for name in form.values if name not in KNOWN}
    if unknown:
        raise RequestRefused(unknown)
    move = _move(form)
    values: dict[str, Any] = {}
    for name, (target, check) in FIELDS.items():
        text = form.one(name)
        if text is None:
            continue
        if target in values:
            raise RequestRefused({name: "Give source_path or source_instance_id"})
        values[target] = check(text)
    changing = Changing(move, Change(**values, opt_out_reason=_opt_out(form)))
    if changing == Changing():
        raise RequestRefused({"job_id": "Nothing to change was given"})
    return changing


def _move(form: Form) -> Move:
    status = form.one("status")
    if status is not None and status not in _MOVES:
        raise RequestRefused({"status": "Only ACTIVE (again) and INACTIVE (cancel) can be set"})
    move = _MOVES[status] if status else Move.NONE
    for name, accepted in _RESET.items():
        text = form.one(name)
        if text is None:
            continue
        if move is not Move.RESET or text not in accepted:
            raise RequestRefused({name: "The server alone sets this field"})
    return move


def _opt_out(form: Form) -> str | None:
    """The reason for which an opt-out is ignored; empty when it is not; None when not said."""
    flag, reason = form.one(_OPT_OUT[0]), form.one(_OPT_OUT[1])
    if flag is None and reason is None:
        return None
    match (flag or "").strip().lower():
        case "true" | "1":
            text = (reason or "").removeprefix("Reason:").strip()
            if not text:
                raise RequestRefused({_OPT_OUT[1]: "Ignoring an opt-out needs a reason"})
            return text
        case "false" | "0" if not (reason or "").strip():
            return ""
        case _:
            raise RequestRefused({_OPT_OUT[0]: "True with a reason or False is accepted"})


def _unknown() -> str:
    accepted = ", ".join(sorted({*FIELDS, *_OPT_OUT, "status"}))
    return f"This field cannot be changed; these can: {accepted}"
