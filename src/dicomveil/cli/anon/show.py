"""Print jobs and tables: on a terminal for people, elsewhere as scripts of anonapi read them."""

import re
from collections.abc import Sequence

from dicomveil.cli.anon.session import Session
from dicomveil.client.jobs import Job, Status

# Header and key of each column of a list of jobs.
COLUMNS = (
    ("id", "job_id"),
    ("date", "date"),
    ("status", "status"),
    ("down", "files_downloaded"),
    ("proc", "files_processed"),
    ("user", "user_name"),
)
ANON_NAME = ("anon_name", "source_anonymizedpatientid")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_COLOURS: dict[str, str] = {
    Status.DONE: "green",
    Status.ERROR: "red",
    Status.ACTIVE: "cyan",
    Status.UPLOADED: "cyan",
}


def show_jobs(session: Session, jobs: Sequence[Job], *more: tuple[str, str]) -> None:
    """Print a line for each job, with colour for its state on a terminal."""
    columns = [*COLUMNS, *more]
    rows = [[job.get(key) for _, key in columns] for job in jobs]
    colours = [_COLOURS.get(job.status, "") for job in jobs]
    show_table(session, [header for header, _ in columns], rows, colours)


def show_table(
    session: Session,
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    colours: Sequence[str] = (),
) -> None:
    """Print columns: drawn by rich on a terminal, in anonapi's form elsewhere."""
    if session.on_terminal:
        _draw(headers, rows, colours or [""] * len(rows))
    else:
        session.say(table(headers, rows))


def _draw(headers: Sequence[str], rows: Sequence[Sequence[object]], colours: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    cells = [_cells(row) for row in rows]
    for number, header in enumerate(headers):
        right = _are_numbers([row[number] for row in cells])
        drawn.add_column(Text(header), justify="right" if right else "left", overflow="fold")
    for row, colour in zip(cells, colours, strict=True):
        drawn.add_row(*map(Text, row), style=colour)  # Text: brackets are no markup
    Console().print(drawn)


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns set apart by two spaces, numbers to the right; an absent value is empty."""
    cells = [_cells(row) for row in rows]
    columns = list(zip(*cells, strict=True)) if cells else [()] * len(headers)
    numeric = [_are_numbers(column) for column in columns]
    widths = [
        max(len(header) + (2 if rows else 0), *map(len, column), 0)
        for header, column in zip(headers, columns, strict=True)
    ]
    lines = [list(headers), ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


def plain(value: object) -> str:
    """A value as one line that cannot steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))


def _cells(row: Sequence[object]) -> list[str]:
    return ["" if cell is None else plain(cell) for cell in row]


def _are_numbers(column: Sequence[str]) -> bool:
    said = [cell for cell in column if cell]
    return bool(said) and all(_NUMBER.fullmatch(cell) for cell in said)


def job_in_full(job: Job, keys: Sequence[str]) -> str:
    """One key and value in each line, as Python writes a pair."""
    return "\n".join(str((key, job.get(key))) for key in keys)


def summary(jobs: Sequence[Job], asked: int) -> str:
    """How many jobs are in each state; those the server did not tell of are NOT_FOUND."""
    counts: dict[str, int] = {}
    for job in jobs:
        counts[job.status] = counts.get(job.status, 0) + 1
    counts["NOT_FOUND"] = asked - len(jobs)
    rule = "-" * 31
    lines = [_summary_line("Status", "count", "percentage"), rule]
    for status, count in sorted(counts.items()):
        lines.append(_summary_line(status, str(count), f"{100 * count / asked:.1f} %"))
    return "\n".join([*lines, rule, f"{'Total':<12} {asked:<8} 100%"])


def _summary_line(status: str, count: str, share: str) -> str:
    return f"{status:<12} {count:<8} {share:<8}"
