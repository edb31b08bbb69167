"""The generated trees that the benchmark runs over: `ct`, `hdr`, `big` and `many`.

Ten patients with two studies each; the same call writes the same bytes on every machine. What
differs between the slices of a series is what differs in a hospital: about 25 of 184 elements.
Each tree's first patient is a tenth of it, for those that would need minutes for the whole.
"""

import hashlib
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import header

PATIENTS = 10
STUDIES = 2
CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
_ROOT = "1.2.826.0.1.3680043.10.1"
_SMALL_GROUPS = ("0008", "0010", "0020", "0028")
_NAMES = ("Müller^Änne", "Planted^Peter", "García^José", "Smith^Mary Ann", "Ng^Li")


@dataclass(frozen=True, slots=True)
class Corpus:
    """One tree to generate: how many series of how many slices, and how large the pictures."""

    name: str
    series: int
    slices: int
    rows: int
    nodes: tuple[header.Node, ...]
    patients: int = PATIENTS
    studies: int = STUDIES

    @property
    def files(self) -> int:
        """How many files the whole tree has."""
        return self.patients * self.studies * self.series * self.slices


@dataclass(frozen=True, slots=True)
class Tree:
    """A generated tree on disk."""

    root: Path
    files: int
    bytes: int

    @property
    def tenth(self) -> Path:
        """The first patient, a tenth of the files."""
        return self.root / "PAT00"


def corpus(name: str, *, scale: float = 1.0) -> Corpus:
    """The corpus of that name; `scale` below 1 makes its series shorter. KeyError if unknown."""
    if name == "tags":
        one = max(1, round(50 * scale))
        return Corpus(name, 1, one, 512, header.recipe(), patients=40, studies=1)
    series, slices, rows, nodes = {
        "ct": (1, 100, 512, header.recipe()),
        "hdr": (5, 250, 64, header.recipe()),
        "many": (5, 1000, 8, _small(header.recipe())),
    }[name]
    return Corpus(name, series, max(1, round(slices * scale)), rows, nodes)


def generate(wanted: Corpus, root: Path) -> Tree:
    """Write the tree under `root`, which is emptied first; seconds for the whole `ct`."""
    shutil.rmtree(root, ignore_errors=True)
    size = 0
    for patient in range(wanted.patients):
        person = _patient(patient)
        for study in range(wanted.studies):
            visit = person | _study(patient, study)
            for series in range(wanted.series):
                place = root / f"PAT{patient:02}" / f"ST{study}" / f"SE{series}"
                place.mkdir(parents=True)
                size += _write_series(wanted, place, visit | _series(visit, series, wanted))
    return Tree(root, wanted.files, size)


