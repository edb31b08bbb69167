"""Read the identity of a recipe: templates, fixed texts, or a mapping of old to new identifiers.

    identity:
      patient-id: "RES-{code:8}"       {code}: the keyed pseudonym; {code:8}: its first characters
      patient-name: "{patient-id}"     the new Patient ID; a text without fields is the same for all
      mapping:
        file: patients.csv             beside the recipe, or a path from the root
        old: id_old                    the column of the Patient ID as the files have it
        patient-id: id_new
        patient-name: name_new         may be left out
        others: quarantine             or pseudonym: patients the file does not name

No message repeats a text of this section or a cell of the file: they may name people.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Final

from dicomveil.policy.recipe.faults import Wrong, accepted
from dicomveil.policy.recipe.files import Beside
from dicomveil.policy.recipe.nodes import Node, Text, keys_of, text_of
from dicomveil.policy.renaming import Field, Mapped, Others, Renaming, Slot, Template

KEYS: Final = ("patient-id", "patient-name", "mapping")
MAPPING_KEYS: Final = ("file", "old", "patient-id", "patient-name", "others")
SHORTEST_CODE: Final = 8  # characters: 40 bits, so that a million patients hardly ever meet
LONGEST_CODE: Final = 16
LONGEST: Final = 64  # PS3.5 6.2: LO, and a component group of PN
LARGEST_FILE: Final = 64 << 20
MOST_PATIENTS: Final = 1_000_000
_FIELD = re.compile(r"\{([^{}]*)\}")
_UNWRITABLE = re.compile(r"[^ -\[\]-~]")  # controls, backslash, what is not ASCII


def read_identity(node: Node, beside: Beside) -> Renaming:
    """What the section says; the mapping is read from its file."""
    found: dict[str, Template] = {}
    mapped: Mapped | None = None
    for key, value in keys_of(node, "identity", f"accepted: {', '.join(KEYS)}"):
        if key.text not in KEYS:
            raise Wrong(key.line, "there is no such key of identity", accepted(key.text, KEYS))
        if key.text == "mapping":
            mapped = _mapping(value, beside)
        else:
            found[key.text] = _template(value, key.text)
    return Renaming(found.get("patient-id"), found.get("patient-name"), mapped)


def _template(node: Node, key: str) -> Template:
    if not isinstance(node, Text):
        raise Wrong(node.line, f"{key} is one text", 'put it into quotes: "RES-{code}"')
    text = node.text
    if _UNWRITABLE.search(text) or not text.strip():
        raise Wrong(node.line, f"{key} is empty or has a character that not every object can hold",
                    "ASCII without backslash and control characters")  # fmt: skip
    parts = tuple(_parts(text, key, node.line))
    if sum(_length(part) for part in parts) > LONGEST:
        raise Wrong(node.line, f"{key} becomes too long", f"at most {LONGEST} characters")
    return parts


def _parts(text: str, key: str, line: int) -> Iterator[str | Slot]:
    at = 0
    for found in _FIELD.finditer(text):
        yield from _literal(text[at : found.start()], key, line)
        yield _slot(found[1], key, line)
        at = found.end()
    yield from _literal(text[at:], key, line)


def _literal(text: str, key: str, line: int) -> Iterator[str]:
    if "{" in text or "}" in text:
        raise Wrong(line, f"{key} has a brace that is not closed", _fields(key))
    if text:
        yield text


def _slot(text: str, key: str, line: int) -> Slot:
    name, colon, length = text.partition(":")
    if name == Field.PATIENT_ID.value and not colon and key == "patient-name":
        return Slot(Field.PATIENT_ID)
    if name != Field.CODE.value:
        raise Wrong(line, f"{key} has a field that there is not", _fields(key))
    if not colon:
        return Slot(Field.CODE)
    if not length.isascii() or not length.isdigit():
        raise Wrong(line, f"{key} has a length that is no number", _fields(key))
    if not SHORTEST_CODE <= int(length[:4]) <= LONGEST_CODE:
        fix = f"{SHORTEST_CODE} to {LONGEST_CODE}: with fewer two patients may become one"
        raise Wrong(line, f"{key} has a length that is not accepted", fix)
    return Slot(Field.CODE, int(length))


def _fields(key: str) -> str:
    more = " and {patient-id}" if key == "patient-name" else ""
    return f"the fields are {{code}}, {{code:8}}{more}; original values cannot be used"


def _length(part: str | Slot) -> int:
    match part:
        case str():
            return len(part)
        case Slot(Field.PATIENT_ID, _):
            return 0  # it is the whole name, or the new ID is checked where it is written
        case Slot(_, length):
            return length or LONGEST_CODE


def _mapping(node: Node, beside: Beside) -> Mapped:
    pairs = keys_of(node, "mapping", f"accepted: {', '.join(MAPPING_KEYS)}")
    given: dict[str, Text] = {}
    for key, value in pairs:
        if key.text not in MAPPING_KEYS:
            raise Wrong(
                key.line, "there is no such key of mapping", accepted(key.text, MAPPING_KEYS)
            )
        given[key.text] = text_of(value, key.text)
    for needed in ("file", "old", "patient-id"):
        if needed not in given:
            raise Wrong(node.line, f"mapping has no {needed}", f"write {needed}: below mapping")
    others = given.get("others", Text(0, Others.QUARANTINE.value))
    verdicts = {each.value: each for each in Others}
    if others.text not in verdicts:
        raise Wrong(others.line, "others is not accepted", accepted(others.text, verdicts))
    patients = _patients(given, beside)
    return Mapped(given["file"].text, patients, verdicts[others.text])


def _patients(given: Mapping[str, Text], beside: Beside) -> dict[str, tuple[str, str]]:
    line = given["file"].line
    try:
        content = beside.content(given["file"].text, LARGEST_FILE)
        if content is None:
            raise Wrong(line, "the mapping file is too large", f"at most {LARGEST_FILE >> 20} MB")
        text = content.decode("utf-8-sig")
        return _read_rows(csv.DictReader(io.StringIO(text, newline=""), strict=True), given)
    except OSError as error:
        fix = "a path counts from the recipe's folder"
        raise Wrong(line, f"the mapping file cannot be read ({error.strerror})", fix) from error
    except (csv.Error, UnicodeDecodeError) as error:
        fix = "UTF-8 text, cells set apart by commas, the names of the columns in its first row"
        raise Wrong(line, "the mapping file is no CSV", fix) from error
    except ValueError as error:
        raise Wrong(line, "the mapping file's path is not accepted", "write a path") from error


def _read_rows(
    rows: "csv.DictReader[str]", given: Mapping[str, Text]
) -> dict[str, tuple[str, str]]:
    columns = {key: given[key] for key in ("old", "patient-id", "patient-name") if key in given}
    for key, column in columns.items():
        if column.text not in (rows.fieldnames or ()):
            fix = "write the column's name as the first row of the file has it"
            raise Wrong(column.line, f"the mapping file has no such column for {key}", fix)
    found: dict[str, tuple[str, str]] = {}
    for number, row in enumerate(rows, start=2):
        cells = {key: (row[column.text] or "").strip() for key, column in columns.items()}
        _add(found, cells, number, given["file"].line)
    if not found:
        raise Wrong(given["file"].line, "the mapping file names no patient", "add its rows")
    return found


def _add(
    found: dict[str, tuple[str, str]], cells: Mapping[str, str], number: int, line: int
) -> None:
    new = (cells["patient-id"], cells.get("patient-name", ""))
    if not cells["old"] or not new[0]:
        raise Wrong(line, f"row {number} of the mapping file has an empty cell", "fill it")
    if any(_UNWRITABLE.search(text) or len(text) > LONGEST for text in new):
        fix = f"at most {LONGEST} characters of ASCII, no backslash, no control character"
        raise Wrong(line, f"row {number} of the mapping file cannot be written to DICOM", fix)
    if found.setdefault(cells["old"], new) != new:
        problem = f"row {number} of the mapping file gives a patient of an earlier row another ID"
        raise Wrong(line, problem, "keep one of the rows")
    if len(found) > MOST_PATIENTS:
        raise Wrong(line, "the mapping file names too many patients", f"at most {MOST_PATIENTS}")
