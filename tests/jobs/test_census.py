"""A rehearsal tells by tag what would happen: how many values, how many distinct, by which rule."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from dicomveil.cli.main import commands
from tests.builders import El, part10
from tests.engine.roads import slice_of


def rehearsed(folder: Path, *more: str) -> Result:
    for n, day in enumerate(("20200101", "20200101", "20200102")):
        text = El(0x0008103E, "LO", f"Chest of Secretname {n}")
        data = part10(slice_of(n, El(0x00080020, "DA", day), text))
        (folder / f"{n}.dcm").write_bytes(data)
    burned = part10(slice_of(4, El(0x00280301, "CS", "YES")))
    (folder / "burned.dcm").write_bytes(burned)
    (folder / "notes.txt").write_text("no DICOM")
    key = folder.parent / "key"
    key.write_text("ab" * 32)
    key.chmod(0o600)
    arguments = ["deid", "--dry-run", "--key-file", str(key), *more]
    target = folder.parent / "out"
    return CliRunner().invoke(
        commands, [*arguments, str(folder), str(target)], standalone_mode=False
    )


def test_a_rehearsal_counts_values_distinct_ones_and_rules(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()

    done = rehearsed(tmp_path / "in", "--json", "--profile", "research")

    elements = {one["tag"]: one for one in json.loads(done.stdout)["elements"]}
    date = elements["(0008,0020)"]
    assert (date["values"], date["before"], date["after"]) == (3, 2, 2)
    assert date["fates"] == {"replaced": 3}
    rule = "ShiftDate [PS3.15 2026d Table E.1-1, retain-modified-dates]"
    assert date["rules"] == {rule: 3}
    assert not (tmp_path / "out").exists()


def test_what_would_be_quarantined_is_counted_and_no_value_is_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()

    done = rehearsed(tmp_path / "in")

    assert "pixels-unproven: 1" in done.stderr
    assert "(0008,103E)  3 values: 3 removed; 3 -> 0 distinct" in done.stdout
    assert "Secretname" not in done.stdout + done.stderr
