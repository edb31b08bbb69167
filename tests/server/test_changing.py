"""`modify_job` changes what a closed table names, and nothing else."""

from dataclasses import fields
from urllib.parse import urlencode

import pytest

from dicomveil.server.changing import Changing, Move, change_of
from dicomveil.server.form import parse_form
from dicomveil.server.refusals import RequestRefused

RESET = {"status": "ACTIVE", "files_downloaded": "0", "files_processed": "0", "error": " "}


def changed(**fields: str) -> Changing:
    return change_of(parse_form(b"", urlencode({"job_id": "1", **fields}).encode()))


def refused(**fields: str) -> dict[str, str]:
    with pytest.raises(RequestRefused) as error:
        changed(**fields)
    return error.value.errors


def test_a_reset_is_what_anonapis_client_sends() -> None:
    assert changed(**RESET) == Changing(Move.RESET)


def test_inactive_cancels() -> None:
    assert changed(status="INACTIVE") == Changing(Move.CANCEL)


@pytest.mark.parametrize("status", ["DONE", "UPLOADED", "ERROR", "active", ""])
def test_no_other_status_can_be_set(status: str) -> None:
    assert list(refused(status=status)) == ["status"]


def test_an_opt_out_is_ignored_with_a_reason() -> None:
    change = changed(
        source_ignore_opt_out="True", source_ignore_opt_out_reason="Reason: signed consent"
    )

    assert change.change.opt_out_reason == "signed consent"


def test_an_opt_out_is_heeded_again() -> None:
    assert changed(source_ignore_opt_out="False").change.opt_out_reason == ""


@pytest.mark.parametrize("reason", ["", "Reason: ", " "])
def test_an_opt_out_is_not_ignored_without_a_reason(reason: str) -> None:
    errors = refused(source_ignore_opt_out="True", source_ignore_opt_out_reason=reason)

    assert list(errors) == ["source_ignore_opt_out_reason"]


@pytest.mark.parametrize(
    ("field", "text", "target"),
    [
        ("description", "again", "description"),
        ("priority", "5", "priority"),
        ("project_name", "other", "project"),
        ("destination_path", r"\\server\share\x", "destination"),
        ("source_path", r"\\server\share\x", "source"),
        ("source_instance_id", "1.2.3", "source"),
        ("source_anonymizedpatientid", "P1", "pseudo_id"),
        ("source_anonymizedpatientname", "P1", "pseudo_name"),
        ("source_pims_keyfile_id", "7", "pims_key"),
        ("source_sop_class_filter_list", "1.2", "sop_classes"),
    ],
)
def test_each_field_of_the_table_is_changed(field: str, text: str, target: str) -> None:
    change = changed(**{field: text}).change

    assert [name.name for name in fields(change) if getattr(change, name.name) is not None] == [
        target
    ]


def test_a_source_is_not_changed_twice() -> None:
    errors = refused(source_path=r"\\server\share\x", source_instance_id="1.2.3")

    assert list(errors) == ["source_instance_id"]


def test_a_changed_value_is_checked_as_in_create_job() -> None:
    assert "drive letter" in refused(source_path="C:\\x")["source_path"]


@pytest.mark.parametrize(
    "field",
    ["date", "source_id", "destination_id", "owner", "source_status", "destination_status"],
)
def test_a_field_beyond_the_table_is_refused_with_those_it_has(field: str) -> None:
    assert "destination_path" in refused(**{field: "1"})[field]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"files_processed": "0"}, id="a counter alone"),
        pytest.param({**RESET, "files_processed": "3"}, id="a counter that is not 0"),
        pytest.param({"error": "mine"}, id="an error"),
        pytest.param({**RESET, "status": "INACTIVE"}, id="counters of a cancelled job"),
    ],
)
def test_counters_and_errors_are_the_servers(given: dict[str, str]) -> None:
    assert set(refused(**given)) <= {"files_downloaded", "files_processed", "error"}


def test_nothing_to_change_is_said() -> None:
    assert "Nothing" in refused()["job_id"]
