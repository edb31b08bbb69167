"""Everything that can go wrong, as one tree.

DicomveilError
├── InvalidDicom                    the bytes are not what PS3.5 or PS3.10 say
│   ├── NotDicom                    nothing in the file says DICOM
│   ├── Truncated                   the file ends inside an element
│   ├── Malformed                   a length, an order or a delimiter that cannot be
│   ├── Swallowed                   a value that holds the next element
│   ├── BadValue                    a value that its VR or character set does not allow
│   ├── TooDeep                     sequences nested beyond the bound
│   ├── TooLarge                    more bytes than the bound for this part
│   └── UnknownSyntax               a transfer syntax that cannot be read
├── Refused                         sound DICOM that may not leave (the gate); code says why
│   ├── Leak                        an identifying value was found in the output
│   └── UidConflict                 two different objects of one UID
├── ProfileError                    a profile that is unknown or cannot be built
│   └── BadRecipe                   a recipe with faults, each at its line
├── StructureError                  a substitution that cannot be read or compiled
├── KeyRefused                      a key file that is missing, short, or readable by others
├── CannotStart                     a run that is refused before anything is written
├── Changed                         a file that was written to while it was read
├── Failed                          the machine, not the object: disk, permission, lost worker
├── MappingError                    paperwork that cannot be used: mapping, batch, settings
│   ├── Unusable                    a file, an id or a setting that does not say what it should
│   ├── Unreadable                  a file that is missing, locked, cut, too large or no text
│   ├── BadRow                      a row that cannot become a job
│   ├── BadIdentifier               a source identifier of no accepted form
│   └── NotUnc                      a path that is not UNC where UNC is asked
├── PlaceFailed                     a place objects come from or go to: PACS, share, store
│   ├── PlaceBusy                   trouble that may pass: to be tried again
│   ├── PlaceRefuses                trouble that will not: login, name, a wrong answer
│   │   └── NothingFound, SeveralFound    no study, or several where one is wanted
│   └── Short                       fewer or more objects came than the place said
├── JobError                        what the server's ledger does not have, know or allow;
│   │                               these are in job_errors.py
│   ├── NoSuch                      a job, project, user, key or batch of that name or number
│   ├── NotNow                      what cannot happen to a job in its state
│   ├── Unfit                       a field of a request that is not accepted, by its name
│   ├── OverLimit                   more than the project allows
│   ├── NotAllowed                  what this user or token may not do
│   ├── Superseded                  a late word of an attempt that no longer has the job
│   ├── NoPlace                     a source for which no place is configured
│   ├── JobRefused                  a job that cannot be carried out, for good; code says why
│   ├── LedgerUnusable              a database that is missing, older, newer or damaged
│   └── AuditBroken                 an audit chain that does not hold
└── CallFailed                      a server that was not reached, or whose answer is unusable
    ├── NotReached                  no connection was made, nothing was carried out
    ├── BadAnswer                   an answer that is not one of the protocol
    ├── Unanswered                  the call may have been carried out; its answer was lost
    └── Declined                    the server understood and said no; its reason is in the message

Messages say where (element path, byte offset, a file's number), never a value of an element. `code`
is for machines; docs/errors.md has a paragraph for each. Exit codes are mapped once, at the rim.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple


class DicomveilError(Exception):
    """Anything dicomveil reports; `code` names its kind for machines."""

    code: str = "error"


class InvalidDicom(DicomveilError):
    """The bytes are not what PS3.5 or PS3.10 say they must be."""

    code = "invalid"

    def __init__(self, problem: str, *, path: str = "", offset: int | None = None) -> None:
        """Say what is wrong with the form, at which element path and byte of the file."""
        super().__init__(problem)
        self.problem = problem
        self.path = path
        self.offset = offset

    def __str__(self) -> str:
        """The place, then the problem."""
        place = self.path if self.offset is None else f"{self.path} at byte {self.offset}".lstrip()
        return f"{place}: {self.problem}" if place else self.problem


class NotDicom(InvalidDicom):
    """Nothing in the file says DICOM: no DICM at byte 128, no data set from byte 0."""

    code = "not-dicom"


class Truncated(InvalidDicom):
    """The file ends inside an element."""

    code = "truncated"


class Malformed(InvalidDicom):
    """A length, an order of tags or a delimiter that cannot be."""

    code = "malformed"


class Swallowed(InvalidDicom):
    """A value whose wrong length holds the elements after it."""

    code = "swallowed"


class BadValue(InvalidDicom):
    """A value that its VR or its character set does not allow, where it must be understood."""

    code = "bad-value"


class TooDeep(InvalidDicom):
    """Sequences nested deeper than the bound."""

    code = "too-deep"


class TooLarge(InvalidDicom):
    """More bytes than the bound for this part of an object."""

    code = "too-large"


class UnknownSyntax(InvalidDicom):
    """A transfer syntax that this version cannot read."""

    code = "unknown-syntax"


EXCLUDED = "excluded"  # the one refusal that is no fault of the object: it is skipped


class Refused(DicomveilError):
    """A sound object that the gate does not let out; `code` is one of CODES."""

    CODES: ClassVar[dict[str, str]] = {
        "pixels-unproven": "the pixels may show who the patient is, and nothing has looked",
        "pixels-missing": "the object has Rows but no pixel data: it was cut",
        "encapsulated-document": "an encapsulated document cannot be cleaned",
        "audio": "a voice may say who the patient is, and nothing listens to recordings",
        "private-sop-class": "de-identification of a private SOP Class is not defined (E.1.1)",
        "dicomdir": "directory records in an object that is not a directory",
        "excluded": "the profile is not for such objects: its filters skip them",
        "filtered": "the profile's filters quarantine such objects",
        "patient-unmapped": "the profile's mapping does not name this patient",
        "uid-missing": "a UID that is needed is absent, empty or not legal",
        "result-long": "the result of a substitution is longer than its VR allows",
        "result-characters": "the result of a substitution has characters that cannot stand there",
        "result-form": "the result of a substitution has not the form of its VR",
        "patient-unexpected": "an object of a patient for whom no pseudonym was given",
    }

    def __init__(self, code: str, *, path: str = "", offset: int | None = None) -> None:
        """Refuse for the reason `code`, because of the element at `path`."""
        super().__init__(code)
        self.code = code
        self.path = path
        self.offset = offset

    def __str__(self) -> str:
        """The element that decided, then the reason."""
        return ": ".join(filter(None, (self.path, self.CODES.get(self.code, self.code))))


class Leak(Refused):
    """An identifying value of the original was found in the output; `path` says where."""

    def __init__(self, *, path: str = "", offset: int | None = None) -> None:
        """Refuse because of a hit at `path`."""
        super().__init__("leak", path=path, offset=offset)

    def __str__(self) -> str:
        """The place of the first hit."""
        return f"{self.path}: an identifying value of the original is still there"


class UidConflict(Refused):
    """Another object of the same UID was delivered with other contents."""

    def __init__(self) -> None:
        """Refuse because the final name is taken by a different object."""
        super().__init__("uid-conflict")

    def __str__(self) -> str:
        """The reason."""
        return "a different object of the same SOP Instance UID was delivered already"


class ProfileError(DicomveilError):
    """A profile that is unknown or cannot be built."""

    code = "profile"


class StructureError(DicomveilError):
    """A substitution that cannot be read or compiled; says the key, or the line and column."""

    code = "structure"


class KeyRefused(DicomveilError):
    """A key file that is missing, too short, or readable by others."""

    code = "key"


class CannotStart(DicomveilError):
    """A run that is refused before anything is written."""

    code = "cannot-start"


class Failed(DicomveilError):
    """The machine failed, not the object: disk, permission, lost worker."""

    code = "failed"


class Changed(DicomveilError):
    """The file is not what it was when the run found or opened it."""

    code = "changed"


class Place(NamedTuple):
    """Where in a piece of paperwork something is wrong; parts that do not apply are empty."""

    file: str = ""
    row: int = 0
    column: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Say the place as a person would look for it."""
        row = f"row {self.row}" if self.row else ""
        line = f"line {self.line}" if self.line else ""
        both = f"{row} ({line})" if row and line else row or line
        column = f'column "{self.column}"' if self.column else ""
        return ", ".join(part for part in (self.file, both, column) if part)


