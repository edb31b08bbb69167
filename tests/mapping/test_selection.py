"""File selections: what is read, what is refused, how fast."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from dicomveil.errors import MappingError
from dicomveil.mapping.selection import FileSelection, load_selection, new_selection

DOCUMENTED = Path(__file__).parent / "documented" / "fileselection.txt"


def test_the_documented_selection_is_read_and_written_as_it_stands(tmp_path: Path) -> None:
    selection = load_selection(DOCUMENTED)
    selection.save(tmp_path / "fileselection.txt")

    assert selection.description == "a typical file selection"
    assert selection.paths[-1] == "folder4/raw/raw1.dcm"
    assert (tmp_path / "fileselection.txt").read_bytes() == DOCUMENTED.read_bytes()


def with_paths(folder: Path, lines: str) -> Path:
    path = folder / "fileselection.txt"
    path.write_text(f"id: x\ndescription: y\nselected_paths:\n{lines}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lines", "paths"),
    [
        ("- a\\b\\c.dcm\n", ("a/b/c.dcm",)),
        ("- 123\n- 2020-01-01\n- yes\n", ("123", "2020-01-01", "yes")),
        ("- a\n-\n- null\n- ~\n- 'null'\n", ("a", "null")),
        (" []\n", ()),
        ("", ()),
        ("- Größe/ß.dcm\n", ("Größe/ß.dcm",)),
        ('- "scan a: b #c"\n', ("scan a: b #c",)),
    ],
)
def test_paths_are_read_as_text_with_either_separator(
    tmp_path: Path, lines: str, paths: tuple[str, ...]
) -> None:
    assert load_selection(with_paths(tmp_path, lines)).paths == paths


@pytest.mark.parametrize(
    "lines",
    [
        "- ../secret\n",
        "- a/../../secret\n",
        "- a\\..\\secret\n",
        "- /secret\n",
        "- C:\\secret\n",
        "- \\\\server\\secret\n",
        "- ~/secret\n",
        "- ''\n",
        "- .\n",
        "- [secret]\n",
        "- {a: secret}\n",
        "- &a secret\n- *a\n",
        "- !!python/object/apply:os.system [secret]\n",
        " a: secret\n",
        " secret\n",
        "- 'secret\n",
    ],
)
def test_what_is_no_path_below_the_selection_is_refused(tmp_path: Path, lines: str) -> None:
    path = with_paths(tmp_path, lines)

    with pytest.raises(MappingError) as refusal:
        load_selection(path)

    assert str(refusal.value).startswith("fileselection.txt")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("key", ["id", "description", "selected_paths"])
def test_each_key_is_needed(tmp_path: Path, key: str) -> None:
    lines = [f"{name}: []" if "paths" in name else f"{name}: x" for name in KEYS if name != key]
    path = tmp_path / "fileselection.txt"
    path.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(MappingError, match=f'"{key}:" is missing'):
        load_selection(path)


KEYS = ("id", "description", "selected_paths")


@pytest.mark.parametrize("text", ["", "- a\n", "secret", "[[[[", "\t"])
def test_what_is_no_selection_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "fileselection.txt"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(MappingError):
        load_selection(path)


def test_without_libyaml_the_same_is_read_and_written(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['yaml._yaml'] = None\n"
        "import yaml; assert not yaml.__with_libyaml__\n"
        "from pathlib import Path\n"
        "from dicomveil.mapping.selection import load_selection\n"
        "load_selection(Path(sys.argv[1])).save(Path(sys.argv[2]))\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, DOCUMENTED, tmp_path / "written"],
        env={"PYTHONPATH": ":".join(sys.path)},
        check=True,
    )

    assert (tmp_path / "written").read_bytes() == DOCUMENTED.read_bytes()


def test_added_paths_are_each_there_once_and_sorted() -> None:
    selection = new_selection("x").with_paths(["b", "a/c"]).with_paths(["b", "a/a"])

    assert selection.paths == ("a/a", "a/c", "b")


@pytest.mark.parametrize("path", ["../x", "a\\b", "a\udcff", "a\nb", "/a"])
def test_a_file_that_a_selection_cannot_hold_is_refused(path: str) -> None:
    with pytest.raises(MappingError):
        new_selection("x").with_paths([path])


@pytest.mark.parametrize("path", ["a/b", "A1/b_2/c-d.e.dcm", "no/off", "a/1.2.3"])
def test_plain_paths_are_written_and_read_as_yaml_would(tmp_path: Path, path: str) -> None:
    selection = FileSelection("1", "text: with #", (path, path + "x"))
    selection.save(tmp_path / "plain.txt")
    content = {"id": "1", "description": "text: with #", "selected_paths": [path, path + "x"]}

    assert (tmp_path / "plain.txt").read_text() == yaml.safe_dump(content)
    assert load_selection(tmp_path / "plain.txt") == selection
    (tmp_path / "yaml.txt").write_text(yaml.safe_dump(content | {"selected_paths": [path, "b"]}))
    assert load_selection(tmp_path / "yaml.txt").paths == (path, "b")


def test_200_000_paths_are_saved_and_read_within_3_seconds_and_200_megabytes(
    tmp_path: Path,
) -> None:
    paths = tuple(f"patient{n % 999}/study/1.2.840.113619.2.55.3.{n}.dcm" for n in range(200_000))
    path = tmp_path / "fileselection.txt"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    begun = time.process_time()
    FileSelection("x", "y", paths).save(path)
    loaded = load_selection(path)
    elapsed = time.process_time() - begun

    assert loaded.paths == paths
    assert elapsed < 3
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
