"""`dicomveil deid`: de-identify a tree of files."""

import os
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from dicomveil.cli.exits import Exit
from dicomveil.cli.progress import shown_progress
from dicomveil.cli.summary import Summary
from dicomveil.engine.cleaner import Options, Templates, Verify
from dicomveil.engine.gate import PixelTrust
from dicomveil.jobs import preflight
from dicomveil.jobs.deid import deidentify_tree
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.plan import (
    Alignment,
    Checksum,
    Crosswalk,
    Directory,
    Existing,
    Order,
    Purpose,
)
from dicomveil.places.scan import Links
from dicomveil.policy.options import Option
from dicomveil.wiring import Asked, EngineWorkshop, executors, order_of

if TYPE_CHECKING:
    from dicomveil.cli.fetching import Fetching
    from dicomveil.engine.census import Census

# How a SRC begins or ends that is fetched first; docs/places.md says what each means.
ELSEWHERE = ("pacs:", "place:", "smb://", "\\\\", "s3://", "gs://", "az://")
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


class Given(TypedDict):
    """The command line as click read it."""

    sources: tuple[str, ...]
    destination: str
    profile: str
    further: tuple[str, ...]
    key_file: str | None
    jobs: int | None
    layout: str | None
    dicomdir: bool
    accept_names: bool
    accept_pixels: bool
    private: str | None
    crosswalk: bool
    checksum: bool
    reflink: bool
    no_templates: bool
    resume: bool
    overwrite: bool
    dry_run: bool
    follow_links: bool
    show_paths: bool
    no_verify: bool
    as_json: bool
    pseudo_id: str | None
    pseudo_name: str | None
    pseudonyms: str | None


