"""What the oracle wants under a preset with options, said by hand; and the product agrees."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from tests.oracle.basic import expected_body
from tests.oracle.claims import Cleaned, Expectation, Items, Same, Written
from tests.oracle.compare import differences
from tests.oracle.dates import LEAST, MOST, days, moved
from tests.oracle.outcome import outcome_of
from tests.oracle.people import People
from tests.oracle.presets import Preset
from tests.oracle.studies import CT, KEY, part10, study, tree
from tests.oracle.tree import Leaf
from tests.oracle.verdict import Pixels


def wanted(made: Dataset, preset: Preset = Preset.RESEARCH) -> Expectation:
    return expected_body(tree(made), KEY, CT, preset)


@pytest.mark.parametrize(
    ("vr", "old", "new"),
    [
        pytest.param("DA", b"20200301", b"20200130", id="over the 29th of February"),
        pytest.param("DA", b"2020.03.01", b"2020.01.30", id="of ACR-NEMA"),
        pytest.param("DT", b"20200301101112.5+0100 ", b"20200130101112.5+0100 ", id="a moment"),
        pytest.param("DT", b"202003", b"202002", id="a month, from its middle"),
        pytest.param("DT", b"2020", b"2020", id="a year, from its middle"),
        pytest.param("DA", b"20200301-20200302", b"20200130-20200131", id="a range"),
        pytest.param("TM", b"101112", b"101112", id="a time of day"),
        pytest.param("DA", b"", b"", id="nothing"),
        pytest.param("DA", b"20200230", None, id="no day"),
        pytest.param("DA", b"19000101", None, id="a placeholder"),
        pytest.param("DT", b"0000", None, id="no year"),
    ],
)
def test_a_date_moves_by_whole_days(vr: str, old: bytes, new: bytes | None) -> None:
    assert moved(vr, old, -31) == new


def test_two_patients_move_by_two_numbers_of_days_in_the_range() -> None:
    drawn = {days(KEY, b"id\0\0%d" % number) for number in range(20)}

    assert len(drawn) > 15
    assert all(-MOST <= one <= -LEAST for one in drawn)


def test_characteristics_and_devices_stay_and_dates_move() -> None:
    told = wanted(study(PatientID="1", PatientAge="034Y", DeviceUID="1.2.3", StudyDate="20200301"))

    assert told[0x00101010] == Same("AS", b"034Y")
    assert told[0x00181002] == Same("UI", b"1.2.3\0")
    assert told[0x00080020] not in (Same("DA", b"20200301"), Written(b""))


@pytest.mark.parametrize(
    ("new", "right"),
    [
        pytest.param(b"CT of thorax", True, id="the name went"),
        pytest.param(b"CT of Jane thorax ", False, id="the name stayed"),
        pytest.param(b"CT of", False, id="a word went too"),
        pytest.param(b"CT of XX thorax ", False, id="something was written"),
    ],
)
def test_a_cleaned_text_loses_names_and_nothing_else(new: bytes, right: bool) -> None:
    people = People(frozenset({"jane"}), frozenset(), frozenset({"jane"}))
    claim = Cleaned("LO", b"CT of Jane thorax ", (), people, Written(b""))

    found = list(differences({0x00081030: claim}, {0x00081030: Leaf("LO", new)}))

    assert not found if right else found


def test_what_the_archive_deletes_in_a_private_sequence_is_deleted(tmp_path: Path) -> None:
    state = Dataset()
    state.Rows, state.ContentCreatorName = 3, "Doe^Jane"
    made = study(PatientID="1234567")
    made.add_new(0x00290010, "LO", "SIEMENS SYNGO ADVANCED PRESENTATION")
    made.add_new(0x00291002, "SQ", [state])
    path = tmp_path / "1"
    path.write_bytes(part10(made))

    outcome = outcome_of(path, Pixels.ACCEPTED, Preset.TCIA)

    assert not outcome.wrong
    assert wanted(made, Preset.TCIA)[0x00291002] == Items(({0x00280010: Same("US", b"\3\0")},))