def generate_big(root: Path, *, frames: int = 2000) -> Tree:
    """Write one native multi-frame file (1 GB by default) in pieces of one frame, no holes."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    one = Corpus("big", 1, 1, 512, header.recipe(extra="0028,0008 IS {frames}"))
    visit = _patient(0) | _study(0, 0)
    values = visit | _series(visit, 0, one) | {"sop_class": ENHANCED_CT, "frames": str(frames)}
    values |= next(_slices(one, values))
    frame = _noise(one.rows, 0)
    path = root / "IM00001"
    with path.open("wb") as file:
        file.write(header.file_meta(ENHANCED_CT, values["sop_uid"]))
        file.write(header.written(one.nodes, values))
        file.write(header.pixel_head(frames * len(frame)))
        for _ in range(frames):
            file.write(frame)
    return Tree(root, 1, path.stat().st_size)


def _small(nodes: tuple[header.Node, ...]) -> tuple[header.Node, ...]:
    """The header cut to what fits a page of memory with its pixels: 100,000 are 400 MB."""
    return tuple(
        node for node in nodes if isinstance(node, header.Leaf) and node.tag[:4] in _SMALL_GROUPS
    )


def _write_series(wanted: Corpus, place: Path, values: dict[str, str]) -> int:
    size = 0
    pieces = header.settled(wanted.nodes, values)
    noise = _noise(wanted.rows, int(values["series_number"]))
    for at, per_slice in enumerate(_slices(wanted, values)):
        pixels = noise[at * 14 :] + noise[: at * 14]
        meta = header.file_meta(CT, per_slice["sop_uid"])
        head = header.written(pieces, values | per_slice)
        with (place / f"IM{at + 1:05}").open("wb") as file:
            file.write(b"".join((meta, head, header.pixel_head(len(pixels)), pixels)))
            size += file.tell()
    return size


def _noise(rows: int, seed: int) -> bytes:
    """One picture of 12 bits in 16, as CT has; nothing outside the stored bits."""
    size = rows * rows * 2
    noise = random.Random(seed).getrandbits(size * 8)
    return (noise & int.from_bytes(b"\xff\x0f" * (size // 2), "little")).to_bytes(size, "little")


def _patient(patient: int) -> dict[str, str]:
    return {
        "patient_name": _NAMES[patient % len(_NAMES)],
        "patient_id": f"{7300000 + patient * 7919}",
        "birth_date": f"19{(40 + patient * 4) % 100:02}0{1 + patient % 9}17",
        "sex": "FM"[patient % 2],
        "age": f"{80 - patient * 4 % 80:03}Y",
        "height": f"1.{60 + patient}",
        "weight": f"{58 + patient * 3}.5",
    }


def _study(patient: int, study: int) -> dict[str, str]:
    number = patient * STUDIES + study
    return {
        "study_uid": _uid("study", number),
        "step_uid": _uid("step", number),
        "study_date": f"2019{1 + number % 12:02}{10 + study:02}",
        "study_time": f"{8 + number % 9:02}1500",
        "accession": f"{20190000 + number * 37}",
        "study_id": f"{4100 + number}",
        "study_description": ("CT abdomen", "CT chest and abdomen")[study],
    }


def _series(visit: dict[str, str], series: int, wanted: Corpus) -> dict[str, str]:
    name = f"{visit['study_uid']}/{series}"
    side = str(wanted.rows)
    return {
        "sop_class": CT,
        "series_uid": _uid("series", name),
        "frame_uid": _uid("frame", name),
        "localizer_uid": _uid("localizer", name),
        "series_number": str(series + 2),
        "series_time": f"{visit['study_time'][:2]}{20 + series:02}31",
        "series_description": ("ABD 5.0", "ABD 1.25 BONE", "LUNG", "COR", "SAG")[series],
        "protocol": f"5.{12 + series} Abdomen routine",
        "kernel": ("STANDARD", "BONE", "LUNG", "SOFT", "DETAIL")[series],
        "thickness": ("5", "1.25", "2.5", "3", "3")[series],
        "table_height": f"{140 + series}.5",
        "rows": side,
        "private_seconds": str(1555000000 + series * 61),
        "private_delay": f"{3 + series}.5",
    }


def _slices(wanted: Corpus, values: dict[str, str]) -> Iterator[dict[str, str]]:
    """What differs from slice to slice; lengths differ too, as decimal strings do."""
    name = values["series_uid"]
    dice = random.Random(name)
    hour = values["series_time"][:2]
    for at in range(wanted.slices):
        z = 250.0 - at * 1.25
        current = 180 + dice.randrange(0, 220)
        clock = f"{hour}{(30 + at // 60) % 60:02}{at % 60:02}"
        yield {
            "sop_uid": _uid("sop", f"{name}/{at}"),
            "previous_uid": _uid("sop", f"{name}/{at - 1}"),
            "source_uid": _uid("raw", f"{name}/{at}"),
            "event_uid": _uid("event", f"{name}/{at // 50}"),
            "creation_time": f"{clock}.{dice.randrange(100):02}",
            "acquisition_time": f"{clock}.{dice.randrange(1000000):06}",
            "content_time": f"{clock}.{dice.randrange(1000):03}",
            "number": str(at + 1),
            "acquisition_number": str(1 + at // 50),
            "in_acquisition": str(at % 50 + 1),
            "position": f"-180\\-176.5\\{z:g}",
            "location": f"{z:.3f}".rstrip("0"),
            "table_position": f"{z + 31.5}",
            "current": str(current),
            "exposure": str(current // 20),
            "exposure_time": str(dice.choice((500, 522, 760))),
            "ctdi": f"{current * 0.021:.4f}",
            "image_comments": dice.choice(("", "axial", "artefact seen by Dr Planted")),
            "smallest": str(dice.randrange(0, 30)),
            "largest": str(dice.randrange(2000, 4096)),
            "window_center": dice.choice(("40", "50", "300")),
            "window_width": dice.choice(("400", "350", "1500")),
            "private_location": f"{z:.2f}",
            "private_center": f"{dice.random():.4f}",
            "private_angle": f"{dice.random() * 360:.3f}",
            "private_milliamps": str(current * 1000),
        }


def _uid(kind: str, number: int | str) -> str:
    digest = hashlib.blake2b(f"{kind}/{number}".encode(), digest_size=8).digest()
    return f"{_ROOT}.{int.from_bytes(digest)}"
