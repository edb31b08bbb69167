"""A folder of this machine, for the contracts."""

from collections.abc import Mapping

import pytest

from dicomveil.places.directory import Directory
from tests.contracts.rig import Rig


@pytest.fixture
def directory_place(tmp_path_factory: pytest.TempPathFactory) -> Rig:
    """An empty one."""
    root = tmp_path_factory.mktemp("directory")

    def put(files: Mapping[str, bytes]) -> None:
        for name, content in files.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(content)

    def held() -> list[bytes]:
        return [path.read_bytes() for path in root.rglob("*") if path.is_file()]

    return Rig(Directory("folder", root), put, held)
