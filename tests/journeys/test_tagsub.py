"""pfdicom_tagSub and `dicomveil tags` as scripts call them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pydicom.data
import pytest
from pydicom import dcmread

from dicomveil.cli.tagsub.command import main
from pfdicom_tagSub import pfdicom_tagSub
from pfdicom_tagSub.__main__ import (
    package_argsSynopsisDS,
    package_CLIDS,
    package_tagProcessingHelp,
    parserDS,
)

SHIPPED = Path(pydicom.data.__file__).parent / "test_files"
STRUCT = '{"PatientID": "%_md5|6_PatientID"}'
# The two examples of the original's manual, word for word.
MANUAL_STRUCT = """
            {
                "PatientName":              "%_name|patientID_PatientName",
                "PatientID":                "%_md5|7_PatientID",
                "AccessionNumber":          "%_md5|8_AccessionNumber",
                "PatientBirthDate":         "%_strmsk|******01_PatientBirthDate",
                "re:.*hysician":            "%_md5|4_#tag",
                "re:.*stitution":           "#tag",
                "re:.*ddress":              "#tag"
            }
            """
MANUAL_INFO = """
                PatientName         =  %_name|patientID_PatientName,
                PatientID           =  %_md5|7_PatientID,
                AccessionNumber     =  %_md5|8_AccessionNumber,
                PatientBirthDate    =  %_strmsk|******01_PatientBirthDate,
                re:.*hysician       =  %_md5|4_#tag,
                re:.*stitution      =  #tag,
                re:.*ddress         =  #tag
            """


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with a tree of two real files and one that is none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "in" / "sub").mkdir(parents=True)
    shutil.copy(SHIPPED / "CT_small.dcm", tmp_path / "in" / "a.dcm")
    shutil.copy(SHIPPED / "MR_small.dcm", tmp_path / "in" / "sub" / "b.dcm")
    (tmp_path / "in" / "sub" / "notes.txt").write_text("no DICOM")
    return tmp_path


def outputs(folder: Path) -> set[str]:
    """The files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def command(*arguments: str) -> int:
    """The exit code of pfdicom_tagSub IN -> OUT with these arguments."""
    return main(["--inputDir", "in", "--outputDir", "out", "--tagStruct", STRUCT, *arguments])


