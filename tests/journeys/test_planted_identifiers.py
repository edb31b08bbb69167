"""Whoever is planted in an object, anywhere and in any encoding, comes out of nowhere."""

import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dicomveil
from dicomveil.dicom.part10 import inflate, open_part10
from dicomveil.errors import DicomveilError
from tests.builders import KEY
from tests.house.tree import ROOT
from tests.journeys.planted import Planted, files

BASIC = dicomveil.load_profile("basic")
EXAMPLES = 400


def seen_of(planted: Planted) -> tuple[bytes, str]:
    """The output, and all that a program could print: report and reprs, or the error in full."""
    try:
        cleaned = dicomveil.deidentify(planted.data, BASIC, KEY)
    except DicomveilError as error:
        return b"", "".join(traceback.format_exception(error)) + repr(error)
    shown = [repr(cleaned.report), repr(cleaned.report and cleaned.report.changes)]
    shown += [repr(dicomveil.identity(planted.data)), repr(cleaned)]
    return readable(dicomveil.joined(cleaned, planted.data)), "".join(shown)


def readable(written: bytes) -> bytes:
    """The whole output, its data set inflated where it is deflated."""
    frame = open_part10(written)
    body = written[frame.start :]
    return written[: frame.start] + (inflate(body) if frame.syntax.deflated else body)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(files())
def test_no_planted_word_is_in_the_output_or_in_what_is_shown(planted: Planted) -> None:
    written, shown = seen_of(planted)

    assert [w for w in planted.spellings() if w in written.lower()] == []
    assert [w for w in planted.words if w.lower() in shown.lower()] == []


def cleaned_tree(folder: Path, objects: list[Planted]) -> subprocess.CompletedProcess[bytes]:
    """A run of the command over the objects, whose files and folder are named for the patient."""
    source = folder / "Zaphodbeeble"
    source.mkdir()
    for number, planted in enumerate(objects):
        (source / f"MRN77312345-{number}.dcm").write_bytes(planted.data)
    (folder / "key").write_bytes(KEY)
    (folder / "key").chmod(0o600)
    ordered = [str(source), str(folder / "out"), "--key-file", str(folder / "key"), "--json"]
    return subprocess.run(
        [sys.executable, "-m", "dicomveil", "deid", *ordered, "--private", str(folder / "private")],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        cwd=folder,
        capture_output=True,
        check=False,
    )


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(files(), min_size=10, max_size=30))
def test_no_planted_word_comes_out_of_the_command(objects: list[Planted]) -> None:
    with tempfile.TemporaryDirectory() as made:
        run = cleaned_tree(Path(made), objects)
        public = [path for path in (Path(made) / "out").rglob("*") if path.is_file()]
        written = [readable(path.read_bytes()) for path in public if path.suffix == ".dcm"]
        told = [path.read_bytes() for path in public if path.suffix != ".dcm"]
        names = [os.fsencode(path.relative_to(made)) for path in public]

    everything = b"\n".join([run.stdout, run.stderr, *names, *told, *written]).lower()
    words = {word for planted in objects for word in planted.spellings()}
    assert run.returncode in (0, 3), run.stderr
    assert b"manifest" in b"".join(names)
    assert [word for word in words if word in everything] == []
