"""The demonstration shows what the README promises."""

import os
import subprocess
import sys
from pathlib import Path

from pydicom import dcmread

from tests.house.tree import ROOT, needs_deid
from tools.demo_study import PATIENTS, write_study


def test_the_study_plants_every_identifier_it_says(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    everything = b"\n".join(str(path).encode() + path.read_bytes() for path in files)

    missing = [
        text
        for text in study.planted
        if text.encode("latin-1") not in everything and text.encode() not in everything
    ]

    assert missing == []
    assert study.files == len(files)


def test_the_study_is_sound_dicom_but_for_the_file_cut_in_half(tmp_path: Path) -> None:
    write_study(tmp_path)

    images = [dcmread(path) for path in tmp_path.rglob("*.dcm") if path.name != "CT00006.dcm"]

    assert {image.PatientID for image in images} == {patient.number for patient in PATIENTS}
    assert sorted(image.Modality for image in images) == ["CT"] * 10 + ["US"]


@needs_deid
def test_the_demonstration_finds_nothing_of_what_it_planted(tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "tools.demo"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert ": 0 found." in shown.stdout
