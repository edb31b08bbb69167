"""What the interface takes and gives, as OpenAPI tells it."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from dicomveil.jobs.states import State, Status

Short = Annotated[str, Field(max_length=64)]
Text = Annotated[str, Field(max_length=4096)]


class Given(BaseModel):
    """What callers send: a member that is not known is refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Asked(Given):
    """A job as a row of a mapping asks for it."""

    source: Text = Field(description=r"like `folder:\\server\share\a` or `accession_number:1234`")
    project: Short
    destination_path: Text = Field(description=r"UNC, like `\\server\share\out`")
    pseudo_id: Short = ""
    pseudo_name: Short = ""
    description: Text = ""
    pims_key: Short = Field("", description="the pseudonym key that gives the pseudonym")
    priority: int = Field(0, ge=-100, le=100, description="higher goes first")
    sop_classes: list[Short] = Field([], max_length=100, description="only these are delivered")
    batch: int | None = Field(None, ge=1, lt=2**53, description="the number of a batch of yours")
    opt_out_reason: Text = Field("", description="why the opt-out register is not heeded")


class Row(Asked):
    """The same, with the number of its row."""

    row: int = Field(ge=0, le=10_000_000)


class Rows(Given):
    """Rows to be checked."""

    rows: list[Row] = Field(max_length=10_000)


class Problem(BaseModel):
    """What is wrong with one row."""

    row: int
    problem: str


class Problems(BaseModel):
    """What is wrong with rows; those that are not named can become jobs."""

    problems: list[Problem]


class Listed(BaseModel):
    """One job as lists show it: the fields of anonapi's lists, and its exact state."""

    job_id: int
    date: str
    user_name: str
    status: Status
    error: str | None
    description: str | None
    project_name: str
    priority: int
    files_downloaded: int | None
    files_processed: int | None
    state: State


class Tally(BaseModel):
    """What became of a job's files: found is the sum of those after it."""

    found: int
    delivered: int
    duplicate: int
    skipped: int
    quarantined: int
    failed: int


class Whole(Listed):
    """One job in full; what identifies is null for those who may not see it."""

    destination_path: str
    source_type: str
    source_path: str | None
    source_instance_id: str | None
    source_anonymizedpatientid: str | None
    source_anonymizedpatientname: str | None
    source_pims_keyfile_id: str | None
    source_ignore_opt_out: bool
    batch: int | None
    attempts: int
    code: str
    counts: Tally
    begun: str | None
    ended: str | None
    project_version: int | None
    details: list[str] | None = Field(
        description="the first files that failed the job, by name; null for who may not see them"
    )


class Stretch(BaseModel):
    """A part of a list, newest first."""

    jobs: list[Listed]
    next: int | None = Field(description="ask again with this as `before`; null at the end")


class Ending(BaseModel):
    """How many files of a job ended so; `examples` are numbers in its private report."""

    status: str
    code: str
    count: int
    examples: list[int]


class Endings(BaseModel):
    """How the files of a job ended."""

    items: list[Ending]


class Amended(Given):
    """What is to be different in a job; what is left out stays."""

    priority: int | None = Field(None, ge=-100, le=100)
    description: Text | None = None


class Errors(BaseModel):
    """Why a request is refused, by what is wrong in it."""

    errors: dict[str, str]


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Errors, "description": "Something in the request is not accepted"},
    401: {"model": Errors, "description": "The token is not known, or has ended"},
    403: {"model": Errors, "description": "The token may not be used for this"},
    404: {"model": Errors, "description": "There is none, or none for you"},
    409: {"model": Errors, "description": "This cannot happen now"},
    422: {"model": Errors, "description": "The request is not of the form that is described"},
    429: {"model": Errors, "description": "More than the project allows"},
}
