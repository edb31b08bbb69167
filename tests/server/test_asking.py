"""What a request for a job may say, and what it is told otherwise."""

from urllib.parse import urlencode

import pytest

from dicomveil.jobs.model import JobRequest
from dicomveil.server.asking import asking_of
from dicomveil.server.form import parse_form
from dicomveil.server.refusals import RequestRefused

FOLDER = {
    "source_type": "PATH",
    "source_path": r"folder:\\server\share\data",
    "destination_type": "PATH",
    "destination_path": r"\\server\share\out",
    "project_name": "Wetenschap-Algemeen",
    "anonymizedpatientid": "001",
    "anonymizedpatientname": "Patient1",
    "description": "all of folder1",
}
STUDY = {
    **{name: text for name, text in FOLDER.items() if name != "source_path"},
    "source_type": "WADO",
    "source_name": "IDC_WADO",
    "source_instance_id": "1.2.840.99",
}


def asked(**fields: str) -> JobRequest:
    return asking_of(parse_form(b"", urlencode(fields).encode()))


def refused(**fields: str) -> dict[str, str]:
    with pytest.raises(RequestRefused) as error:
        asked(**fields)
    return error.value.errors


@pytest.mark.parametrize(
    ("path", "source"),
    [
        pytest.param(r"folder:\\server\share\a", r"folder:\\server\share\a", id="a folder"),
        pytest.param(
            r"fileselection:\\server\share\a\fileselection.txt",
            r"fileselection:\\server\share\a\fileselection.txt",
            id="a file selection",
        ),
        pytest.param(r"\\server\share\a", r"folder:\\server\share\a", id="bare is a folder"),
        pytest.param("//server/share/a", r"folder:\\server\share\a", id="forward slashes"),
        pytest.param(r"folder:\\server\share" + "\\", r"folder:\\server\share", id="a last one"),
    ],
)
def test_a_path_is_prefixed_or_bare(path: str, source: str) -> None:
    assert str(asked(**FOLDER | {"source_path": path}).source) == source


@pytest.mark.parametrize(
    ("number", "source"),
    [
        pytest.param("1.2.3", "study_instance_uid:1.2.3", id="a bare UID is a study"),
        pytest.param("accession_number:123.4", "accession_number:123.4", id="an accession"),
        pytest.param("study_instance_uid:1.2.3", "study_instance_uid:1.2.3", id="prefixed"),
    ],
)
def test_a_number_is_prefixed_or_a_study(number: str, source: str) -> None:
    assert str(asked(**STUDY | {"source_instance_id": number}).source) == source


def test_a_filter_of_sop_classes_is_a_list_with_commas_and_spaces() -> None:
    asking = asked(**FOLDER, source_sop_class_filter_list="1.2.840.1, 1.2.840.2")

    assert asking.sop_classes == ("1.2.840.1", "1.2.840.2")


def test_a_pseudonym_key_stands_for_pseudonyms() -> None:
    plain = {name: text for name, text in FOLDER.items() if not name.startswith("anonymized")}

    assert asked(**plain, pims_keyfile_id="4567").pims_key == "4567"
    assert list(refused(**plain)) == ["anonymizedpatientid"]


@pytest.mark.parametrize(
    ("changed", "name", "says"),
    [
        pytest.param({"source_path": "/data/a"}, "source_path", "write \\\\server", id="local"),
        pytest.param({"source_path": "H:\\a"}, "source_path", "drive letter", id="a drive"),
        pytest.param({"source_path": "folder:a/b"}, "source_path", "not a UNC", id="relative"),
        pytest.param(
            {"source_path": r"\\server\share\..\x"}, "source_path", "..", id="leaving the share"
        ),
        pytest.param({"source_path": r"\\?\C:\x"}, "source_path", "device", id="a device"),
        pytest.param({"source_path": ""}, "source_path", "Required", id="no path"),
        pytest.param({"source_type": "FTP"}, "source_type", "PATH and WADO", id="other type"),
        pytest.param({"source_instance_id": "1.2"}, "source_instance_id", "no", id="both"),
        pytest.param({"destination_path": "out"}, "destination_path", "UNC", id="destination"),
        pytest.param({"destination_type": "FTP"}, "destination_type", "PATH", id="its type"),
        pytest.param({"project_name": ""}, "project_name", "Required", id="no project"),
        pytest.param({"anonymizedpatientid": "x" * 65}, "anonymizedpatientid", "64", id="long"),
        pytest.param({"anonymizedpatientname": "a\\b"}, "anonymizedpatientname", "\\", id="two"),
        pytest.param({"priority": "high"}, "priority", "number", id="no number"),
        pytest.param({"priority": "101"}, "priority", "100", id="beyond the priorities"),
        pytest.param(
            {"source_sop_class_filter_list": "CT"},
            "source_sop_class_filter_list",
            "UID",
            id="no UID in the filter",
        ),
        pytest.param({"sop_class": "1.2"}, "sop_class", "not known", id="no such parameter"),
        pytest.param({"source_name": "a b"}, "source_name", "letters", id="no name of a PACS"),
    ],
)
def test_what_a_job_cannot_be_is_refused_by_its_parameter(
    changed: dict[str, str], name: str, says: str
) -> None:
    errors = refused(**FOLDER | changed)

    assert list(errors) == [name]
    assert says in errors[name]


@pytest.mark.parametrize("number", ["not a uid", "accession_number:", "accession_number:1*", "a:b"])
def test_a_number_of_no_accepted_form_is_refused(number: str) -> None:
    assert list(refused(**STUDY | {"source_instance_id": number})) == ["source_instance_id"]


def test_a_refusal_never_repeats_what_was_sent() -> None:
    errors = refused(**FOLDER | {"source_path": r"C:\Jansen^Piet"})

    assert "Jansen" not in str(errors)