@click.command()
@click.argument("sources", metavar="SRC...", nargs=-1, required=True)
@click.argument("destination", metavar="DST")
@click.option(
    "--profile",
    default="basic",
    metavar="NAME",
    help="The rules: basic, research, tcia, or a recipe's file.",
    show_default=True,
)
@click.option(
    "--option",
    "further",
    multiple=True,
    metavar="NAME",
    help="An option of PS3.15 E.3, such as retain-uids; may be given several times.",
)
@click.option("--key-file", metavar="FILE", help="The key of the pseudonyms.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes; by default all usable cores.",
)
@click.option(
    "--layout",
    type=click.Choice([str(x) for x in Layout]),
    help="The shape of DST.  [default: uid; with --dicomdir media]",
)
@click.option("--dicomdir", is_flag=True, help="Write a DICOMDIR of the outputs (--layout media).")
@click.option(
    "--accept-names", is_flag=True, help="SRC's own names identify nobody (--layout keep)."
)
@click.option(
    "--accept-pixels", is_flag=True, help="Deliver pixels that nothing has looked at, on your word."
)
@click.option("--private", metavar="DIR", help="The private side; by default DST.private.")
@click.option("--crosswalk", is_flag=True, help="Write private tables of old and new identifiers.")
@click.option("--checksum", is_flag=True, help="Add each output's SHA-256 to the manifest.")
@click.option(
    "--reflink", is_flag=True, help="Align pixel data so that XFS or btrfs shares it with SRC."
)
@click.option("--pseudo-id", metavar="ID", help="The Patient ID of SRC's one patient.")
@click.option("--pseudo-name", metavar="NAME", help="The name of SRC's one patient.")
@click.option("--pseudonyms", metavar="CSV", help="The Patient IDs and names of SRC's patients.")
@click.option("--resume", is_flag=True, help="Finish an interrupted run.")
@click.option("--overwrite", is_flag=True, help="Replace the whole of an earlier output.")
@click.option("--dry-run", is_flag=True, help="Do everything but write, and count by tag.")
@click.option("--follow-links", is_flag=True, help="Follow symbolic links inside SRC.")
@click.option("--show-paths", is_flag=True, help="Name source paths on the terminal.")
@click.option("--no-verify", is_flag=True, help="Leave out the proof; recorded in the manifest.")
@click.option("--no-templates", is_flag=True, help="Walk every header: the same bytes, slower.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def deid(**given: Unpack[Given]) -> Exit:
    """De-identify the DICOM files of SRC into DST.

    Files that are not DICOM are skipped, and files that cannot be cleaned are quarantined: they
    stay where they are, and the private report beside DST says which they are, and why.
    """
    _check(given)
    if any(_may_lie_elsewhere(source) for source in given["sources"]):
        from dicomveil.cli.fetching import fetching

        again = given["resume"]
        with fetching(given["sources"], given["destination"], again=again) as fetched:
            given["sources"] = fetched.paths
            return _run(given, fetched)
    return _run(given, None)


def _may_lie_elsewhere(source: str) -> bool:
    """Whether SRC may be no path of this machine's; cheap, and settled by `fetching`."""
    return source.startswith(ELSEWHERE) or source.lower().endswith(ARCHIVES)


def _run(given: Given, fetched: "Fetching | None") -> Exit:
    """De-identify what SRC are by now."""
    asked = _asked(given)
    order = order_of(asked, os.environ)
    if fetched is not None:
        preflight.check(order)  # before anything is fetched for nothing
        fetched.bring()
    with shown_progress(order, paths=given["show_paths"]) as watch:
        outcome = deidentify_tree(order, executors(order), watch)
    summary = Summary(order, outcome, asked.engine.pixels)
    summary.show_people()
    if fetched is not None:
        fetched.stays = summary.unfinished
    census = _census(order) if given["dry_run"] else None
    if given["as_json"]:
        summary.show_programs(census)
    elif census is not None:
        from dicomveil.cli.looking import print_lines

        print_lines(census.lines())
    return summary.exit


def _census(order: Order) -> "Census":
    """What would become of the elements of SRC, by tag."""
    # Whoever delivers does not wait for what explains.
    from dicomveil.jobs.census import census_of

    workshop = order.workshop
    assert isinstance(workshop, EngineWorkshop)  # wiring knows no other
    return census_of(order, workshop.cleaner().rules)


def _check(given: Given) -> None:
    """Raise UsageError for options that need or exclude each other."""
    if given["layout"] == Layout.KEEP and not given["accept_names"]:
        raise click.UsageError("--layout keep needs --accept-names: SRC's names may name patients")
    if given["dicomdir"] and _layout(given) is not Layout.MEDIA:
        raise click.UsageError("--dicomdir needs --layout media: its names have 8 characters")
    if given["resume"] and given["overwrite"]:
        raise click.UsageError("--resume finishes a run, --overwrite replaces one: choose one")
    if given["pseudonyms"] and (given["pseudo_id"] or given["pseudo_name"]):
        raise click.UsageError("--pseudonyms is a list, --pseudo-id is for one: choose one")


def _asked(given: Given) -> Asked:
    """What was asked, in the words of the rooms."""
    return Asked(
        sources=given["sources"],
        destination=given["destination"],
        profile=given["profile"],
        further=tuple(Option.named(name) for name in given["further"]),
        engine=Options(
            verify=Verify.OFF if given["no_verify"] else Verify.ON,
            templates=Templates.OFF if given["no_templates"] else Templates.ON,
            pixels=PixelTrust.ACCEPTED if given["accept_pixels"] else PixelTrust.UNPROVEN,
        ),
        key_file=given["key_file"],
        workers=given["jobs"],
        layout=_layout(given),
        private=given["private"],
        links=Links.FOLLOW if given["follow_links"] else Links.IGNORE,
        existing=_existing(given),
        checksum=Checksum.SHA256 if given["checksum"] else Checksum.NONE,
        alignment=Alignment.REFLINK if given["reflink"] else Alignment.NONE,
        crosswalk=Crosswalk.WRITE if given["crosswalk"] else Crosswalk.NONE,
        directory=Directory.WRITE if given["dicomdir"] else Directory.NONE,
        pseudo_id=given["pseudo_id"],
        pseudo_name=given["pseudo_name"],
        pseudonyms=given["pseudonyms"],
        purpose=Purpose.REHEARSE if given["dry_run"] else Purpose.DELIVER,
    )


def _layout(given: Given) -> Layout:
    """The shape of DST: a file-set's where a DICOMDIR is asked for."""
    if given["layout"] is None:
        return Layout.MEDIA if given["dicomdir"] else Layout.UID
    return Layout(given["layout"])


def _existing(given: Given) -> Existing:
    """What is done about a DST that is there already."""
    if given["resume"]:
        return Existing.RESUME
    return Existing.OVERWRITE if given["overwrite"] else Existing.REFUSE