@pytest.mark.parametrize(
    "form",
    [
        ["--tagStruct", MANUAL_STRUCT],
        ["--splitToken", ",", "--splitKeyValue", "=", "--tagInfo", MANUAL_INFO],
    ],
)
def test_the_examples_of_the_manual_run_word_for_word(place: Path, form: list[str]) -> None:
    rest = [*form, "--threads", "0", "--printElapsedTime"]
    code = main(["--fileFilter", "dcm", "--inputDir", "in", "--outputDir", "out", *rest])

    slice_ = dcmread(place / "out" / "in" / "a.dcm")
    assert code == 0
    assert str(slice_.PatientName) == "BROWN^STACY^ANON"
    assert slice_.PatientID == "6609f5d"
    assert slice_.InstitutionName == "InstitutionName"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], {"in/a.dcm", "in/sub/b.dcm"}),
        (["--tree", "documented"], {"a.dcm", "sub/b.dcm"}),
        (["--relativeDir"], {"a.dcm", "sub/b.dcm"}),
        (["--maxDepth", "0"], {"in/a.dcm"}),
        (["--fileFilter", "a,zz"], {"in/a.dcm"}),
        (["-e", "a,dcm", "--fileFilterLogic", "AND"], {"in/a.dcm"}),
        (["--dirFilter", "sub"], {"in/sub/b.dcm"}),
        (["--dirFilter=sub,nowhere", "--dirFilterLogic", "and"], set()),
        (["--inputFile", "sub/b.dcm"], {"in/sub/b.dcm"}),
        (["--inputFile", "b.d"], {"in/sub/b.dcm"}),
        (["--outputLeafDir", "anon-%s"], {"anon-in/a.dcm", "in/anon-sub/b.dcm"}),
        (["--outputFileStem", "%Modality-%PatientID"], {"in/CT-1CT1.dcm", "in/sub/MR-4MR1.dcm"}),
        (["--threads", "2"], {"in/a.dcm", "in/sub/b.dcm"}),
    ],
)
def test_a_flag_shapes_the_output(place: Path, flags: list[str], expected: set[str]) -> None:
    command(*flags)

    assert outputs(place / "out") == expected


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (["--tagStruct", '{"PatientID": "x"'], 2, "line 1, column"),
        (["--tagStruct", "[]"], 2, "no JSON object"),
        (["--tagStruct", '{"PatinetID": "x"}'], 2, "the nearest is PatientID"),
        (["--tagStruct", '{"re:(": "x"}'], 2, "regular expression"),
        (["--tagStruct", '{"PatientID": "%_sha|4_PatientID"}'], 2, "is no function"),
        (["--tagStruct", '{"PatientID": "%_strmsk_PatientID"}'], 2, "takes a mask"),
        (["--tagInfo", "PatientID,x"], 2, "given in one way"),
        (["--tagStruct", "", "--tagFile", "nowhere.json"], 2, "file cannot be read"),
        (["--tagStruct", '{"(0010,0020)": "x"}'], 2, "--paths"),
        (["--inputDir", "nowhere"], 4, "cannot be read"),
        (["--threads", "-1"], 2, "--threads takes a whole number"),
        (["--maxDepth", "x"], 2, "--maxDepth takes a whole number"),
        (["--fileFilterLogic", "XOR"], 2, "AND or OR"),
        (["--outputLeafDir", "anon"], 2, "one %s"),
        (["--outputLeafDir", "../%s"], 2, "one %s"),
        (["--outputDir", "."], 4, "--overwrite allows it"),
        (["--resume"], 4, "no run that could be resumed"),
    ],
    ids=str,
)
def test_bad_input_is_refused_with_clear_words_and_nothing_written(
    place: Path, capsys: pytest.CaptureFixture[str], flags: list[str], code: int, words: str
) -> None:
    before = {path: path.read_bytes() for path in (place / "in").rglob("*") if path.is_file()}

    assert command(*flags) == code

    assert words in capsys.readouterr().err
    assert not (place / "out").exists()
    assert before == {path: path.read_bytes() for path in before}


def test_a_leaf_format_is_never_evaluated(place: Path) -> None:
    code = command("--outputLeafDir", "'+__import__('os').getcwd()+'%s")

    assert code == 0
    assert "'+__import__('os').getcwd()+'sub" in {p.name for p in (place / "out").rglob("*")}


def test_the_input_is_overwritten_only_when_that_is_said(place: Path) -> None:
    assert main(["--inputDir", "in", "--tagStruct", STRUCT]) == 4
    assert main(["--inputDir", "in", "--tagStruct", STRUCT, "--overwrite"]) == 0

    assert dcmread(place / "in" / "a.dcm").PatientID == "6609f5"


def test_an_earlier_output_is_replaced_file_by_file(place: Path) -> None:
    (place / "out").mkdir()
    (place / "out" / "mine.txt").write_text("stays")

    assert command() == 0
    assert command("--tagStruct", '{"PatientID": "second"}') == 0

    assert dcmread(place / "out" / "in" / "a.dcm").PatientID == "second"
    assert (place / "out" / "mine.txt").read_text() == "stays"
    assert outputs(place / "out") == {"mine.txt", "in/a.dcm", "in/sub/b.dcm"}


def test_an_output_inside_the_input_is_not_read(place: Path) -> None:
    for _ in range(2):
        main(["--inputDir", ".", "--outputDir", "in/out", "--tagStruct", STRUCT, "-e", "dcm"])

    assert outputs(place / "in" / "out") == {"in/a.dcm", "in/sub/b.dcm"}


