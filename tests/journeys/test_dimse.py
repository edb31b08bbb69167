"""From real archives through `dicomveil deid` and back to them, by DIMSE.

An archive may re-encode what it stores, so outputs are those of the same files element by element,
with the same bytes of pixels.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pydicom
import pytest

from dicomveil.errors import InvalidDicom, PlaceRefuses
from dicomveil.places.asking import Hits, is_uid
from dicomveil.places.dimse import Pacs
from dicomveil.places.dimse_peer import Listening, Peer, Retrieval
from dicomveil.places.labels import label_of, read_label
from dicomveil.places.place import Arrival, Asked
from tests.contracts.dimse import PATIENCE
from tests.journeys.world import World
from tests.real import corpus, needs_corpus, real_files
from tests.servers.dcmtk import dcmqrscp, storescu
from tests.servers.elements import are_alike
from tests.servers.network import Network, free_port
from tests.servers.orthanc import TITLE, Orthanc

PACKAGED = Path(pydicom.data.__file__).parent / "test_files"
FILES = [
    "CT_small.dcm",
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "rtplan.dcm",
    "waveform_ecg.dcm",
]
FRAMES_DEFLATED = "1.2.840.10008.1.2.8.1"  # of 2025
ALL_UNKNOWN = "explicit_VR-UN.dcm"  # every element is sent as UN
OURS, PORT = "DEID", 11113
KEYS = ["study_instance_uid", "series_instance_uid", "patient_id", "accession_number"]
Archive = Callable[[Retrieval, Sequence[Path]], Pacs]


def place(port: int, called: str, retrieval: Retrieval) -> Pacs:
    """An archive as a place."""
    return Pacs(
        Peer(
            name="pacs",
            host="127.0.0.1",
            port=port,
            called=called,
            calling=OURS,
            retrieval=retrieval,
            listening=Listening("127.0.0.1", PORT),
            patience=PATIENCE,
            hits=Hits.ANY,
        )
    )


@pytest.fixture
def orthanc_archive(orthanc: Orthanc) -> Archive:
    """Orthanc, holding what it is given."""

    def holding(retrieval: Retrieval, files: Sequence[Path]) -> Pacs:
        orthanc.upload(path.read_bytes() for path in files)
        return place(orthanc.dicom_port, TITLE, retrieval)

    return holding


@pytest.fixture
def dcmtk_archive(network: Network, inside: None, tmp_path: Path) -> Iterator[Archive]:  # noqa: ARG001 - for its effect
    """DCMTK's dcmqrscp, holding what it is given."""
    port = free_port()

    def holding(retrieval: Retrieval, files: Sequence[Path]) -> Pacs:
        assert storescu(port, "QRSCP", files) == 0
        return place(port, "QRSCP", retrieval)

    folder = tmp_path / "archive"
    folder.mkdir()
    with dcmqrscp(network, folder, port, (OURS, PORT)):
        yield holding


@pytest.fixture
def archive(request: pytest.FixtureRequest) -> Archive:
    """One of the two."""
    found: Archive = request.getfixturevalue(request.param)
    return found


retrievals = pytest.mark.parametrize("retrieval", list(Retrieval))


def asked_by(key: str, path: Path) -> Asked:
    """The question by that key."""
    label = label_of(path)
    values = {
        "study_instance_uid": label.study,
        "series_instance_uid": label.series,
        "patient_id": label.patient_id,
        "accession_number": label.accession_number,
    }
    return Asked(**{key: values[key]})


def cleaned(folder: Path, like: Path, files: Sequence[bytes]) -> dict[str, bytes]:
    """What `deid` makes of the files, under the key of `like`."""
    folder.mkdir()
    (folder / "settings").symlink_to(like)
    world = World(folder)
    for number, content in enumerate(files):
        world.put(str(number), content)
    world.deid("--jobs", "1")
    return world.outputs()


