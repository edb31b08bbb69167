"""`dicomveil admin pims` and `opt-out`: pseudonym keys, and patients who refuse research."""

import sys
from pathlib import Path

import click

from dicomveil.cli.admin.desk import house, me, say
from dicomveil.jobs import opt_outs
from dicomveil.jobs import pims as pseudonym_keys


@click.group()
def pims() -> None:
    """Pseudonym keys: which patient has which pseudonym."""


@pims.command("add")
@click.argument("name")
@click.option("--key", "fingerprint", required=True, metavar="KEY", help="The key it hashes under.")
@click.option("--template", default="{keyed}", show_default=True, help="Or P{n:05}, {random:10}.")
def add_pims(name: str, fingerprint: str, template: str) -> None:
    """Add a pseudonym key."""
    with house() as opened:
        opened.pims.add_key(name, template, fingerprint, me())


@pims.command("list")
def list_pims() -> None:
    """List the pseudonym keys."""
    with house() as opened:
        say(*(f"{one.name}\t{one.template}\t{one.key}" for one in opened.pims.listed()))


@pims.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
def import_pims(name: str, file: Path) -> None:
    """Enter pseudonyms that were given elsewhere: patient_id, pseudonym, and issuer if need be."""
    with house() as opened, file.open(encoding="utf-8-sig", newline="") as rows:
        say(f"{opened.pims.put(name, pseudonym_keys.read_pairs(rows), me())} are new")


@pims.command("export")
@click.argument("name")
def export_pims(name: str) -> None:
    """Write every patient and their pseudonym as CSV; this is audited."""
    with house() as opened:
        pseudonym_keys.write_pairs(sys.stdout, opened.pims.exported(name, me()))


@pims.command("reidentify")
@click.argument("name")
@click.argument("pseudonym")
def reidentify(name: str, pseudonym: str) -> None:
    """Say whose pseudonym it is; this is audited."""
    with house() as opened:
        who = opened.pims.reidentify(name, pseudonym, me())
    say(f"{who.patient_id}\t{who.issuer}")


@click.group("opt-out")
def opt_out() -> None:
    """Patients who refuse that their data are used for research."""


@opt_out.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_opt_outs(file: Path) -> None:
    """Enter the patients of a CSV file with a column patient_id."""
    with house() as opened, file.open(encoding="utf-8-sig", newline="") as rows:
        say(f"{opened.opt_outs.add(opt_outs.read_patients(rows), me())} are new")


@opt_out.command("remove")
@click.argument("patient")
def remove_opt_out(patient: str) -> None:
    """Take a patient out of the register."""
    with house() as opened:
        say("removed" if opened.opt_outs.remove(patient, me()) else "was not there")


@opt_out.command("count")
def count_opt_outs() -> None:
    """Say how many patients are in the register."""
    with house() as opened:
        say(str(opened.opt_outs.count()))
