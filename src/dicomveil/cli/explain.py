"""`dicomveil explain`: show what a profile does to each element, and which rule says so."""

import os
from pathlib import Path
from typing import TypedDict, Unpack

import click

from dicomveil.cli.exits import Exit
from dicomveil.cli.explained import Explained, FileExplained, TagsExplained
from dicomveil.cli.looking import Values, opened, print_json, print_lines
from dicomveil.dicom.dictionary import tag_of
from dicomveil.dicom.tags import parse_tag
from dicomveil.engine.cleaner import WRITER
from dicomveil.engine.deidentify import Rules
from dicomveil.engine.fate import fates_of
from dicomveil.engine.gate import PixelTrust
from dicomveil.engine.marks import Marks
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.jobs.keyfile import find_key
from dicomveil.policy.conformance import statement
from dicomveil.policy.finding import find_profile
from dicomveil.policy.options import Option
from dicomveil.policy.profile import Profile

_EXAMPLE_KEY = bytes(32)


class Given(TypedDict):
    """The command line as click read it."""

    what: tuple[str, ...]
    profile: str
    further: tuple[str, ...]
    form: str
    values: bool
    key_file: str | None
    conformance: bool


@click.command()
@click.argument("what", metavar="[FILE|TAG]...", nargs=-1)
@click.option("--profile", default="basic", metavar="NAME", help="The rules.", show_default=True)
@click.option("--option", "further", multiple=True, metavar="NAME", help="An option of PS3.15 E.3.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "html"]),
    default="table",
    show_default=True,
    help="How it is printed.",
)
@click.option("--values", is_flag=True, help="Show values: they name patients.")
@click.option("--key-file", metavar="FILE", help="The key, for the very values that a run writes.")
@click.option("--statement", "conformance", is_flag=True, help="Print the conformance statement.")
def explain(**given: Unpack[Given]) -> Exit:
    """Show what a profile does to each element, and which rule says so.

    For a FILE, each of its elements, before and after, values masked; for a TAG, a keyword or
    (gggg,eeee), what happens to it in any object. Without a key file, keyed values are examples.
    """
    profile = find_profile(given["profile"], tuple(map(Option.named, given["further"])))
    if given["conformance"]:
        print_lines(statement(profile))
        return Exit.DONE
    if not given["what"]:
        raise click.UsageError("name a FILE or a TAG, or ask for --statement")
    for what in given["what"]:
        _print(_explained(what, profile, given), given["form"])
    return Exit.DONE


def _explained(what: str, profile: Profile, given: Given) -> Explained:
    tag = _tag(what)
    if tag is not None and not Path(what).exists():
        return TagsExplained(profile, tag)
    file = given["key_file"]
    key = find_key(file, os.environ).value if file else _EXAMPLE_KEY
    with opened(what, "FILE") as original:
        fates = fates_of(original, _rules(profile, key))
        return FileExplained(profile, fates, Values.SHOWN if given["values"] else Values.MASKED)


def _rules(profile: Profile, key: bytes) -> Rules:
    return Rules(
        compiled=profile.compiled,
        names=Pseudonyms(key, renaming=profile.renaming),
        marks=Marks.of(profile),
        pixels=PixelTrust.UNPROVEN,
        writer=WRITER,
        verified=False,
    )


def _tag(text: str) -> int | None:
    """The tag that a keyword or (gggg,eeee) names; None for anything else."""
    found = tag_of(text)
    if found is not None:
        return found
    try:
        return parse_tag(text)
    except ValueError:
        return None


def _print(explained: Explained, form: str) -> None:
    match form:
        case "json":
            print_json(explained.programs())
        case "html":
            print_lines(explained.page())
        case _:
            print_lines(explained.people())