class Fault(NamedTuple):
    """One thing that is wrong in a recipe: where, what, and what is accepted."""

    place: Place
    problem: str
    fix: str

    def __str__(self) -> str:
        """The place, the problem, what to write instead."""
        return f"{self.place}: {self.problem}; {self.fix}"


class BadRecipe(ProfileError):
    """A recipe that cannot be used; all its faults, in the order of its lines."""

    code = "recipe"

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Say what is wrong, and at which lines."""
        super().__init__("the recipe has faults")
        self.faults = tuple(faults)

    def __str__(self) -> str:
        """The first fault, and how many more there are."""
        first, *more = map(str, self.faults)
        return f"{first} ({len(more)} more: dicomveil profile lint)" if more else first


class MappingError(DicomveilError):
    """Paperwork that cannot be used; says the place and the accepted form, never the cell."""

    code = "mapping"

    def __init__(self, problem: str, place: Place | None = None) -> None:
        """Say what is wrong and where."""
        super().__init__(problem)
        self.problem = problem
        self.place = place or Place()

    def __str__(self) -> str:
        """The place, then the problem."""
        place = str(self.place)
        return f"{place}: {self.problem}" if place else self.problem


class Unusable(MappingError):
    """A piece of paperwork that can be read and does not say what it should."""

    code = "unusable"


class Unreadable(MappingError):
    """A file of paperwork that is missing, locked, cut, too large or not what it should be."""

    code = "unreadable"


class BadRow(MappingError):
    """A row of a mapping or input file that cannot become a job."""

    code = "bad-row"


class BadIdentifier(MappingError):
    """A source identifier of no accepted form."""

    code = "bad-identifier"


class NotUnc(MappingError):
    """A path that is not UNC where a UNC path is asked."""

    code = "not-unc"


class PlaceFailed(DicomveilError):
    """A place that objects come from or go to did not do what it was asked."""

    code = "place-failed"

    def __init__(self, place: str, problem: str) -> None:
        """Say which place, by its configured name, and what went wrong; never what was asked."""
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem


class PlaceBusy(PlaceFailed):
    """Trouble that may pass: a time-out, a broken connection, a place out of resources."""

    code = "place-busy"


class PlaceRefuses(PlaceFailed):
    """Trouble that will not pass by itself: a login, a name, a certificate, a wrong answer."""

    code = "place-refuses"


class NothingFound(PlaceRefuses):
    """Nothing at the place equals what was asked for."""

    code = "nothing-found"


class SeveralFound(PlaceRefuses):
    """One accession number stands for several studies, where one is wanted."""

    code = "several-found"


class Short(PlaceFailed):
    """Fewer or more objects came than the place said; nothing of the study may be delivered."""

    code = "short"


class CallFailed(DicomveilError):
    """A server that could not be asked, or answered what cannot be used."""

    code = "call-failed"

    def __init__(self, server: str, problem: str, advice: str = "") -> None:
        """Say which server, what it did, and what to try."""
        super().__init__(problem)
        self.server = server
        self.problem = problem
        self.advice = advice

    def __str__(self) -> str:
        """The server, what it did, what to try."""
        return f"{self.server}: {self.problem}" + (f". {self.advice}" if self.advice else "")


class NotReached(CallFailed):
    """No connection was made, so nothing was carried out."""

    code = "not-reached"


class BadAnswer(CallFailed):
    """An answer that is not one of the protocol: another status, no JSON, another server."""

    code = "bad-answer"


class Unanswered(CallFailed):
    """The connection broke after the call was sent: it may or may not have been carried out."""

    code = "unanswered"


class Declined(CallFailed):
    """The server understood the call and said no."""

    code = "declined"
