"""A place to run `dicomveil deid` in: a source tree, a destination, and a key of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

PLANTED = "Zacharias"
"""Stands in the names of the patient, of folders and of files; never in anything public."""

_ROOT = Path(__file__).parents[2]
_UID = "1.2.826.0.1.3680043.10.1"
_INSTANCE = f"{_UID}.100000000"


def ct(number: int, *, series: int = 1, fill: int = 0, pixels: int = 512) -> bytes:
    """A CT slice whose instance UID is told by `number`, in a study of one patient.

    Its pixel data is `pixels` bytes of `fill`, a multiple of 512.
    """
    named = {
        _INSTANCE: f"{_UID}.1{number:08d}",
        f"{_UID}.2.100": f"{_UID}.2.{100 + series}",
    }
    content = _slice(pixels)
    for old, new in named.items():
        content = content.replace(old.encode(), new.encode())
    return content[:-pixels] + bytes([fill]) * pixels


@cache
def _slice(pixels: int) -> bytes:
    image = Dataset()
    image.SOPClassUID = CTImageStorage
    image.SOPInstanceUID = _INSTANCE
    image.StudyDate = "20260102"
    image.Modality = "CT"
    image.SeriesDescription = f"head of {PLANTED}"
    image.PatientName = f"{PLANTED}^Planted"
    image.PatientID = "4711-planted"
    image.BodyPartExamined = "HEAD"
    image.StudyInstanceUID = f"{_UID}.3"
    image.SeriesInstanceUID = f"{_UID}.2.100"
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows = pixels // 512
    image.Columns = 256
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit = 15
    image.PixelRepresentation = 0
    image.PixelData = bytes(pixels)
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    written = BytesIO()
    dcmwrite(written, image, enforce_file_format=True)
    return written.getvalue()


@dataclass(frozen=True, slots=True)
class World:
    """One test's own folder."""

    folder: Path

    @property
    def src(self) -> Path:
        return self.folder / "hospital"

    @property
    def dst(self) -> Path:
        return self.folder / "out"

    @property
    def private(self) -> Path:
        return self.folder / "out.private"

    @property
    def key(self) -> Path:
        return self.folder / "settings" / "dicomveil" / "key"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command: the code under test, and a key nobody else has."""
        chosen = os.environ | {
            "XDG_CONFIG_HOME": str(self.folder / "settings"),
            "PYTHONPATH": str(_ROOT / "src"),
            "COLUMNS": "200",
        }
        chosen.pop("DICOMVEIL_KEY_FILE", None)
        return chosen

    def put(self, name: str | bytes, content: bytes) -> Path:
        """A file of SRC."""
        path = Path(os.fsdecode(os.path.join(os.fsencode(self.src), os.fsencode(name))))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def fill(self, files: int, folders: int = 3) -> None:
        """So many slices in so many folders that are named after the patient."""
        for number in range(files):
            self.put(f"{PLANTED}-{number % folders}/IM{number:05d}", ct(number))

    def command(self, *options: str) -> list[str]:
        """The command line that de-identifies SRC into DST."""
        start = [sys.executable, "-m", "dicomveil", "deid"]
        return [*start, str(self.src), str(self.dst), *options]

    def deid(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return self.run(self.command(*options))

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run any command line here."""
        return subprocess.run(
            command, capture_output=True, text=True, env=self.environment, check=False, timeout=120
        )

    def start(self, *options: str) -> "subprocess.Popen[str]":
        """Run it without waiting, as a group of processes of its own."""
        return subprocess.Popen(
            self.command(*options),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
            start_new_session=True,
        )

    def outputs(self) -> dict[str, bytes]:
        """Every file of DST but the manifest, by its path there."""
        return {name: content for name, content in self.public().items() if "manifest" not in name}

    def public(self) -> dict[str, bytes]:
        """Every file of DST, by its path there."""
        return {
            str(path.relative_to(self.dst)): path.read_bytes()
            for path in sorted(self.dst.rglob("*"))
            if path.is_file()
        }

    def manifest(self) -> list[dict[str, object]]:
        """The manifest's lines."""
        return lines(self.dst / "manifest.jsonl")

    def statuses(self) -> list[object]:
        """What the manifest says of each file, in order."""
        return [line["status"] for line in self.manifest() if "status" in line]

    def counts(self) -> dict[str, int]:
        """The counts of a complete manifest, without zeros."""
        counts = self.manifest()[-1]["counts"]
        assert isinstance(counts, dict)
        return {name: count for name, count in counts.items() if count}

    def quarantine(self) -> list[dict[str, object]]:
        """The private report."""
        return lines(self.private / "quarantine.jsonl")


def lines(path: Path) -> list[dict[str, object]]:
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def same_run(one: World, other: World) -> bool:
    """Whether two runs have the same public side, byte for byte."""
    return one.public() == other.public()


def without(members: Mapping[str, object], *names: str) -> dict[str, object]:
    """The members but those."""
    return {name: value for name, value in members.items() if name not in names}
