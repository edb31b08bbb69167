"""What every place does, whatever it is made of."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from dicomveil.errors import BadIdentifier, NothingFound, SeveralFound
from dicomveil.places.place import Arrival, Asked
from tests.contracts.rig import OBJECTS, Rig

# Places that are asked for studies; each is a fixture of conftest.py.
ARCHIVES = [
    "dicomweb_place",
    "dimse_dcmtk_place",
    "dimse_get_place",
    "dimse_move_place",
    "memory_place",
    "wado_uri_place",
]
# Places that take objects.
DESTINATIONS = [
    "dicomweb_place",
    "dimse_get_place",
    "memory_place",
    "directory_place",
    "smb_place",
    "store_place",
]
STUDY_1, STUDY_2, STUDY_3 = "1.2.3.1", "1.2.3.2", "1.2.3.3"


@pytest.fixture
def archive(request: pytest.FixtureRequest) -> Rig:
    """A place that holds OBJECTS."""
    rig: Rig = request.getfixturevalue(request.param)
    rig.put(OBJECTS)
    return rig


@pytest.fixture
def destination(request: pytest.FixtureRequest) -> Rig:
    """An empty place."""
    rig: Rig = request.getfixturevalue(request.param)
    return rig


archives = pytest.mark.parametrize("archive", ARCHIVES, indirect=True)
destinations = pytest.mark.parametrize("destination", DESTINATIONS, indirect=True)


def are_same(rig: Rig, came: Iterable[bytes], expected: Iterable[bytes]) -> bool:
    """Whether both are the same objects, in any order."""
    left = list(expected)
    for one in came:
        match = next((other for other in left if rig.same(one, other)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


@archives
@pytest.mark.parametrize(
    ("asked", "studies"),
    [
        (Asked(study_instance_uid=STUDY_1), {STUDY_1: 3}),
        (Asked(accession_number="A1"), {STUDY_1: 3, STUDY_2: 1}),
        (Asked(accession_number="A3"), {STUDY_3: 1}),
        (Asked(patient_id="P1"), {STUDY_1: 3, STUDY_2: 1}),
        (Asked(series_instance_uid=f"{STUDY_1}.1"), {STUDY_1: 2}),
        (Asked(patient_id="P1", modality="SR"), {STUDY_1: 1}),
        (Asked(patient_id="P1", series_description="Series 2"), {STUDY_1: 1}),
        (Asked(patient_id="P1", study_date="20240102-"), {STUDY_2: 1}),
        (Asked(accession_number="A"), {}),
        (Asked(patient_id="p1"), {}),
        (Asked(study_instance_uid="1.2.3"), {}),
        (Asked(series_instance_uid="1.2.3.9"), {}),
    ],
    ids=lambda case: (
        "+".join(f"{n}" for n, v in case._asdict().items() if v) if isinstance(case, Asked) else ""
    ),
)
def test_studies_that_equal_what_was_asked_are_found_with_their_counts(
    archive: Rig, asked: Asked, studies: dict[str, int]
) -> None:
    found = archive.place.find(asked)

    assert {one.study_instance_uid: one.instances for one in found} == studies


@archives
def test_a_study_found_says_whose_it_is(archive: Rig) -> None:
    (found,) = archive.place.find(Asked(study_instance_uid=STUDY_3))

    assert found[:-1] == (STUDY_3, "A3", "P3", "Doe^Jane", "20240103", "Thorax")
    assert found.series[0] == ("1.2.3.3.1", "CT", "Series 1", 1)


@archives
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (Asked(study_instance_uid=STUDY_1), ["a/1", "a/2", "a/3"]),
        (Asked(accession_number="A3"), ["b/1"]),
        (Asked(patient_id="P1"), ["a/1", "a/2", "a/3", "a/4"]),
        (Asked(series_instance_uid=f"{STUDY_1}.1"), ["a/1", "a/2"]),
        (Asked(patient_id="P1", modality="SR"), ["a/3"]),
        (Asked(patient_id="P1", study_date="20240102"), ["a/4"]),
        (Asked(patient_id="P1", sop_class="1.2.840.10008.5.1.4.1.1.4"), []),
    ],
)
def test_what_was_asked_for_comes_and_nothing_else(
    archive: Rig, tmp_path: Path, asked: Asked, names: list[str]
) -> None:
    came = list(archive.place.fetch(asked, tmp_path / "spool"))

    assert are_same(archive, [p.read_bytes() for p in came], [OBJECTS[n] for n in names])
    assert sorted((tmp_path / "spool").iterdir()) == sorted(came)


@archives
def test_names_in_the_spool_are_ours_and_nobody_elses_to_read(archive: Rig, tmp_path: Path) -> None:
    spool = tmp_path / "spool"

    for path in archive.place.fetch(Asked(study_instance_uid=STUDY_1), spool):
        assert path.parent == spool
        assert path.name.isdigit()
        assert path.stat().st_mode & 0o077 == 0
    assert spool.stat().st_mode & 0o077 == 0


@archives
def test_two_fetches_into_one_spool_do_not_meet(archive: Rig, tmp_path: Path) -> None:
    wanted = [Asked(study_instance_uid=uid) for uid in (STUDY_1, STUDY_2)]

    came = [path for asked in wanted for path in archive.place.fetch(asked, tmp_path)]

    assert len(set(came)) == 4
    assert Counter(tmp_path.iterdir()) == Counter(came)


@archives
def test_nothing_and_several_are_two_errors(archive: Rig, tmp_path: Path) -> None:
    with pytest.raises(NothingFound):
        list(archive.place.fetch(Asked(accession_number="A9"), tmp_path))
    with pytest.raises(SeveralFound):
        list(archive.place.fetch(Asked(accession_number="A1"), tmp_path))

    assert list(tmp_path.iterdir()) == []


@archives
@pytest.mark.parametrize("value", ["*", "A?", "A\\B", "A\n", " "])
def test_what_matches_loosely_is_not_asked(archive: Rig, tmp_path: Path, value: str) -> None:
    asked = Asked(accession_number=value)

    with pytest.raises(BadIdentifier):
        archive.place.find(asked)
    with pytest.raises(BadIdentifier):
        list(archive.place.fetch(asked, tmp_path))


@destinations
def test_what_is_delivered_is_there_in_order_and_once(destination: Rig, tmp_path: Path) -> None:
    for name, content in OBJECTS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)

    first = list(destination.place.deliver(tmp_path, OBJECTS))
    second = list(destination.place.deliver(tmp_path, OBJECTS))

    assert first == [(name, Arrival.DELIVERED) for name in OBJECTS]
    assert second == [(name, destination.again) for name in OBJECTS]
    assert are_same(destination, destination.held(), OBJECTS.values())


@archives
def test_an_archive_that_is_there_passes_every_step(archive: Rig) -> None:
    steps = list(archive.place.steps())

    assert steps
    assert [step for step in steps if not step.fine] == []


@destinations
def test_a_destination_that_is_there_passes_every_step(destination: Rig) -> None:
    steps = list(destination.place.steps())

    assert steps
    assert [step for step in steps if not step.fine] == []
