"""What a profile does, as `dicomveil explain` shows it: a table, JSON, or a page of HTML."""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple, Protocol

from dicomveil.cli.looking import MASK, Values
from dicomveil.dicom.dictionary import keyword_of, vr_of
from dicomveil.dicom.tags import Tag, is_private, tag_text
from dicomveil.engine.fate import Fate, Fates, What
from dicomveil.policy.profile import Profile
from dicomveil.policy.recipe.words import action_words
from dicomveil.policy.selectors_placed import Place

_WIDEST = 44


class Row(NamedTuple):
    """One element: where, what happens, which rule says so, and its value's fate."""

    path: str
    name: str
    vr: str
    action: str
    what: str
    before: str
    after: str
    origin: str


class Explained(Protocol):
    """Something explained."""

    def people(self) -> Iterator[str]:
        """Lines of a table."""
        ...

    def programs(self) -> dict[str, object]:
        """Values that JSON has."""
        ...

    def page(self) -> Iterator[str]:
        """Lines of a page of HTML."""
        ...


class TagsExplained:
    """What happens to one tag wherever no more is known of it."""

    def __init__(self, profile: Profile, tag: Tag) -> None:
        """Ask the profile about the tag, written with the VR of the dictionary."""
        vr = vr_of(tag) or "UN"
        action = profile.compiled.action(tag, vr)
        origin = profile.compiled.origin(Place(tag, vr))
        self._profile = profile
        name = keyword_of(tag)
        self._row = Row(tag_text(tag), name, vr, action_words(action), "", "", "", origin)

    def people(self) -> Iterator[str]:
        """One line."""
        yield from _table([self._row])

    def programs(self) -> dict[str, object]:
        """The same as values that JSON has."""
        return {**_head(self._profile), "elements": [self._row._asdict()]}

    def page(self) -> Iterator[str]:
        """The same as a page of HTML."""
        yield from _page(self._profile, [self._row], [])


class FileExplained:
    """What happens to each element of a file."""

    def __init__(self, profile: Profile, fates: Fates, values: Values) -> None:
        """Take what was found while the file is open: its values are read now."""
        self._profile = profile
        self._fates = fates
        self._rows = [_row(fate, values) for fate in fates.fates]
        self._counts = Counter(fate.what for fate in fates.fates)

    def people(self) -> Iterator[str]:
        """A line for each element, then the counts."""
        yield from _table(self._rows)
        yield from self._summary()

    def programs(self) -> dict[str, object]:
        """The same as values that JSON has."""
        refused = self._fates.refused
        return {
            **_head(self._profile),
            "leaves": refused is None,
            "refused": refused.code if refused else None,
            "counts": {what.value: self._counts[what] for what in What},
            "elements": [row._asdict() for row in self._rows],
        }

    def page(self) -> Iterator[str]:
        """The same as a page of HTML."""
        yield from _page(self._profile, self._rows, list(self._summary()))

    def _summary(self) -> Iterator[str]:
        yield ", ".join(f"{self._counts[what]:,} {what.value}" for what in What)
        refused = self._fates.refused
        if refused is not None:
            where = f" at {refused.path}" if refused.path else ""
            yield f"the object does not leave: {refused.code}{where}"


def _row(fate: Fate, values: Values) -> Row:
    element = fate.element
    name = "" if is_private(element.tag) else keyword_of(element.tag)
    before, after = fate.before, fate.after
    if values is Values.MASKED:
        before, after = (MASK if value else "" for value in (before, after))
    words = action_words(fate.action)
    return Row(element.path, name, element.vr, words, fate.what.value, before, after, fate.origin)


def _head(profile: Profile) -> dict[str, object]:
    return {"profile": {"name": profile.name, "digest": profile.digest}}


def _table(rows: Sequence[Row]) -> Iterator[str]:
    """Lines whose columns stand below each other."""
    cells = [_cells(row) for row in rows]
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))


def _cells(row: Row) -> tuple[str, ...]:
    return (f"{row.path} {row.name}".rstrip(), row.vr, row.action, _fate_of(row), row.origin)


def _fate_of(row: Row) -> str:
    """The value's fate: `kept ••••`, `•••• -> ••••`, `removed ••••`."""
    if row.what == What.REPLACED.value:
        return f"{row.before or 'nothing'} -> {row.after or 'written anew'}"
    return f"{row.what} {row.before}".strip()


def _page(profile: Profile, rows: Sequence[Row], notes: Sequence[str]) -> Iterator[str]:
    """A page that stands by itself: no script, nothing fetched."""
    yield '<!doctype html><html lang="en"><meta charset="utf-8">'
    yield f"<title>dicomveil: profile {escape(profile.name)}</title>"
    yield f"<style>{_STYLE}</style>"
    yield f"<h1>Profile {escape(profile.name)}</h1><p>{escape(profile.method)}</p>"
    yield from (f"<p>{escape(note)}</p>" for note in notes)
    yield "<table><thead><tr>"
    yield from (f"<th>{name}</th>" for name in Row._fields)
    yield "</tr></thead><tbody>"
    for row in rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in row)
        yield f'<tr class="{row.what}">{cells}</tr>'
    yield "</tbody></table></html>"


_STYLE = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}"
    "td,th{padding:.2rem .6rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}"
    ".removed,.emptied{color:#a33}.replaced{color:#06c}"
)
