"""The demonstration: a synthetic study, `dicomveil deid` as a user runs it, before beside after.

Run from the project's root: `python -m tools.demo`. Everything lies in build/demo and may be
looked at afterwards; the key is made there too, so that nothing of the user's is touched.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pydicom import Dataset, dcmread
from rich.console import Console
from rich.table import Table

from tools.demo_study import Study, write_study

FOLDER = Path("build/demo")
SOURCE = FOLDER / "hospital"
OUTPUT = FOLDER / "deidentified"
INCOMPLETE = 3  # deid's exit code when something was quarantined, as here is meant to be

SHOWN = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientTelephoneNumbers",
    "AccessionNumber",
    "ReferringPhysicianName",
    "InstitutionName",
    "StudyDate",
    "StudyInstanceUID",
    "SOPInstanceUID",
    "ReferencedImageSequence[0].ReferencedSOPInstanceUID",
    "RequestAttributesSequence[0].RequestedProcedureID",
    "RequestAttributesSequence[0].ScheduledProcedureStepDescription",
    "(0029,1001) private",
    "(6000,1500) overlay label",
    "(6000,3000) overlay data",
    "Modality",
    "SliceThickness",
    "PixelSpacing",
    "Rows",
    "PixelData",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
)


def main() -> int:
    """Make, de-identify, compare: 0 when nothing that was planted is found in the output."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    shutil.rmtree(FOLDER, ignore_errors=True)
    study = write_study(SOURCE)
    console.print(f"A synthetic study of 2 patients, {study.files} files, lies in {SOURCE}/\n")

    code = _deidentify(console)
    delivered = len(list(OUTPUT.rglob("*.dcm")))
    if (code, delivered) != (INCOMPLETE, study.slices):
        console.print(f"\nUnexpected: exit code {code}, {delivered} files delivered", style="red")
        return 1
    console.print(
        f"\nExit code {INCOMPLETE}: not all was delivered, as planted. The ultrasound may show\n"
        "a name in its pixels, one file is cut in half, and the letter is not DICOM.\n"
    )
    _show(console, study)
    return _search(console, study)


def _deidentify(console: Console) -> int:
    """Run the command as a user would, with a key of the demonstration's own."""
    console.print(f"$ dicomveil deid {SOURCE} {OUTPUT}", style="bold")
    settings = (FOLDER / "settings").resolve()
    environment = os.environ | {"XDG_CONFIG_HOME": str(settings)}
    environment.pop("DICOMVEIL_KEY_FILE", None)
    command = [sys.executable, "-m", "dicomveil", "deid", str(SOURCE), str(OUTPUT)]
    return subprocess.run(command, env=environment, check=False).returncode


def _show(console: Console, study: Study) -> None:
    """One CT slice, before and after."""
    before = dcmread(study.shown)
    path, after = _counterpart(before)
    table = Table(title="One CT slice, before and after", title_justify="left")
    for heading, width in (("element", 0), ("before", 35), ("after", 46)):
        table.add_column(heading, overflow="fold", max_width=width or None)
    table.add_row("path", str(study.shown.relative_to(SOURCE)), str(path.relative_to(OUTPUT)))
    for name in SHOWN:
        old, new = _text(before, name), _text(after, name)
        same = " [dim](the same)[/dim]" if old == new and _value(before, name) else ""
        table.add_row(name.replace("[0].", "[0]\n  > "), old, new + same)
    console.print(table)


def _counterpart(before: Dataset) -> tuple[Path, Dataset]:
    """The output of `before`, known by its series and instance number, which identify nobody."""
    wanted = (before.SeriesNumber, before.InstanceNumber)
    images = ((path, dcmread(path)) for path in OUTPUT.rglob("*.dcm"))
    return next(
        (path, image)
        for path, image in images
        if (image.SeriesNumber, image.InstanceNumber) == wanted
    )


def _value(image: Dataset, name: str) -> object:
    """The value of `Keyword`, `Sequence[0].Keyword` or `(gggg,eeee) …`; None when not there."""
    first, _, rest = name.partition("[0].")
    if rest:
        items = image.get(first)
        return _value(items[0], rest) if items else None
    if name.startswith("("):
        tag = int(name[1:5] + name[6:10], 16)
        return image[tag].value if tag in image else None
    return image.get(name)


def _text(image: Dataset, name: str) -> str:
    """A value as the table shows it."""
    value = _value(image, name)
    if value is None:
        return "[dim]-[/dim]"
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    return str(value) or "[dim](empty)[/dim]"


def _search(console: Console, study: Study) -> int:
    """Look for everything planted in every byte and name of the output."""
    outputs = [path for path in OUTPUT.rglob("*") if path.is_file()]
    haystack = b"\n".join(
        str(path.relative_to(OUTPUT)).encode() + b"\n" + path.read_bytes() for path in outputs
    )
    found = [
        text
        for text in study.planted
        if any(text.encode(encoding) in haystack for encoding in ("utf-8", "latin-1"))
    ]
    console.print(
        f"\n{len(study.planted)} planted identifiers were looked for in every byte and name of "
        f"{len(outputs)} files of the output: {len(found)} found."
    )
    return 1 if found or not outputs else 0


if __name__ == "__main__":
    sys.exit(main())
