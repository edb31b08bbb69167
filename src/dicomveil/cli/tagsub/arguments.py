"""The arguments of `pfdicom_tagSub`, as a command line or a wrapper gives them, in our words."""

import os
from collections.abc import Mapping
from typing import Final

from dicomveil.cli.tagging import Given, structure_of
from dicomveil.dicom.fitting import Fit
from dicomveil.errors import StructureError
from dicomveil.jobs.plan import Changes, Existing, Purpose
from dicomveil.jobs.tags import Manners, Substituting
from dicomveil.jobs.trees import Shape
from dicomveil.places.scan import Links
from dicomveil.places.sieve import Logic, Words
from dicomveil.policy.substitution import Keys, Private

_ALL: Final = -1


class Arguments:
    """Arguments by their names; what a wrapper leaves out is as if it was not given."""

    def __init__(self, given: Mapping[str, object]) -> None:
        """Read `given`, the `vars` of a parser's result or a dictionary of one's own."""
        self._given = given

    def text(self, name: str) -> str:
        """A text, "" when it is absent."""
        found = self._given.get(name)
        return "" if found is None else str(found)

    def flag(self, name: str) -> bool:
        """Whether a flag is set."""
        return bool(self._given.get(name))

    def number(self, name: str, least: int, default: int) -> int:
        """A whole number of at least `least`; StructureError for anything else."""
        text = self.text(name) or str(default)
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise StructureError(f"--{name} takes a whole number of at least {least}")
        return number

    def words(self, name: str) -> Words:
        """A filter and its logic."""
        text = self.text(name)
        logic = (self.text(f"{name}Logic") or "OR").upper()
        if logic not in {one.value for one in Logic}:
            raise StructureError(f"--{name}Logic is AND or OR")
        return Words(tuple(map(os.fsencode, text.split(","))) if text else (), Logic(logic))

    def optional(self, name: str) -> str | None:
        """A text, None when it is absent or empty."""
        return self.text(name) or None


def substituting_of(arguments: Arguments) -> Substituting:
    """What is asked; StructureError for a structure or a number that cannot be used."""
    depth = arguments.number("maxDepth", _ALL, _ALL)
    return Substituting(
        source=arguments.text("inputDir") or ".",
        destination=arguments.text("outputDir") or ".",
        structure=structure_of(_given(arguments)),
        manners=Manners.OLD,
        keys=Keys.ALL if arguments.flag("paths") else Keys.OLD,
        private_elements=Private.REMOVE if arguments.flag("removePrivateTags") else Private.KEEP,
        fit=Fit.CUT if arguments.flag("fit") else Fit.REFUSE,
        shape=_shape(arguments),
        leaf=arguments.text("outputLeafDir"),
        stem=arguments.text("outputFileStem"),
        file_filter=arguments.words("fileFilter"),
        folder_filter=arguments.words("dirFilter"),
        only=arguments.text("inputFile"),
        depth=None if depth == _ALL else depth,
        links=Links.ANYWHERE if arguments.flag("followLinks") else Links.FILES,
        workers=_workers(arguments),
        existing=Existing.RESUME if arguments.flag("resume") else Existing.ADD,
        overwrite=arguments.flag("overwrite"),
        private=arguments.optional("private"),
        key_file=arguments.optional("key_file"),
        changes=Changes.LISTED if arguments.flag("report") else Changes.NONE,
        purpose=Purpose.REHEARSE if arguments.flag("dry_run") else Purpose.DELIVER,
    )


def _given(arguments: Arguments) -> Given:
    return Given(
        arguments.text("tagStruct"),
        arguments.text("tagFile"),
        arguments.text("tagInfo"),
        arguments.text("splitToken") or "++",
        arguments.optional("splitKeyValue"),
    )


def _shape(arguments: Arguments) -> Shape:
    """The old tree, unless another is asked for: `--relativeDir` leaves the input's path out."""
    if arguments.text("tree"):
        return Shape(arguments.text("tree"))
    return Shape.DOCUMENTED if arguments.flag("relativeDir") else Shape.OLD


def _workers(arguments: Arguments) -> int:
    return arguments.number("jobs", 1, max(arguments.number("threads", 0, 0), 1))
