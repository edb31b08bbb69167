"""Links between the documents lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.house.tree import name, ours

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """The anchors a forge makes of a document's headings."""
    headings = HEADING.findall(FENCE.sub("", document.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(document: Path, link: str) -> bool:
    """Whether `link`, written in `document`, names a file, and a heading in it where it says so."""
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    return target.exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("document", list(ours("*.md")), ids=name)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = LINK.findall(FENCE.sub("", document.read_text("utf-8")))

    local = [link for link in links if not link.startswith(("http:", "https:", "mailto:"))]

    assert [link for link in local if not leads_somewhere(document, link)] == []


def test_every_decision_is_listed_and_says_why_what_and_its_price() -> None:
    pages = sorted(path for path in ours("0*.md") if path.parent.name == "decisions")
    listed = (pages[0].parent / "README.md").read_text("utf-8")

    numbers = [int(page.name[:4]) for page in pages]  # with gaps: decisions are made in parallel
    assert numbers == sorted(set(numbers))
    assert [page.name for page in pages if f"({page.name})" not in listed] == []
    for page in pages:
        assert HEADING.findall(page.read_text("utf-8"))[1:4] == [
            "Context",
            "Decision",
            "What it costs",
        ], page.name
