"""The file selection: which files below a folder are meant (`fileselection.txt`)."""

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from dicomveil.errors import Place, Unusable
from dicomveil.mapping.files import decode, read_bytes, replace
from dicomveil.mapping.unc import is_absolute

FILE_NAME = "fileselection.txt"
_KEYS = ("id", "description", "selected_paths")
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
# A path that is one plain text in any YAML, and a path that `_checked` accepts: it
# begins with a letter and has a "/", so it is no number, date or word that YAML knows.
_PLAIN = re.compile(r"[A-Za-z]\w*(?:[.-]\w+)*(?:/\w+(?:[.-]\w+)*)+", re.ASCII)
_LIST = "\nselected_paths:\n"
# libyaml reads and writes ten times faster; without it PyYAML's own code does the same.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True, slots=True)
class FileSelection:
    """Paths below the selection's own folder, with / between names."""

    id: str
    description: str
    paths: tuple[str, ...] = field(repr=False)

    def with_paths(self, more: Iterable[str]) -> "FileSelection":
        """The selection with these files too, sorted, each once; / stands between names."""
        joined = sorted({*self.paths, *map(_writable, more)})
        return FileSelection(self.id, self.description, tuple(joined))

    def save(self, path: Path) -> None:
        """Replace the file at `path` in one step."""
        # Plain ASCII, as anonapi writes: read the same whatever the reader's encoding.
        replace(path, self._text().encode("ascii"))

    def _text(self) -> str:
        """The file's text. Plain paths are not sent through YAML, which costs ten times more."""
        content: dict[str, object] = {"description": self.description, "id": self.id}
        if self.paths and all(map(_PLAIN.fullmatch, self.paths)):
            return _dumped(content) + _LIST.lstrip() + "".join(f"- {p}\n" for p in self.paths)
        return _dumped(content | {"selected_paths": list(self.paths)})


def new_selection(description: str) -> FileSelection:
    """An empty selection with an id of its own."""
    return FileSelection(str(uuid.uuid4()), description, ())


def load_selection(path: Path) -> FileSelection:
    """The selection at `path`; Unreadable or MappingError say where it is wrong."""
    text, _ = decode(read_bytes(path), path.name)
    try:
        found = _split(text, path.name) or _read(text, path.name)
    except yaml.YAMLError as error:
        raise Unusable("this is not YAML", Place(path.name, line=_line(error))) from error
    for key in _KEYS:
        if key not in found:
            raise Unusable(f'a line with "{key}:" is missing', Place(path.name))
    paths = found["selected_paths"]
    if isinstance(paths, str):
        if paths not in _NOTHING:
            raise Unusable("selected_paths is a list of paths", Place(path.name))
        paths = ()
    if not isinstance(found["id"], str) or not isinstance(found["description"], str):
        raise Unusable("id and description are plain text", Place(path.name))
    return FileSelection(found["id"], found["description"], paths)


def _dumped(content: dict[str, object]) -> str:
    return str(yaml.dump(content, Dumper=_DUMPER, width=10_000))


def _split(text: str, file: str) -> dict[str, str | tuple[str, ...]] | None:
    """What `_read` gives, for a list of plain paths at the end; None for any other text."""
    head, found, lines = text.partition(_LIST)
    paths = tuple(lines[2:-1].split("\n- "))
    if not found or lines[:2] + lines[-1:] != "- \n" or not all(map(_PLAIN.fullmatch, paths)):
        return None
    return {**_read(head, file), "selected_paths": paths}


def _read(text: str, file: str) -> dict[str, str | tuple[str, ...]]:
    """Keys with a text or a list of texts; anything else in YAML is refused.

    Events rather than objects: 200,000 paths cost no more memory than their text, and an
    alias is refused before it can stand for a million others.
    """
    events = _sound(yaml.parse(text, Loader=_LOADER), file)
    first = next((event for event in events if isinstance(event, yaml.NodeEvent)), None)
    if not isinstance(first, yaml.MappingStartEvent):
        keys = ", ".join(_KEYS)
        raise Unusable(f"a selection has the keys {keys}", Place(file))
    found: dict[str, str | tuple[str, ...]] = {}
    for key in events:
        if isinstance(key, yaml.MappingEndEvent):
            break
        if not isinstance(key, yaml.ScalarEvent):
            raise Unusable("a key of the selection is not plain text", _place(key, file))
        found[key.value] = _value(next(events), events, file)
    return found


def _value(event: yaml.Event, events: Iterator[yaml.Event], file: str) -> str | tuple[str, ...]:
    if isinstance(event, yaml.SequenceStartEvent):
        return tuple(_items(events, file))
    if isinstance(event, yaml.ScalarEvent):
        return str(event.value)
    raise Unusable("a value is neither a text nor a list", _place(event, file))


def _items(events: Iterator[yaml.Event], file: str) -> Iterator[str]:
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        if not isinstance(event, yaml.ScalarEvent):
            raise Unusable("a selected path is not plain text", _place(event, file))
        if event.value in _NOTHING and not event.style:
            continue
        yield _checked(event.value, _place(event, file))


def _sound(events: Iterator[yaml.Event], file: str) -> Iterator[yaml.Event]:
    for event in events:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unusable("YAML aliases and anchors are not accepted", _place(event, file))
        yield event


def _writable(path: str) -> str:
    """The path of a file that exists, when a selection can hold it."""
    if "\\" in path or not path.isprintable():
        message = "a file's name holds a backslash or what is no text; rename the file"
        raise Unusable(message, Place(FILE_NAME))
    return _checked(path, Place(FILE_NAME))


def _checked(path: str, place: Place) -> str:
    """The path with / between names; MappingError when it leaves the selection's folder."""
    plain = path.replace("\\", "/")
    if is_absolute(path):
        raise Unusable("a selected path is relative to the selection's folder", place)
    if ".." in plain.split("/") or not plain.strip("/. "):
        raise Unusable("a selected path lies on or below the selection's folder", place)
    if "\0" in plain:
        raise Unusable("a selected path holds a control character", place)
    return plain


def _place(event: yaml.Event, file: str) -> Place:
    mark = event.start_mark
    return Place(file, line=mark.line + 1 if mark else 0)


def _line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 0
