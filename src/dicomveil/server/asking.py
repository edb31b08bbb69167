r"""What a request for a job says, checked for its form: source, destination, pseudonyms, project.

Sources are written as in a mapping (`folder:\\server\share\a`) or as anonapi's Python users write
them: a bare path is a folder, a bare UID a study. Whether the caller may have such a job is not
judged here.
"""

import re
from collections.abc import Iterator

from dicomveil.errors import BadIdentifier, NotUnc
from dicomveil.jobs.model import JobRequest
from dicomveil.mapping.sources import SourceIdentifier, SourceType, make_source, parse_source
from dicomveil.mapping.unc import UncPath, parse_unc
from dicomveil.server.documentation import CALLS
from dicomveil.server.form import Form
from dicomveil.server.refusals import RequestRefused

WADO, PATH = "WADO", "PATH"
PACS = "IDC_WADO"
LONGEST_NAME = 64  # PS3.5 §6.2: what LO and one component group of PN hold
KNOWN = frozenset({*CALLS["create_job"].parameters, "user_name"})
PRIORITIES = range(-100, 101)
_UID = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+")
_PLACE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def asking_of(form: Form) -> JobRequest:
    """The job that the parameters of `create_job` ask for; RequestRefused says what is wrong."""
    unknown = {name: "This parameter is not known" for name in form.values if name not in KNOWN}
    if unknown:
        raise RequestRefused(unknown)
    place(form.one("source_name") or "")
    if (form.one("destination_type") or PATH) != PATH:
        raise RequestRefused({"destination_type": "Only PATH is accepted"})
    asking = JobRequest(
        source=source_of(form),
        destination=str(unc(form.required("destination_path"), "destination_path")),
        project=project_name(form.required("project_name")),
        pseudo_id=pseudonym(form.one("anonymizedpatientid") or "", "anonymizedpatientid"),
        pseudo_name=pseudonym(form.one("anonymizedpatientname") or "", "anonymizedpatientname"),
        pims_key=short(form.one("pims_keyfile_id") or "", "pims_keyfile_id"),
        description=form.one("description") or "",
        priority=priority(form.one("priority") or "0"),
        sop_classes=sop_classes(form.one("source_sop_class_filter_list") or ""),
    )
    if not (asking.pseudo_id or asking.pseudo_name or asking.pims_key):
        problem = "Give anonymizedpatientid, anonymizedpatientname or pims_keyfile_id"
        raise RequestRefused({"anonymizedpatientid": problem})
    return asking


def source_of(form: Form) -> SourceIdentifier:
    """The source that `source_type` and the parameter belonging to it name."""
    kind = form.required("source_type").strip().upper()
    path, number = form.one("source_path") or "", form.one("source_instance_id") or ""
    match kind:
        case "PATH":
            if number.strip():
                problem = "A job of source_type PATH has no source_instance_id"
                raise RequestRefused({"source_instance_id": problem})
            return path_source(form.required("source_path"))
        case "WADO":
            if path.strip():
                problem = "A job of source_type WADO has no source_path"
                raise RequestRefused({"source_path": problem})
            return pacs_source(form.required("source_instance_id"))
        case _:
            raise RequestRefused({"source_type": "Only PATH and WADO are accepted"})


def path_source(text: str) -> SourceIdentifier:
    """A folder or a file selection on a share; a bare path is a folder."""
    kind, path = SourceType.FOLDER, text.strip()
    for prefixed in (SourceType.FOLDER, SourceType.FILE_SELECTION):
        if path.lower().startswith(f"{prefixed}:"):
            kind, path = prefixed, path[len(prefixed) + 1 :]
    return _made(kind, str(unc(path, "source_path")), "source_path")


def pacs_source(text: str) -> SourceIdentifier:
    """What is fetched from a PACS; a bare UID is a study."""
    text = text.strip()
    if ":" not in text:
        return _made(SourceType.STUDY, text, "source_instance_id")
    try:
        source = parse_source(text)
    except BadIdentifier as error:
        raise RequestRefused({"source_instance_id": error.problem}) from error
    if source.is_path:
        raise RequestRefused({"source_instance_id": "This is a path; send it as source_path"})
    return source


def unc(text: str, name: str) -> UncPath:
    """The UNC path of a parameter; the refusal says what to write instead."""
    try:
        return parse_unc(text)
    except NotUnc as error:
        raise RequestRefused({name: error.problem}) from error


def project_name(text: str) -> str:
    """The name of a project, of an accepted form."""
    return short(text.strip(), "project_name")


def pseudonym(text: str, name: str) -> str:
    """A pseudonym as it can stand in Patient ID or Patient's Name (PS3.5 §6.2)."""
    if any(sign in text for sign in "\\^=*?"):
        raise RequestRefused({name: "\\ ^ = * and ? are not accepted in a pseudonym"})
    return short(text.strip(), name)


def short(text: str, name: str) -> str:
    """A text of one line and at most 64 characters."""
    if len(text) > LONGEST_NAME or not text.isprintable():
        raise RequestRefused({name: f"One line of at most {LONGEST_NAME} characters is accepted"})
    return text


def place(text: str) -> str:
    """The name of a PACS, checked for its form."""
    text = text.strip()
    if text and not _PLACE.fullmatch(text):
        raise RequestRefused({"source_name": "The name of a PACS has letters, digits, - _ and ."})
    return text


def priority(text: str) -> int:
    """A priority; higher ones are done first."""
    text = text.strip()
    if re.fullmatch(r"-?[0-9]{1,3}", text) and int(text) in PRIORITIES:
        return int(text)
    raise RequestRefused({"priority": "A whole number from -100 to 100 is accepted"})


def sop_classes(text: str) -> tuple[str, ...]:
    """The SOP Class UIDs of a list with commas; none means that all are delivered."""
    return tuple(_sop_class_uids(text))


def _sop_class_uids(text: str) -> Iterator[str]:
    for part in filter(None, map(str.strip, text.split(","))):
        if len(part) > 64 or not _UID.fullmatch(part):
            problem = "A list of SOP Class UIDs with commas is accepted"
            raise RequestRefused({"source_sop_class_filter_list": problem})
        yield part


def _made(kind: SourceType, value: str, name: str) -> SourceIdentifier:
    try:
        return make_source(kind, value)
    except BadIdentifier as error:
        raise RequestRefused({name: error.problem}) from error


def plain(text: str, name: str) -> str:
    """A text of several lines, without control characters."""
    if any(not sign.isprintable() and sign not in "\n\r\t" for sign in text):
        raise RequestRefused({name: "Control characters are not accepted"})
    return text