def test_two_files_of_one_new_name_are_never_merged(place: Path) -> None:
    shutil.copy(SHIPPED / "MR_small.dcm", place / "in" / "b.dcm")

    assert command("--outputFileStem", "same") == 3

    assert outputs(place / "out") == {"in/same.dcm", "in/sub/same.dcm"}


def test_links_to_files_are_followed_wherever_they_lead(place: Path) -> None:
    (place / "in" / "link.dcm").symlink_to(SHIPPED / "MR_small.dcm")

    assert command("--maxDepth", "0") == 0

    assert outputs(place / "out") == {"in/a.dcm", "in/link.dcm"}


def test_json_has_real_counts_and_each_error(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "in" / "cut.dcm").write_bytes((SHIPPED / "CT_small.dcm").read_bytes()[:3000])

    code = command("--json", "--show-paths")

    result = json.loads(capsys.readouterr().out)
    assert code == 3
    assert result["counts"] == {
        "found": 4,
        "delivered": 2,
        "duplicate": 0,
        "skipped": 1,
        "quarantined": 1,
        "failed": 0,
    }
    assert [(error["code"], error["source"]) for error in result["errors"]] == [
        ("truncated", str(place / "in" / "cut.dcm"))
    ]
    assert result["d_tagSub"]["filesSaved"] == 2


