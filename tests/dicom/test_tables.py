"""The tables that are shipped are the ones that the generator makes."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pydicom
import pytest

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "src" / "dicomveil" / "dicom" / "tables"
NAMES = ("character_sets.tsv", "dictionary.tsv", "private_creators.tsv", "uids.tsv")


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gen", ROOT / "tools" / "make_dictionary.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_remade_byte_for_byte(name: str) -> None:
    shipped = (TABLES / name).read_bytes()
    source = re.search(rb"Source: pydicom (\S+) ", shipped)
    assert source is not None
    if source[1].decode() != pydicom.__version__:
        pytest.skip(f"the tables are of pydicom {source[1].decode()}, another one is installed")

    made = generator().tables()[name].encode()

    assert made == shipped


def test_no_table_is_shipped_without_its_generator() -> None:
    assert tuple(sorted(path.name for path in TABLES.iterdir())) == NAMES