CASES = [
    *(("study_instance_uid", name) for name in FILES),
    ("series_instance_uid", "CT_small.dcm"),
    ("patient_id", "CT_small.dcm"),
    ("accession_number", "examples_overlay.dcm"),
]
# dcmqrscp answers no question for a series without its study; storescu sends it no compressed file.
NOT_DCMTK = {"series_instance_uid", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm"}


@pytest.mark.parametrize(
    ("archive", "key", "name"),
    [
        (archive, *case)
        for archive in ("orthanc_archive", "dcmtk_archive")
        for case in CASES
        if archive != "dcmtk_archive" or not NOT_DCMTK & set(case)
    ],
    indirect=["archive"],
)
@retrievals
def test_outputs_of_what_was_fetched_say_what_those_of_the_files_say(
    archive: Archive, retrieval: Retrieval, key: str, name: str, tmp_path: Path
) -> None:
    original = PACKAGED / name
    source = archive(retrieval, [original])
    came = list(source.fetch(asked_by(key, original), tmp_path / "spool"))
    settings = tmp_path / "settings"
    settings.mkdir()
    outputs = cleaned(tmp_path / "one", settings, [path.read_bytes() for path in came])
    expected = cleaned(tmp_path / "other", settings, [original.read_bytes()])

    assert list(outputs) == list(expected)
    assert len(expected) == 1
    for path, content in outputs.items():
        assert are_alike(content, expected[path])


def can_be_sent(path: Path) -> bool:
    """Whether Orthanc can send the file: it knows the syntax, and can read the SOP class."""
    try:
        label = label_of(path)
    except InvalidDicom:
        return False
    return label.syntax != FRAMES_DEFLATED and path.name != ALL_UNKNOWN


@needs_corpus
@retrievals
def test_every_real_file_comes_in_the_syntax_it_is_stored_in(
    orthanc: Orthanc, retrieval: Retrieval, tmp_path: Path
) -> None:
    """Nothing is transcoded at our asking: each syntax is proposed in a context of its own."""
    beside = corpus()
    files = [path for path in real_files() if beside is not None and beside in path.parents]
    files = [path for path in files if can_be_sent(path)]
    held: dict[str, dict[str, bytes]] = {}
    for content in map(orthanc.file, orthanc.take(path.read_bytes() for path in files)):
        label = read_label(content, len(content))
        held.setdefault(label.study, {})[label.sop_instance] = content
    source = place(orthanc.dicom_port, TITLE, retrieval)
    wrong: list[str] = []
    for number, study in enumerate(study for study in sorted(held) if is_uid(study)):
        for path in source.fetch(Asked(study_instance_uid=study), tmp_path / str(number)):
            label = label_of(path)
            stored = held[study].pop(label.sop_instance)
            if read_label(stored, len(stored)).syntax != label.syntax:
                wrong.append(label.syntax)
        assert held[study] == {}

    assert wrong == []


def test_what_was_delivered_is_read_back(orthanc: Orthanc, tmp_path: Path) -> None:
    world = World(tmp_path)
    for name in FILES:
        world.put(name, (PACKAGED / name).read_bytes())
    world.deid("--jobs", "1")
    outputs = world.outputs()
    names = [name for name in outputs if name.endswith(".dcm")]
    destination = place(orthanc.dicom_port, TITLE, Retrieval.GET)

    sent = list(destination.deliver(world.dst, names))

    assert sent == [(name, Arrival.DELIVERED) for name in names]
    there = [orthanc.file(name) for name in orthanc.instances()]
    by_sop = {read_label(one, len(one)).sop_instance: one for one in there}
    for name in names:
        label = read_label(outputs[name], len(outputs[name]))
        assert are_alike(by_sop[label.sop_instance], outputs[name])


def test_a_patient_is_found_at_the_patients_level(orthanc_archive: Archive) -> None:
    source = orthanc_archive(Retrieval.GET, [PACKAGED / "CT_small.dcm"])

    (found,) = source.patients("1CT1")

    assert found.patient_name == "CompressedSamples^CT1"
    assert found.studies == 1


def test_a_title_that_the_archive_does_not_know_receives_nothing(
    dcmtk_archive: Archive, tmp_path: Path
) -> None:
    known = dcmtk_archive(Retrieval.MOVE, [PACKAGED / "CT_small.dcm"])
    port = known._peer.port
    unknown = Pacs(
        Peer(
            name="pacs",
            host="127.0.0.1",
            port=port,
            called="QRSCP",
            calling="NOBODY",
            retrieval=Retrieval.MOVE,
            listening=Listening("127.0.0.1", PORT),
            patience=PATIENCE,
        )
    )

    with pytest.raises(PlaceRefuses, match="A801"):
        list(unknown.fetch(Asked(patient_id="1CT1"), tmp_path / "spool"))
