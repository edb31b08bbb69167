"""What is installed is pinned, and from where is nobody's business but the user's."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT, name, ours

PIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][0-9A-Za-z.+!]*")
LINES = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# Each name has brackets in it, so that this file does not hold what it looks for.
HOSTS = re.compile(r"pypi[.]org|python[h]osted|--(extra-)?index[-]url", re.IGNORECASE)


@pytest.mark.parametrize("file", [*ours("constraints.txt"), *ours("requirements.txt")], ids=name)
def test_a_pin_is_a_name_and_a_version_alone(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()

    assert [line for line in lines if not PIN.fullmatch(line)] == []
    assert lines


def test_no_package_is_pinned_twice() -> None:
    names = [canonicalize_name(line.split("==")[0]) for line in LINES]

    assert sorted(set(names)) == sorted(names)


def requirements() -> list[Requirement]:
    """Everything that pyproject.toml asks for: to build, to run, and each extra."""
    project = PROJECT["project"]
    texts = [*PROJECT["build-system"]["requires"], *project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        texts += extra
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda r: r.name)
def test_a_requirement_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    pins = {canonicalize_name(n): v for n, v in (line.split("==") for line in LINES)}

    assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


def test_no_file_names_an_index_host() -> None:
    texts = {".py", ".toml", ".txt", ".md", ".sh", ".yml", ".cfg", ""}
    named = [
        name(path)
        for path in ours("*")
        if path.suffix in texts and HOSTS.search(path.read_text("utf-8", errors="replace"))
    ]

    assert named == []
