"""`dicomveil tags`: substitute values of elements over a tree of files."""

import os
from typing import TypedDict, Unpack

import click

from dicomveil.cli.exits import Exit
from dicomveil.cli.looking import Values, print_json
from dicomveil.cli.tagging import (
    Given,
    Paths,
    as_json,
    exit_of_preview,
    explained,
    ran,
    show_preview,
    structure_of,
    summary_of,
    warn_of_md5,
    watched,
    write_report,
)
from dicomveil.dicom.fitting import Fit
from dicomveil.jobs.plan import Changes, Existing, Order, Purpose
from dicomveil.jobs.pool import usable_cores
from dicomveil.jobs.tags import Manners, Substituting
from dicomveil.jobs.trees import Shape
from dicomveil.places.scan import Links
from dicomveil.places.sieve import Logic, Words
from dicomveil.policy.substitution import Private
from dicomveil.tag_wiring import tag_order_of

LOGIC = click.Choice([logic.value for logic in Logic], case_sensitive=False)


class Asked(TypedDict):
    """The command line as click read it."""

    source: str
    destination: str
    struct: str
    struct_file: str
    info: str
    split_token: str
    split_key_value: str | None
    remove_private: bool
    fit: bool
    key_file: str | None
    input_file: str
    file_filter: str
    file_filter_logic: str
    dir_filter: str
    dir_filter_logic: str
    max_depth: int | None
    follow_links: bool
    tree: str
    leaf_dir: str
    file_stem: str
    jobs: int | None
    private: str | None
    resume: bool
    overwrite: bool
    dry_run: bool
    values: bool
    report: str | None
    show_paths: bool
    as_json: bool


@click.command()
@click.argument("source", metavar="SRC")
@click.argument("destination", metavar="DST")
@click.option("--struct", default="", metavar="JSON", help="Keys and values, as a JSON object.")
@click.option("--struct-file", default="", metavar="FILE", help="The same in a file.")
@click.option(
    "--info", default="", metavar="TEXT", help="The same as pairs: key,value ++ key,value."
)
@click.option("--split-token", default="++", metavar="TOKEN", help="What stands between pairs.")
@click.option("--split-key-value", metavar="TOKEN", help="What stands between key and value.")
@click.option("--remove-private", is_flag=True, help="Remove private elements, in items too.")
@click.option("--fit", is_flag=True, help="Cut results that do not fit, instead of refusing them.")
@click.option("--key-file", metavar="FILE", help="The key of hmac.")
@click.option("--input-file", default="", metavar="PATH", help="One file below SRC, or its like.")
@click.option("--file-filter", default="", metavar="A,B", help="Words in files' names.")
@click.option("--file-filter-logic", type=LOGIC, default="OR", help="Any of them, or all.")
@click.option("--dir-filter", default="", metavar="A,B", help="Words in folders' paths.")
@click.option("--dir-filter-logic", type=LOGIC, default="OR", help="Any of them, or all.")
@click.option(
    "--max-depth", type=click.IntRange(min=0), metavar="N", help="Folders below SRC; 0 for none."
)
@click.option("--follow-links", is_flag=True, help="Follow symbolic links inside SRC.")
@click.option(
    "--tree",
    type=click.Choice([str(shape) for shape in Shape]),
    default="documented",
    help="Whether SRC's own path is repeated below DST (old).",
    show_default=True,
)
@click.option("--leaf-dir", default="", metavar="FORMAT", help="Folders' new names: anon-%s.")
@click.option("--file-stem", default="", metavar="TEMPLATE", help="Files' new names.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes; by default all usable cores.",
)
@click.option("--private", metavar="DIR", help="The private side; by default DST.private.")
@click.option("--resume", is_flag=True, help="Finish an interrupted run.")
@click.option("--overwrite", is_flag=True, help="Replace the whole of an earlier output.")
@click.option(
    "--dry-run", is_flag=True, help="Print before and after of each value; write nothing."
)
@click.option("--values", is_flag=True, help="Do not mask the values before (--dry-run).")
@click.option("--report", metavar="FILE", help="Write what was changed where: never values.")
@click.option("--show-paths", is_flag=True, help="Name source paths on the terminal.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def tags(**asked: Unpack[Asked]) -> Exit:
    """Substitute values of elements over a tree of DICOM files.

    Every byte that no key names stays as it is. This is substitution, not de-identification:
    nothing is proven, and Patient Identity Removed is never written. `dicomveil deid`
    de-identifies.
    """
    _check(asked)
    order = tag_order_of(_substituting(asked), os.environ)
    paths = Paths.SHOWN if asked["show_paths"] else Paths.HIDDEN
    warn_of_md5(order)
    if asked["dry_run"]:
        values = Values.SHOWN if asked["values"] else Values.MASKED
        return exit_of_preview(show_preview(order, values, paths))
    return _run(order, asked, paths)


def _run(order: Order, asked: Asked, paths: Paths) -> Exit:
    with watched(order, paths, each=False) as watch:
        outcome = ran(order, watch)
    summary = summary_of(order, outcome)
    summary.show_people()
    for line in explained(outcome.tally):
        click.echo(line, err=True)
    if asked["report"]:
        write_report(order, asked["report"])
    if asked["as_json"]:
        print_json(as_json(order, outcome, paths))
    return summary.exit


def _check(asked: Asked) -> None:
    """Raise UsageError for options that need or exclude each other."""
    if asked["resume"] and asked["overwrite"]:
        raise click.UsageError("--resume finishes a run, --overwrite replaces one: choose one")
    if asked["values"] and not asked["dry_run"]:
        raise click.UsageError("--values is of --dry-run alone")


def _substituting(asked: Asked) -> Substituting:
    """What was asked, in the words of the rooms."""
    given = Given(
        asked["struct"],
        asked["struct_file"],
        asked["info"],
        asked["split_token"],
        asked["split_key_value"],
    )
    return Substituting(
        source=asked["source"],
        destination=asked["destination"],
        structure=structure_of(given),
        manners=Manners.OURS,
        private_elements=Private.REMOVE if asked["remove_private"] else Private.KEEP,
        fit=Fit.CUT if asked["fit"] else Fit.REFUSE,
        shape=Shape(asked["tree"]),
        leaf=asked["leaf_dir"],
        stem=asked["file_stem"],
        file_filter=words(asked["file_filter"], asked["file_filter_logic"]),
        folder_filter=words(asked["dir_filter"], asked["dir_filter_logic"]),
        only=asked["input_file"],
        depth=asked["max_depth"],
        links=Links.FOLLOW if asked["follow_links"] else Links.IGNORE,
        workers=asked["jobs"] or usable_cores(),
        existing=_existing(asked),
        private=asked["private"],
        key_file=asked["key_file"],
        changes=Changes.LISTED if asked["report"] else Changes.NONE,
        purpose=Purpose.REHEARSE if asked["dry_run"] else Purpose.DELIVER,
    )


def words(text: str, logic: str) -> Words:
    """The filter of words set apart by commas."""
    found = tuple(os.fsencode(word) for word in text.split(",")) if text else ()
    return Words(found, Logic(logic.upper()))


def _existing(asked: Asked) -> Existing:
    """What is done about a DST that is there already."""
    if asked["resume"]:
        return Existing.RESUME
    return Existing.OVERWRITE if asked["overwrite"] else Existing.REFUSE
