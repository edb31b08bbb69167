"""A recipe while it is made of a script: each line is tried, and what is not accepted is listed.

A converter says for each line of the script what a recipe would write; the draft has the reader of
recipes try it, so that what comes out can be read, and every refused line is told with the reason.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from dicomveil.errors import BadRecipe
from dicomveil.policy.profile import PRESETS
from dicomveil.policy.recipe.reading import read_recipe

# What a study cannot be without: where a script's value cannot be made, the keyed one stands there.
PSEUDONYMS: Final = {
    "PatientID": "patient-id",
    "PatientName": "patient-name",
    "AccessionNumber": "accession",
    "StudyID": "study-id",
}
# Private elements and groups that have no place in a data set go unless a creator is named.
_NEVER_KEPT = re.compile(r"\((?:[0-9A-F]{3}[13579BDF]|0000|0002|0004|FFFA|FFFC),")
_PLAIN = re.compile(r'[A-Za-z(/][A-Za-z0-9 (),/._*+\\|^$?"-]*')
_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


class Left(NamedTuple):
    """A line of a script that has no counterpart in a recipe, or none that does the same."""

    line: int
    reason: str


class Converted(NamedTuple):
    """A recipe made of a script, how many rules and filters it has, and what was left out."""

    text: str
    rules: int
    left: tuple[Left, ...]


class _Entry(NamedTuple):
    """One rule or filter, as YAML."""

    line: int
    text: str


@dataclass
class Draft:
    """The rules and filters so far."""

    name: str
    source: str  # the tool that the script is of
    unlisted: str = "by-review"
    rules: dict[str, _Entry] = field(default_factory=dict)  # by selector
    filters: list[_Entry] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    unsure: bool = False  # whether elements were meant that no rule names now

    def rule(self, line: int, selector: str, action: str) -> None:
        """Note that elements of `selector` get `action`, written in YAML.

        Where a recipe cannot do that the elements are removed, so that nothing gets out; where it
        cannot name them, what no rule names is not simply kept.
        """
        if selector in self.rules:
            self.leave(self.rules[selector].line, "a later line speaks of the same element")
        fault = self._fault(_rule(selector, action))
        if not fault:
            self.rules[selector] = _Entry(line, _rule(selector, action))
        elif not self._fault(_rule(selector, "remove")):
            self.withhold(line, selector, fault)
        else:
            self.unnamed(line, fault, harmless=_NEVER_KEPT.match(selector) is not None)

    def withhold(self, line: int, selector: str, reason: str) -> None:
        """Note that a line was not converted; its element is removed, or gets a pseudonym."""
        instead = PSEUDONYMS.get(selector)
        said = "a keyed pseudonym stands there" if instead else "it is removed"
        self.leave(line, f"{reason}; {said}")
        action = f"{{pseudonym: {instead}}}" if instead else "remove"
        self.rules[selector] = _Entry(line, _rule(selector, action))

    def unnamed(self, line: int, reason: str, *, harmless: bool = False) -> None:
        """Note a line whose elements no recipe can name; harmless when they go in any case."""
        self.leave(line, reason)
        self.unsure = self.unsure or not harmless

    def filter(self, line: int, verdict: str, conditions: str) -> None:
        """Note what becomes of objects that the conditions, written in YAML, hold of."""
        entry = _Entry(line, f"  - {verdict}: {conditions}")
        fault = self._fault(entry.text, "filters")
        if fault:
            self.leave(line, fault)
        else:
            self.filters.append(entry)

    def leave(self, line: int, reason: str) -> None:
        """Note that a line was not converted, or not in full."""
        self.left.append(Left(line, reason))

    def done(self) -> Converted:
        """The recipe's text, its rules without ties."""
        if self.unsure and self.unlisted == "keep":
            self.unlisted = "by-review"
            reason = (
                "elements without a line are judged by review and not kept, because of the rest"
            )
            self.leave(1, reason)
        if self.name in PRESETS:
            self.name += "-converted"
        self._untie()
        left = tuple(sorted(self.left))
        return Converted(self._text(left), len(self.rules) + len(self.filters), left)

    def _untie(self) -> None:
        """Leave out the rules that tie with an earlier one, which may be of two expressions."""
        try:
            read_recipe(self._text(()), "recipe", Path())
        except BadRecipe as error:
            lines = self._text(()).splitlines()
            tied = {lines[fault.place.line - 1] for fault in error.faults}
            for selector, entry in list(self.rules.items()):
                if entry.text in tied:
                    self.leave(entry.line, "another line speaks of the same elements")
                    del self.rules[selector]

    def _fault(self, text: str, section: str = "rules") -> str:
        try:
            read_recipe(f"name: draft\nunlisted: remove\n{section}:\n{text}\n", "recipe", Path())
        except BadRecipe as error:
            fault = error.faults[0]
            return f"{fault.problem}; {fault.fix}"
        return ""

    def _text(self, left: tuple[Left, ...]) -> str:
        lines = [
            f"# Converted from a script of {self.source} by `dicomveil profile convert`.",
            "# Read it before you use it: `dicomveil profile lint` and `show` help.",
            *(f"# not converted, line {each.line}: {each.reason}" for each in left),
            f"name: {self.name}",
            f"unlisted: {self.unlisted}",
        ]
        if self.rules:
            lines += ["rules:", *(entry.text for entry in self.rules.values())]
        if self.filters:
            lines += ["filters:", *(entry.text for entry in self.filters)]
        return "\n".join(lines) + "\n"


def _rule(selector: str, action: str) -> str:
    return f"  {quoted(selector)}: {action}"


def quoted(text: str) -> str:
    """A text as YAML writes it: bare where nothing can be mistaken, else in quotes.

    A quoted JSON string is one of YAML too.
    """
    bare = _PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _WORDS
    return text if bare else json.dumps(text, ensure_ascii=False)


def replacement(text: str) -> str:
    """The action that puts a text in place of a value."""
    return f"{{replace: {json.dumps(text, ensure_ascii=False)}}}"
