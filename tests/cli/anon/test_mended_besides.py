"""More that anonapi 2.1.2 does wrong, beside what test_mended.py tells; the numbers go on."""

import openpyxl
import pytest

from dicomveil.mapping.batch import Batch
from dicomveil.mapping.fields import Field
from dicomveil.mapping.mapping_file import load_mapping
from tests.cli.anon.desk import Desk
from tests.client.recording import Recording


def test_23_two_rows_of_one_folder_stay_two_rows(desk: Desk, dicom: bytes) -> None:
    path = desk.mapping()
    (desk.folder / "a").mkdir()
    (desk.folder / "a/1").write_bytes(dicom)
    (desk.folder / "list.csv").write_text("folder,name\na,A\na,B\n", encoding="utf-8")

    desk.done("map", "add-study-folders", "-f", "list.csv")

    added = [row.cells[Field.PSEUDO_NAME] for row in load_mapping(path).rows[-2:]]
    assert added == ["A", "B"]


def test_24_a_selection_below_is_not_selected(desk: Desk) -> None:
    (desk.folder / "t").mkdir()
    (desk.folder / "t/fileselection.txt").write_text("id: x", encoding="utf-8")
    (desk.folder / "t/other.txt").write_text("x", encoding="utf-8")

    said = desk.done("select", "add", "*", "--no-check-dicom")

    assert "selection now contains 1 files" in said


def test_25_patterns_that_the_shell_has_expanded_are_taken(desk: Desk, dicom: bytes) -> None:
    for name in ("1.dcm", "2.dcm", "3.txt"):
        (desk.folder / name).write_bytes(dicom)

    assert "selection now contains 2 files" in desk.done("select", "add", "1.dcm", "2.dcm")


def test_26_deleting_the_active_mapping_leaves_none_active(desk: Desk) -> None:
    desk.mapping()

    desk.done("map", "delete")

    assert desk.settings.active_mapping is None
    assert "Begin one with 'anon map init'" in desk.failed("map", "status")


def test_a_batch_of_another_server_is_left_alone(desk: Desk, server: Recording) -> None:
    desk.mapping()
    desk.done("server", "add", "other", "https://other")
    Batch("other", "https://other", (5,)).save(desk.folder / ".anonbatch")

    said = desk.done("create", "from-mapping", "--yes")

    assert "A batch exists in this folder, but for a different server" in said
    assert desk.json("batch", "info")["job_ids"] == [5]
    assert len(server.jobs) == 4


def test_27_the_token_is_not_sent_to_a_server_that_a_batch_file_names(
    desk: Desk, server: Recording
) -> None:
    Batch("mine", server.url + "/stranger", (5,)).save(desk.folder / ".anonbatch")

    said = desk.failed("batch", "status")

    assert "not in your list" in said
    assert server.asked == []


def test_28_a_locale_that_is_not_installed_is_no_reason_to_stop(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")

    assert "Available servers" in desk.done("server", "list")


def test_a_sheet_is_read_by_add_input_file_whatever_its_column(desk: Desk) -> None:
    path = desk.mapping()
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Study Instance UID", "pseudonym"])
    book.worksheets[0].append(["1.2.3", "A"])
    book.save(desk.folder / "list.xlsx")

    desk.done("map", "add-input-file", "list.xlsx")

    assert load_mapping(path).rows[-1].cells[Field.SOURCE] == "study_instance_uid:1.2.3"
