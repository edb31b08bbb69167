"""`dicomveil admin`: a server is made and looked after from the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dicomveil.cli.exits import Exit
from dicomveil.jobs.model import Role
from dicomveil.serving import open_house
from dicomveil.settings import load_settings


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with settings and a server."""
    (tmp_path / "dicomveil.toml").write_text("[shares]\n'\\\\srv\\share' = '/mnt/share'\n")
    assert admin(tmp_path, "init").returncode == Exit.DONE
    return tmp_path


def admin(desk: Path, *words: str, said: str = "") -> "subprocess.CompletedProcess[str]":
    """One command, as a person types it."""
    command = [sys.executable, "-m", "dicomveil", "admin", *words]
    source = str(Path(__file__).parents[2] / "src")
    environment = {**os.environ, "PYTHONPATH": source}
    return subprocess.run(
        command,
        cwd=desk,
        env=environment,
        input=said,
        capture_output=True,
        text=True,
        check=False,
    )


def test_init_makes_an_administrator_whose_token_is_shown_once(desk: Path) -> None:
    house = open_house(load_settings({}, str(desk / "dicomveil.toml")))

    assert [(user.name, user.role) for user in house.registry.users()] == [
        ("admin", Role.ADMINISTRATOR)
    ]
    assert [project.name for project in house.registry.projects()] == ["first"]
    house.close()


def test_init_never_makes_a_server_anew(desk: Path) -> None:
    assert admin(desk, "init").returncode == Exit.REFUSED


def test_without_a_server_the_way_to_one_is_said(tmp_path: Path) -> None:
    said = admin(tmp_path, "user", "list")

    assert said.returncode != Exit.DONE
    assert "admin init" in said.stderr


def test_a_shown_project_can_be_changed_and_applied(desk: Path) -> None:
    admin(desk, "user", "add", "anna")
    shown = yaml.safe_load(admin(desk, "project", "show", "first").stdout)
    shown["projects"]["first"] |= {"not_dicom": "skip", "users": ["anna"]}
    (desk / "p.yaml").write_text(yaml.safe_dump(shown))

    tried = admin(desk, "apply", "--dry-run", "p.yaml")
    before = admin(desk, "project", "show", "first").stdout
    applied = admin(desk, "apply", "p.yaml")

    assert "first: not_dicom: fail -> skip" in tried.stdout
    assert "not_dicom: fail" in before
    assert applied.returncode == Exit.DONE
    assert yaml.safe_load(admin(desk, "project", "show", "first").stdout) == shown


def test_profiles_are_applied_with_a_difference_and_projects_name_them(desk: Path) -> None:
    recipe = "name: study\nextends: basic\nrules: {PatientName: {replace: One}}\n"
    (desk / "study.yaml").write_text(recipe)
    shown = yaml.safe_load(admin(desk, "project", "show", "first").stdout)
    shown["projects"]["first"] |= {"profile": "study"}
    (desk / "p.yaml").write_text(yaml.safe_dump({"profiles": ["study.yaml"], **shown}))

    tried = admin(desk, "apply", "--dry-run", "p.yaml")
    nothing = admin(desk, "profile", "list").stdout
    admin(desk, "apply", "p.yaml")
    (desk / "study.yaml").write_text(recipe.replace("One", "Two"))
    again = admin(desk, "apply", "p.yaml")

    assert {"--- new", "+++ study@1", "+name: study"} <= set(tried.stdout.splitlines())
    assert nothing == ""
    assert "first: profile: basic -> study" in tried.stdout
    assert {"--- study@1", "+++ study@2"} <= set(again.stdout.splitlines())
    assert admin(desk, "profile", "list").stdout.startswith("study\t2\t")
    assert admin(desk, "profile", "show", "study", "--version", "1").stdout == recipe
    assert "replace: Two" in admin(desk, "profile", "diff", "study", "1", "2").stdout


BAD_PROFILES = {
    "a file that is not there": "absent.yaml",
    "a text that is no recipe": "name: study\n",
    "a recipe that reads another file": "name: study\nextends: parent.yaml\n",
}


@pytest.mark.parametrize("text", BAD_PROFILES.values(), ids=BAD_PROFILES)
def test_a_file_is_refused_whole_for_a_profile_that_is(desk: Path, text: str) -> None:
    good = "name: good\nextends: basic\n"
    (desk / "p.yaml").write_text(yaml.safe_dump({"profiles": [good, text]}))

    said = admin(desk, "apply", "p.yaml")

    assert said.returncode != Exit.DONE
    assert admin(desk, "profile", "list").stdout == ""


