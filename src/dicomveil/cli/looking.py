"""What `inspect` and `diff` share: a file to look at, its values masked, lines printed."""

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Final

import click

from dicomveil.dicom.creators import Creators, is_known_creator
from dicomveil.dicom.dictionary import keyword_of
from dicomveil.dicom.elements import Element
from dicomveil.dicom.tags import is_private
from dicomveil.engine.plain import plain
from dicomveil.engine.scene import Scene
from dicomveil.errors import CannotStart, Changed
from dicomveil.places.original import FileOriginal

MASK: Final = "••••"


class Values(Enum):
    """Whether values are shown."""

    MASKED = "a value is four dots; its length says how much there is"
    SHOWN = "a value is decoded, shortened and printed"


class Look:
    """The elements of one data set as a person may see them."""

    def __init__(self, scene: Scene, values: Values) -> None:
        """Look at `scene`, with its values shown or masked."""
        self._scene = scene
        self._values = values
        self._creators = Creators(scene.elements)

    def name(self, element: Element) -> str:
        """The keyword, or in brackets the creator of a private element; "" for an unknown one.

        A creator that vendors are not known to write is a value: it may be anything.
        """
        if not is_private(element.tag) or not element.vr:
            return keyword_of(element.tag)
        creator = self._creators.of(element)
        if creator is None:
            return "[no creator]"
        name = plain(self._scene, creator)
        seen = self._values is Values.SHOWN or is_known_creator(name)
        return f"[{name if seen else MASK}]"

    def value(self, element: Element) -> str:
        """The value, or its mask; "" where there is none."""
        if element.vr in {"", "SQ"} or element.length == 0:
            return ""
        return MASK if self._values is Values.MASKED else plain(self._scene, element)


@contextlib.contextmanager
def opened(path: str, role: str) -> Iterator[FileOriginal]:
    """The file at `path`, links followed; CannotStart, which names its role, when unreadable."""
    try:
        original = FileOriginal(os.fsencode(os.path.realpath(path)))
    except OSError as error:
        raise CannotStart(f"{role} cannot be read: {error.strerror}") from None
    except Changed:
        raise CannotStart(f"{role} is no regular file") from None
    with original:
        yield original


def print_lines(lines: Iterable[str]) -> None:
    """Print to stdout, until whoever reads has seen enough, as `| head` has."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        for line in lines:
            click.echo(line.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_json(what: dict[str, object]) -> None:
    """Print one JSON object to stdout, in ASCII."""
    print_lines([json.dumps(what)])
