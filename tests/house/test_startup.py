"""What starting costs: the modules that are not imported until they are needed."""

import subprocess
import sys

import pytest

HEAVY = {
    "click",
    "rich",
    "pydicom",
    "json",
    "pydantic",
    "sqlalchemy",
    "alembic",
    "cryptography",
    "yaml",
    "fastapi",
    "importlib.metadata",
}


def imported_by(code: str) -> set[str]:
    """The modules loaded after `code` ran in a fresh interpreter."""
    program = f"import sys\n{code}\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import dicomveil", id="import dicomveil"),
        pytest.param(
            "sys.argv = ['dicomveil', '--version']\nfrom dicomveil.__main__ import main\nmain()",
            id="dicomveil --version",
        ),
    ],
)
def test_the_door_imports_nothing_heavy(code: str) -> None:
    assert imported_by(code) & HEAVY == set()


def test_help_imports_neither_the_engine_nor_a_command() -> None:
    loaded = imported_by("from dicomveil.cli.main import run\nrun(['--help'])")

    assert loaded & (HEAVY - {"click"}) == set()
    assert {name for name in loaded if name.startswith("dicomveil.")} <= {
        "dicomveil.cli",
        "dicomveil.cli.exits",
        "dicomveil.cli.main",
        "dicomveil.cli.rim",
        "dicomveil.errors",
        "dicomveil.version",
    }


def test_de_identifying_a_folder_imports_no_database() -> None:
    loaded = imported_by("import dicomveil.cli.deid, dicomveil.wiring, dicomveil.jobs.deid")

    assert loaded & {"sqlalchemy", "alembic", "cryptography", "pydantic", "fastapi"} == set()