BAD = {
    "an unknown member": {"profle": "basic"},
    "an unknown choice": {"not_dicom": "maybe"},
    "a missing key": {"key": "0123456789abcdef"},
    "an unknown profile": {"profile": "nothing"},
    "an unknown user": {"users": ["nobody"]},
    "a text for a list": {"sources": "x"},
}


@pytest.mark.parametrize("members", BAD.values(), ids=BAD)
def test_a_file_is_refused_whole_for(desk: Path, members: dict[str, object]) -> None:
    shown = yaml.safe_load(admin(desk, "project", "show", "first").stdout)
    good = shown["projects"]["first"] | {"retries": 9}
    content = {"projects": {"first": good, "second": good | members}}
    (desk / "p.yaml").write_text(yaml.safe_dump(content))

    said = admin(desk, "apply", "p.yaml")

    assert said.returncode != Exit.DONE
    assert "retries: 5" in admin(desk, "project", "show", "first").stdout


def test_a_registered_token_is_read_from_standard_input(desk: Path) -> None:
    secret = "x1" * 32

    said = admin(desk, "token", "register", "admin", "--label", "anon", said=secret + "\n")

    assert "anon" in said.stdout
    assert secret not in said.stdout


def test_a_missing_key_is_found_by_the_check(desk: Path) -> None:
    (fingerprint,) = [p.stem for p in (desk / "dicomveil-server/keys").glob("*[0-9a-f].key")]
    (desk / f"dicomveil-server/keys/{fingerprint}.key").unlink()

    said = admin(desk, "key", "check")

    assert (said.returncode, said.stdout) == (
        Exit.INCOMPLETE,
        f"first\t{fingerprint}\tmissing\n",
    )


def test_the_audit_is_verified_after_the_columns_were_sealed_anew(desk: Path) -> None:
    assert admin(desk, "key", "rotate").returncode == Exit.DONE

    said = admin(desk, "audit", "verify")

    assert said.stdout.startswith("the chain holds")


def test_keys_are_wrapped_checked_and_written_in_clear_again(desk: Path) -> None:
    (fingerprint,) = [p.stem for p in (desk / "dicomveil-server/keys").glob("*[0-9a-f].key")]
    secret = desk / "master"
    secret.write_text("1a" * 32)
    secret.chmod(0o600)
    clear = (desk / f"dicomveil-server/keys/{fingerprint}.key").read_text()

    wrapped = admin(desk, "key", "rotate", "--master", f"file:{secret}")
    locked = admin(desk, "key", "check")
    settings = desk / "dicomveil.toml"
    settings.write_text(f'[server]\nmaster_key = "file:{secret}"\n' + settings.read_text())
    checked = admin(desk, "key", "check")
    admin(desk, "key", "unwrap", fingerprint, "clear")
    added = admin(desk, "key", "make").stdout.strip()

    name = wrapped.stdout.split("master key ")[1].split(";")[0]
    assert wrapped.stdout.startswith("2 keys are wrapped")
    assert (locked.returncode, name in locked.stderr) == (Exit.REFUSED, True)
    assert checked.stdout == f"first\t{fingerprint}\tthere\nmaster key\t{name}\tthere\n"
    assert (desk / "clear").read_text() == clear
    assert "wrapped" in (desk / f"dicomveil-server/keys/{added}.key").read_text()
    assert "key unwrapped" in admin(desk, "audit", "list").stdout
    assert "1a1a1a" not in wrapped.stdout + locked.stderr + checked.stdout


def test_a_webhook_is_set_shown_and_taken_away(desk: Path) -> None:
    secret = admin(desk, "webhook", "set", "first", "https://hook.test/a").stdout.strip()
    shown = admin(desk, "webhook", "show", "first").stdout
    refused = admin(desk, "webhook", "set", "first", "http://hook.test/a")
    admin(desk, "webhook", "off", "first")

    assert len(secret) == 64
    assert shown == "https://hook.test/a\toutcome\n"
    assert refused.returncode != Exit.DONE
    assert admin(desk, "webhook", "show", "first").stdout == "none\n"
    assert admin(desk, "webhook", "deliveries", "first").stdout == ""


def test_opt_outs_are_imported_from_a_file(desk: Path) -> None:
    (desk / "o.csv").write_text("patient_id,why\n0012,x\n4711,y\n0012,z\n")

    assert admin(desk, "opt-out", "import", "o.csv").stdout == "2 are new\n"
    assert admin(desk, "opt-out", "count").stdout == "2\n"