def test_no_message_names_a_file_or_a_value_unasked(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (place / "in" / "Zacharias.dcm").write_bytes((SHIPPED / "CT_small.dcm").read_bytes()[:3000])

    command("--json", "--report", "report.jsonl", "--fileFilter", "Zacharias,a.dcm")

    said = capfd.readouterr()
    report = (place / "report.jsonl").read_text()
    assert "Zacharias" not in said.out + said.err + report
    assert "1CT1" not in said.out + said.err + report
    assert '["(0010,0020)", "md5"]' in report


def test_md5_is_warned_of_once_and_hmac_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    command()
    assert capsys.readouterr().err.count("a dictionary of patient numbers reverses it") == 1

    command("--tagStruct", '{"PatientID": "%_strmsk|*_PatientID"}')
    assert "dictionary" not in capsys.readouterr().err


def test_hmac_is_of_the_key_in_its_file(place: Path) -> None:
    (place / "key").write_text("11" * 32)
    (place / "key").chmod(0o600)

    hashed = '{"PatientID": "%_hmac|12_PatientID"}'
    assert command("--tagStruct", hashed, "--key-file", "key") == 0

    first = dcmread(place / "out" / "in" / "a.dcm").PatientID
    (place / "key").write_text("22" * 32)
    command("--tagStruct", hashed, "--key-file", "key")
    assert len(first) == 12
    assert dcmread(place / "out" / "in" / "a.dcm").PatientID != first


def test_a_dry_run_shows_before_masked_and_after_and_writes_nothing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("--dry-run") == 0
    masked = capsys.readouterr().out
    assert command("--dry-run", "--values") == 0
    shown = capsys.readouterr().out

    assert '(0010,0020) PatientID: •••• -> "6609f5" (md5)' in masked
    assert '(0010,0020) PatientID: "1CT1" -> "6609f5" (md5)' in shown
    assert not (place / "out").exists()


def test_any_number_of_workers_writes_the_same(place: Path) -> None:
    for number in range(60):
        shutil.copy(SHIPPED / "CT_small.dcm", place / "in" / f"{number}.dcm")
    shutil.copytree(SHIPPED, place / "in" / "all", ignore=shutil.ignore_patterns("*.py", "[a-z]*"))

    for workers in ("1", "3"):
        target = ["--inputDir", "in", "--outputDir", workers, "--tagStruct", MANUAL_STRUCT]
        main([*target, "--jobs", workers])

    assert outputs(place / "1") == outputs(place / "3")
    for name in outputs(place / "1"):
        assert (place / "1" / name).read_bytes() == (place / "3" / name).read_bytes()


def test_a_killed_run_leaves_whole_files_and_is_resumed(place: Path) -> None:
    for number in range(400):
        shutil.copy(SHIPPED / "CT_small.dcm", place / "in" / f"{number:03}.dcm")
    arguments = ["--inputDir", "in", "--outputDir", "out", "--tagStruct", STRUCT]
    run = subprocess.Popen(
        [sys.executable, "-m", "pfdicom_tagSub", *arguments], env=os.environ, stdout=-3, stderr=-3
    )
    while len(list((place / "out").rglob("*.dcm"))) < 5 and run.poll() is None:
        time.sleep(0.001)
    run.send_signal(signal.SIGKILL)
    run.wait()
    whole = {dcmread(path).PatientID for path in (place / "out").rglob("*.dcm")}

    assert whole <= {"6609f5", "6aadf9"}
    assert main([*arguments, "--resume"]) == 0
    assert len(outputs(place / "out")) == 402


@pytest.mark.parametrize("flag", ["--man", "--synopsis", "--version"])
def test_help_says_what_it_is(capsys: pytest.CaptureFixture[str], flag: str) -> None:
    assert main([flag]) == 0

    said = capsys.readouterr().out
    assert "pfdicom_tagSub" in said
    assert flag == "--version" or "substitution, not de-identification" in said


def test_an_unambiguous_prefix_of_an_old_flag_still_counts(place: Path) -> None:
    arguments = ["--inputD", "in", "--outputD", "out", "--tagS", STRUCT, "--p", "--j", "--r", "x"]

    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2  # --r was ambiguous ever
    assert main(arguments[:-2]) == 0
    assert outputs(place / "out") == {"in/a.dcm", "in/sub/b.dcm"}


def test_a_wrapper_runs_the_class_and_reads_its_keys(place: Path) -> None:
    arguments = vars(parserDS.parse_args(["--tagStruct", STRUCT, "--fileFilter", "dcm"]))
    arguments |= {"inputDir": str(place / "in"), "outputDir": str(place / "out"), "str_desc": ""}

    result = pfdicom_tagSub.pfdicom_tagSub(arguments).run(timerStart=True)

    assert set(result) == {"status", "d_pfdicom", "d_tagSub", "runTime"}
    done = result["d_tagSub"]
    assert isinstance(done, dict)
    assert (done["status"], done["filesRead"], done["filesSaved"]) == (True, 2, 2)
    assert done["fileSetsProcessed"] == 2
    assert outputs(place / "out") == {
        f"{str(place / 'in').lstrip('/')}/{name}" for name in ("a.dcm", "sub/b.dcm")
    }


def test_a_plugin_finds_the_texts_it_imports() -> None:
    assert "--tagStruct" in package_CLIDS
    assert "outputLeafDir" in package_argsSynopsisDS
    assert "%_md5|7_PatientID" in package_tagProcessingHelp


def test_tags_writes_the_documented_tree_with_its_manifest(place: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dicomveil", "tags", "in", "out", "--struct", STRUCT, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert outputs(place / "out") == {"a.dcm", "sub/b.dcm", "manifest.jsonl"}
    assert json.loads(done.stdout)["counts"]["delivered"] == 2


def test_patient_identity_removed_is_never_written(place: Path) -> None:
    command("--tagStruct", '{"re:.*": "", "PatientID": "x"}', "--fit")

    for path in (place / "out").rglob("*.dcm"):
        assert "PatientIdentityRemoved" not in dcmread(path)


def test_a_common_run_imports_no_pydicom_and_of_faker_the_names_alone_for_names() -> None:
    program = "import sys\nfrom dicomveil.cli.tagsub.command import main\nmain(sys.argv[1:])"
    run = [sys.executable, "-X", "importtime", "-c", program, "--inputDir", "in"]
    for structure, wanted in ((STRUCT, False), (MANUAL_STRUCT, True)):
        asked = ["--outputDir", "out", "--tagStruct", structure]
        done = subprocess.run([*run, *asked], capture_output=True, text=True, check=True)
        loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "pydicom" not in loaded
        assert ("faker.providers.person.en_US" in loaded) is wanted
        assert "faker.factory" not in loaded
