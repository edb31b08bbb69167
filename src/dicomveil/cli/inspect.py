"""`dicomveil inspect`: print the elements of one file."""

from collections.abc import Iterator
from typing import Final

import click

from dicomveil.cli.exits import Exit
from dicomveil.cli.looking import Look, Values, opened, print_json, print_lines
from dicomveil.dicom.elements import Element
from dicomveil.dicom.reading import Reading, read
from dicomveil.dicom.tags import tag_text
from dicomveil.dicom.uids import uid_name
from dicomveil.engine.scene import Scene
from dicomveil.errors import InvalidDicom

_NARROWEST_PATH: Final = len("(gggg,eeee)")
_WIDEST_NAME: Final = 40


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--values", is_flag=True, help="Show values: they name patients.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def inspect(file: str, values: bool, as_json: bool) -> Exit:
    """Print the elements of FILE with their offsets, values masked.

    A broken file is printed up to the fault, which is then told with its path and byte; the exit
    code is then 3. Pixel data is not read.
    """
    with opened(file, "FILE") as original:
        reading = read(original.view(), original.release)
        shown = Inspection(reading, Values.SHOWN if values else Values.MASKED)
        if as_json:
            print_json(shown.programs())
        else:
            print_lines(shown.people())
    if reading.fault is not None:
        raise reading.fault
    return Exit.DONE


class Inspection:
    """A reading as people and programs see it."""

    def __init__(self, reading: Reading, values: Values) -> None:
        """Show `reading`, with its values shown or masked."""
        self._reading = reading
        self._values = values

    def people(self) -> Iterator[str]:
        """A line for each element, and before and after them what they lie in."""
        reading = self._reading
        yield from self._frame()
        depth = max((_depth(element) for element, _ in self._seen()), default=0)
        path = _NARROWEST_PATH + 2 * depth
        name = max((len(look.name(e)) for e, look in self._seen()), default=0)
        name = min(name, _WIDEST_NAME)
        if reading.meta or reading.elements:
            heads = (f"{'element':<{path}}", "VR", "length", f"{'name':<{name}}", "value")
            yield _row("offset", *heads)
        for element, look in self._seen():
            tag = f"{'  ' * _depth(element) + _step(element):<{path}}"
            length = "open" if element.end < 0 else f"{element.length}{'*' * element.undefined}"
            label = f"{look.name(element):<{name}}"
            yield _row(str(element.start), tag, element.vr, length, label, look.value(element))
        yield from _ending(reading)

    def programs(self) -> dict[str, object]:
        """The same as values that JSON has."""
        reading = self._reading
        return {
            "transfer_syntax": reading.syntax.uid if reading.syntax else None,
            "inflated": reading.body is not reading.file,
            "elements": [_facts(element, look) for element, look in self._seen()],
            "bytes_after": _bytes_after(reading),
            "error": None if reading.fault is None else _fault(reading.fault),
        }

    def _seen(self) -> Iterator[tuple[Element, Look]]:
        """The elements of the file meta and of the data set, each with its look."""
        reading = self._reading
        for data, elements in ((reading.file, reading.meta), (reading.body, reading.elements)):
            look = Look(Scene(data, elements), self._values)
            yield from ((element, look) for element in elements)

    def _frame(self) -> Iterator[str]:
        reading = self._reading
        if reading.syntax is None:
            return
        yield uid_name(reading.syntax.uid) or reading.syntax.uid
        if reading.body is not reading.file:
            yield "The data set is deflated: its offsets count from the first byte inflated."


def _ending(reading: Reading) -> Iterator[str]:
    """Why the elements end here, where that is not the end of the file."""
    if reading.fault is not None:
        at = "" if reading.fault.offset is None else f" at byte {reading.fault.offset}"
        yield f"{reading.fault.code}{at}: nothing after this was read"
    elif after := _bytes_after(reading):
        yield f"{after} bytes follow the last element"


def _bytes_after(reading: Reading) -> int:
    return 0 if reading.fault else len(reading.body) - reading.end


def _row(*columns: str) -> str:
    offset, path, vr, length, name, value = columns
    return f"{offset:>10}  {path}  {vr:<2}  {length:>10}  {name}  {value}".rstrip()


def _depth(element: Element) -> int:
    depth = 0
    while element.holder is not None:
        element, depth = element.holder, depth + 1
    return depth


def _step(element: Element) -> str:
    """The last step of its path."""
    return tag_text(element.tag) if element.vr else f"[{element.index}]"


def _facts(element: Element, look: Look) -> dict[str, object]:
    """One element; `offset` is the tag's first byte, `value_offset` the value's."""
    return {
        "path": element.path,
        "tag": tag_text(element.tag),
        "vr": element.vr or None,
        "offset": element.start,
        "value_offset": element.value,
        "length": None if element.end < 0 else element.length,
        "undefined_length": element.undefined,
        "name": look.name(element),
        "value": look.value(element),
    }


def _fault(fault: InvalidDicom) -> dict[str, object]:
    return {
        "code": fault.code,
        "path": fault.path,
        "offset": fault.offset,
        "problem": fault.problem,
    }
