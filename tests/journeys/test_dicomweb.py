"""From a real PACS through `dicomveil deid` and back to it, by DICOMweb.

What is fetched is, byte for byte, what the hospital stored: so outputs are those of the same files
in a folder.
"""

from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest

from dicomveil.cli.exits import Exit
from dicomveil.places.asking import is_uid
from dicomveil.places.dicomweb import DicomWeb
from dicomveil.places.labels import Label, label_of, read_label
from dicomveil.places.link import Access
from dicomveil.places.place import Arrival, Asked, Source
from dicomveil.places.wado_uri import WadoUri
from tests.journeys.world import World
from tests.real import corpus, needs_corpus, real_files
from tests.servers.orthanc import Orthanc

PACKAGED = Path(pydicom.data.__file__).parent / "test_files"
# Of several modalities, transfer syntaxes and makers; each has what a PACS asks for.
FILES = [
    "CT_small.dcm",
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "rtplan.dcm",
]


@pytest.fixture
def pacs(orthanc: Orthanc) -> Iterator[DicomWeb]:
    """The place that the test asks."""
    place = DicomWeb("pacs", Access(orthanc.web))
    yield place
    place.close()


def fetched(source: Source, asked: Asked, world: World) -> None:
    """Bring what is asked for to the world's SRC."""
    for path in source.fetch(asked, world.folder / "spool"):
        world.src.mkdir(exist_ok=True)
        path.rename(world.src / path.name)


def delivered(folder: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    """What `deid` makes of the files in a folder."""
    world = World(folder)
    for name, content in files.items():
        world.put(name, content)
    world.deid("--jobs", "1")
    return world.outputs()


@pytest.mark.parametrize(
    ("key", "name"),
    [
        *(("study_instance_uid", name) for name in FILES),
        ("series_instance_uid", "CT_small.dcm"),
        ("patient_id", "CT_small.dcm"),
        ("patient_id", "waveform_ecg.dcm"),
        ("accession_number", "examples_overlay.dcm"),
        ("accession_number", "waveform_ecg.dcm"),
    ],
)
def test_outputs_of_what_was_fetched_are_those_of_the_files_themselves(
    pacs: DicomWeb, orthanc: Orthanc, tmp_path: Path, name: str, key: str
) -> None:
    original = PACKAGED / name
    orthanc.upload([original.read_bytes()])
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    world = World(one)

    fetched(pacs, asked_by(key, label_of(original)), world)
    world.deid("--jobs", "1")
    expected = other_world(other, one, {"1": original.read_bytes()})

    assert world.outputs() == expected
    assert expected


def other_world(folder: Path, like: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    """What `deid` makes of the files under the key of another world."""
    folder.mkdir()
    (folder / "settings").symlink_to(like / "settings")
    return delivered(folder, files)


def asked_by(key: str, label: Label) -> Asked:
    """The question by that key."""
    values = {
        "study_instance_uid": label.study,
        "series_instance_uid": label.series,
        "patient_id": label.patient_id,
        "accession_number": label.accession_number,
    }
    return Asked(**{key: values[key]})


@needs_corpus
def test_every_real_file_that_the_pacs_takes_comes_back_byte_for_byte(
    pacs: DicomWeb, orthanc: Orthanc, tmp_path: Path
) -> None:
    """Nothing is transcoded at our asking, whatever the transfer syntax."""
    beside = corpus()
    files = [path for path in real_files() if beside is not None and beside in path.parents]
    taken = orthanc.take(path.read_bytes() for path in files)
    wado = WadoUri("pacs", Access(orthanc.wado), pacs)
    held: dict[str, set[bytes]] = {}
    for content in map(orthanc.file, taken):
        held.setdefault(read_label(content, len(content)).study, set()).add(content)
    studies = [study for study in sorted(held) if is_uid(study)]
    sources: list[Source] = [pacs, wado]

    for number, source in enumerate(sources):
        for study in studies:
            spool = tmp_path / f"{number}-{study}"
            came = source.fetch(Asked(study_instance_uid=study), spool)
            assert {path.read_bytes() for path in came} == held[study]
    wado.close()
    assert len(studies) > 20


def test_what_was_cleaned_is_delivered_back_and_read_from_there(
    pacs: DicomWeb, orthanc: Orthanc, tmp_path: Path
) -> None:
    world = World(tmp_path)
    for name in FILES:
        world.put(name, (PACKAGED / name).read_bytes())
    assert world.deid("--jobs", "1").returncode in {Exit.DONE, Exit.INCOMPLETE}
    outputs = world.outputs()

    first = list(pacs.deliver(world.dst, outputs))
    second = list(pacs.deliver(world.dst, outputs))

    assert first == [(name, Arrival.DELIVERED) for name in outputs]
    assert second == [(name, Arrival.ALREADY_THERE) for name in outputs]
    assert {orthanc.file(name) for name in orthanc.instances()} == set(outputs.values())
    assert len(outputs) > 2
