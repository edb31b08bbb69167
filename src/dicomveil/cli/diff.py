"""`dicomveil diff`: show what changed between two files, by rule."""

from collections.abc import Iterator
from dataclasses import dataclass

import click

from dicomveil.cli.exits import Exit
from dicomveil.cli.looking import Look, Values, opened, print_json, print_lines
from dicomveil.dicom.elements import Element
from dicomveil.engine.comparison import Comparison, Difference, What, compare
from dicomveil.engine.original import Original
from dicomveil.engine.side import Side
from dicomveil.errors import InvalidDicom
from dicomveil.policy.finding import find_profile
from dicomveil.policy.profile import Profile


@click.command()
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@click.option("--profile", default="basic", metavar="NAME", help="The rules.", show_default=True)
@click.option("--values", is_flag=True, help="Show values: they name patients.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def diff(before: str, after: str, profile: str, values: bool, as_json: bool) -> Exit:
    """Show what changed from BEFORE to AFTER, by the rule that explains it, values masked.

    A rule explains a change when AFTER is just what the profile makes of BEFORE. The exit code is 0
    when the files are the same, and 1 when they differ.
    """
    rules = find_profile(profile)
    with opened(before, "BEFORE") as one, opened(after, "AFTER") as other:
        sides = (_side(one, "BEFORE"), _side(other, "AFTER"))
        comparison = compare(*sides, rules)
        looks = (_Looks.of(side, Values.SHOWN if values else Values.MASKED) for side in sides)
        shown = _Shown(comparison, rules, *looks)
        if as_json:
            print_json(shown.programs())
        else:
            print_lines(shown.people())
    return Exit.DONE if comparison.same else Exit.DIFFERS


def _side(original: Original, role: str) -> Side:
    """The file as read; its InvalidDicom says which file it is of."""
    try:
        return Side(original)
    except InvalidDicom as error:
        problem = f"{error.problem}, in {role}"
        raise type(error)(problem, path=error.path, offset=error.offset) from None


@dataclass(frozen=True, slots=True)
class _Looks:
    """How the elements of one file are looked at."""

    side: Side
    meta: Look
    body: Look

    @classmethod
    def of(cls, side: Side, values: Values) -> "_Looks":
        return cls(side, Look(side.meta, values), Look(side.body, values))

    def at(self, element: Element) -> Look:
        return self.meta if self.side.is_meta(element) else self.body


@dataclass(frozen=True, slots=True)
class _Shown:
    """A comparison as people and programs see it."""

    comparison: Comparison
    profile: Profile
    before: _Looks
    after: _Looks

    def people(self) -> Iterator[str]:
        """The differences under the rule that explains them, then the counts."""
        for rule in sorted(self.comparison.rules, key=lambda rule: (not rule, rule)):
            yield f"{rule or self._unexplained}: {self.comparison.rules[rule]}"
            for difference in self.comparison.differences:
                if difference.rule == rule:
                    yield self._line(difference)
            yield from (f"  {f.part.value}" for f in self.comparison.frames if f.rule == rule)
        counts = self.comparison.counts
        parts = (f"{counts.get(what, 0):,} {what.value}" for what in What)
        yield f"{self.comparison.kept:,} kept, {', '.join(parts)}"
        yield f"pixel data: {self.comparison.pixels.value}"

    def programs(self) -> dict[str, object]:
        """The same as values that JSON has, in the order of the file."""
        comparison = self.comparison
        return {
            "same": comparison.same,
            "profile": {"name": self.profile.name, "digest": self.profile.digest},
            "kept": comparison.kept,
            "counts": {what.value: comparison.counts.get(what, 0) for what in What},
            "unexplained": comparison.rules.get("", 0),
            "pixels": comparison.pixels.name.lower(),
            "frame": [{"part": f.part.value, "rule": f.rule} for f in comparison.frames],
            "differences": [self._facts(difference) for difference in comparison.differences],
        }

    @property
    def _unexplained(self) -> str:
        return f"NOT EXPLAINED by profile {self.profile.name}"

    def _line(self, difference: Difference) -> str:
        """What became of it, and where it was and is: offset + length, and the value."""
        sides = [(difference.before, self.before), (difference.after, self.after)]
        there = [(element, looks) for element, looks in sides if element is not None]
        element, looks = there[0]
        vrs = " -> ".join(dict.fromkeys(e.vr or "item" for e, _ in there))
        places = " -> ".join("none" if e is None else _at(e, looks) for e, looks in sides)
        name = looks.at(element).name(element)
        return f"  {difference.what.value:<8}  {vrs:<4}  {element.path} {name}  {places}"

    def _facts(self, difference: Difference) -> dict[str, object]:
        element, looks = (
            (difference.after, self.after)
            if difference.before is None
            else (difference.before, self.before)
        )
        assert element is not None  # a difference has an element on one side at least
        return {
            "path": element.path,
            "name": looks.at(element).name(element),
            "what": difference.what.value,
            "before": _place(difference.before, self.before),
            "after": _place(difference.after, self.after),
            "rule": difference.rule,
        }


def _at(element: Element, looks: _Looks) -> str:
    return f"{element.start}+{element.length} {looks.at(element).value(element)}".rstrip()


def _place(element: Element | None, looks: _Looks) -> dict[str, object] | None:
    """Where one of the two elements lies; None when it is not there."""
    if element is None:
        return None
    return {
        "vr": element.vr or None,
        "offset": element.start,
        "length": element.length,
        "value": looks.at(element).value(element),
    }
