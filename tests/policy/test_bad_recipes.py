"""A bad recipe says at which line it is bad, and what to write instead."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from jsonschema import Draft202012Validator

from dicomveil.errors import BadRecipe
from dicomveil.policy.recipe.profile import profile_of
from dicomveil.policy.recipe.reading import load_recipe
from dicomveil.policy.recipe.schema import FILE, schema

ROOT = Path(__file__).parents[2]
BAD = sorted((Path(__file__).parent / "bad_recipes").glob("*.yaml"))
GOOD = sorted((ROOT / "docs" / "recipes").glob("*.yaml"))
VALIDATOR = Draft202012Validator(schema())
HEAD = re.compile(r"# line: (\d+)\n# says: (.+)\n# schema: (rejects|accepts)\n")
PLANTED = "Planted"  # in each identifier of the mappings


class Expected(NamedTuple):
    """What the first lines of a bad recipe say of it."""

    line: int
    says: str
    schema: str


def expected(path: Path) -> Expected:
    found = HEAD.match(path.read_text("utf-8"))
    assert found is not None
    return Expected(int(found[1]), found[2], found[3])


def name(path: Path) -> str:
    return path.stem


def schema_says(path: Path) -> str:
    """What an editor that knows the schema says of the file: it reads YAML as data."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError:
        return "rejects"
    return "accepts" if VALIDATOR.is_valid(content) else "rejects"


def test_there_are_forty_bad_recipes() -> None:
    assert len(BAD) >= 40


@pytest.mark.parametrize("path", BAD, ids=name)
def test_a_bad_recipe_gives_its_line_and_a_fix(path: Path) -> None:
    with pytest.raises(BadRecipe) as refused:
        load_recipe(path)

    fault = refused.value.faults[0]
    assert (fault.place.file, fault.place.line) == (path.name, expected(path).line)
    assert expected(path).says in fault.fix
    assert PLANTED not in str(refused.value)
    assert len(refused.value.faults) == 1


@pytest.mark.parametrize("path", BAD, ids=name)
def test_the_schema_and_the_reader_agree_on_a_bad_recipe(path: Path) -> None:
    """Where the schema accepts, it needs the dictionary, a file, or two sections at once."""
    assert schema_says(path) == expected(path).schema


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_the_schema_and_the_reader_agree_on_an_example(path: Path) -> None:
    recipe = load_recipe(path)

    assert schema_says(path) == "accepts"
    assert profile_of(recipe).name == recipe.name


def test_there_are_examples() -> None:
    assert GOOD


def test_the_published_schema_is_the_readers() -> None:
    assert json.loads((ROOT / FILE).read_text("utf-8")) == schema()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())
