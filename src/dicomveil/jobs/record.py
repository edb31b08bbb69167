"""One line for each file: how a journal says what became of it.

A line is ASCII, its fields set apart by tabs; texts are JSON strings, so that no name, however
odd, can end a field or a line. The last line of a number holds. Lines are written by hand
because there is one for each file: `json.dumps` of the same costs 6 us more.
"""

import json
from json.encoder import encode_basestring_ascii
from typing import Final, NamedTuple, assert_never

from dicomveil.jobs.outcome import Status

END: Final = b"end\n"
"""The last line of a chunk's journal: every line before it is proven."""


class Record(NamedTuple):
    """What a journal says of one file; texts as they are written, quotes included."""

    number: int
    size: int
    mtime_ns: int
    status: Status
    code: str  # why, "" for what was delivered; a skipped file's kind
    source: str  # the path that was opened, as a JSON string
    offset: str  # the byte that was wrong, "" when none was
    where: str  # the element's path as a JSON string, or ""
    output: str  # the path below DST as a JSON string, or ""
    public: str  # what else the manifest says: members of a JSON object, or ""
    pairs: str  # the crosswalk's share as a JSON array, or ""

    def line(self) -> bytes:
        """The record as its journal's line."""
        return b"%d\t%d\t%d\t%b\n" % (
            self.number,
            self.size,
            self.mtime_ns,
            "\t".join(self[3:]).encode("ascii"),
        )


def quoted(name: bytes) -> str:
    """A path as a JSON string; bytes that are no UTF-8 are kept as lone surrogates (PEP 383)."""
    return encode_basestring_ascii(name.decode("utf-8", "surrogateescape"))


def unquoted(text: str) -> bytes:
    """The path that a JSON string says."""
    path = json.loads(text)
    assert isinstance(path, str)  # what `quoted` wrote
    return path.encode("utf-8", "surrogateescape")


def quoted_text(text: str) -> str:
    """A text as a JSON string, in ASCII."""
    return encode_basestring_ascii(text)


def parsed(line: bytes) -> Record:
    """The record of a whole line; ValueError for what is none."""
    number, size, mtime_ns, status, *rest = line.decode("ascii").rstrip("\n").split("\t")
    if len(rest) != len(Record._fields) - 4:
        raise ValueError("not a journal's line")
    return Record(int(number), int(size), int(mtime_ns), Status(status), *rest)


def public_line(record: Record) -> str:
    """The manifest's line for the file: nothing of the original."""
    if record.status is Status.DELIVERED:
        return (
            f'{{"number":{record.number},"status":"delivered"'
            f',"path":{record.output},{record.public}}}\n'
        )
    start = f'{{"number":{record.number},"status":"{record.status}"'
    match record.status:
        case Status.DUPLICATE:
            return f'{start},"path":{record.output},{record.public}}}\n'
        case Status.SKIPPED:
            return f'{start},"kind":"{record.code}"}}\n'
        case Status.QUARANTINED | Status.FAILED:
            return f'{start},"code":"{record.code}"}}\n'
        case _:
            assert_never(record.status)


def private_line(record: Record) -> str:
    """The private report's line for a file that was not delivered."""
    return (
        f'{{"number":{record.number},"status":"{record.status}","code":"{record.code}"'
        f',"offset":{record.offset or "null"},"element":{record.where or "null"}'
        f',"source":{record.source}}}\n'
    )
