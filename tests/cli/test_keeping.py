"""`dicomveil admin backup`, `restore` and `migrate-to`, as a person types them."""

import shutil
from pathlib import Path

import pytest

from dicomveil.cli.exits import Exit
from tests.cli.test_admin import admin
from tests.jobs.databases import cluster

SHARES = "[shares]\n'\\\\srv\\share' = '/mnt/share'\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with settings, a server, and a user named anna."""
    (tmp_path / "dicomveil.toml").write_text(SHARES)
    assert admin(tmp_path, "init").returncode == Exit.DONE
    assert admin(tmp_path, "user", "add", "anna").returncode == Exit.DONE
    return tmp_path


def test_a_backup_with_its_keys_is_restored_where_nothing_was(desk: Path) -> None:
    saved = admin(desk, "backup", "saved", "--with-keys", "saved-keys")
    shutil.rmtree(desk / "dicomveil-server")
    (desk / "dicomveil.toml").write_text('[server]\nkeys = "saved-keys"\n' + SHARES)

    restored = admin(desk, "restore", "saved")

    assert (saved.returncode, restored.returncode) == (Exit.DONE, Exit.DONE), restored.stderr
    assert "anna" in admin(desk, "user", "list").stdout
    assert admin(desk, "audit", "verify").returncode == Exit.DONE


def test_no_key_is_copied_unless_it_is_asked_for(desk: Path) -> None:
    admin(desk, "backup", "saved")

    keys = [path.read_bytes().strip() for path in (desk / "dicomveil-server/keys").iterdir()]
    assert len(keys) == 2
    assert [key for key in keys if key in (desk / "saved").read_bytes()] == []


def test_a_server_moves_to_postgresql_by_other_settings(desk: Path) -> None:
    with cluster() as made:
        new = desk / "new.toml"
        new.write_text(f'[server]\ndatabase = "{made.new()}"\n' + SHARES)

        moved = admin(desk, "migrate-to", "new.toml")
        again = admin(desk, "migrate-to", "new.toml")
        listed = admin(desk, "--settings", "new.toml", "user", "list").stdout

    assert moved.returncode == Exit.DONE, moved.stderr
    assert "anna" in listed
    assert again.returncode != Exit.DONE
    assert "there is a ledger already" in again.stderr
