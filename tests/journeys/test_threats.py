"""Ways in which an identity leaves an object unseen: none of them works under any preset.

docs/threats.md is the list; each object here plants the same name and number at one place.
"""

import re
from pathlib import Path

import pytest

from dicomveil.dicom.splice import joined
from dicomveil.engine.cleaner import Cleaner, Options, Templates
from dicomveil.engine.gate import PixelTrust
from dicomveil.errors import Leak
from dicomveil.policy.options import Option
from dicomveil.policy.profile import PRESETS, Profile, load_profile
from tests.builders import EXPLICIT, IMPLICIT, KEY, El, Item, beginning, part10
from tests.engine.roads import slice_of

NAME, NUMBER = "Secretname", "PID12345"
SAID = f"{NAME} {NUMBER}"
ROOT = Path(__file__).parents[2]
PROFILES = [
    *map(load_profile, PRESETS),
    load_profile("research", [Option.CLEAN_CONTENT, Option.CLEAN_GRAPHICS]),
    load_profile("basic", [Option.FULL_DATES, Option.INSTITUTION_IDENTITY, Option.UIDS]),
]


def code(meaning: str) -> list[El]:
    """A code of a local scheme."""
    words = (
        El(0x00080100, "SH", "1"),
        El(0x00080102, "SH", "99X"),
        El(0x00080104, "LO", meaning),
    )
    return [El(0x00081032, "SQ", [Item(words)])]


def content() -> list[El]:
    """A content item that says a name as text."""
    concept = (El(0x00080100, "SH", "121106"), El(0x00080102, "SH", "DCM"))
    item = (
        El(0x0040A010, "CS", "CONTAINS"),
        El(0x0040A040, "CS", "TEXT"),
        El(0x0040A043, "SQ", [Item(concept)]),
        El(0x0040A160, "UT", f"seen: {SAID}"),
    )
    return [El(0x0040A730, "SQ", [Item(item)])]


def declared_safe() -> list[El]:
    """A private block whose own object calls it safe."""
    said = (
        El(0x00080301, "US", (0x0029,)),
        El(0x00080302, "LO", "ACME"),
        El(0x00080303, "CS", "SAFE"),
    )
    return [
        El(0x00080300, "SQ", [Item(said)]),
        El(0x00290010, "LO", "ACME"),
        El(0x00291001, "LO", SAID),
    ]


PLANTED = [
    pytest.param([El(0x00101001, "PN", f"{NAME}^Old")], id="another name"),
    pytest.param([El(0x00400275, "SQ", [Item((El(0x00100010, "PN", NAME),))])], id="nested name"),
    pytest.param([El(0x0008103E, "LO", f"Chest {SAID}")], id="description"),
    pytest.param([El(0x00081090, "LO", f"Model {NAME}")], id="kept text"),
    pytest.param([El(0x00180024, "SH", NAME)], id="unlisted text"),
    pytest.param([El(0x0010FFF0, "LO", SAID)], id="unknown public element"),
    pytest.param([El(0x00090010, "LO", "ACME"), El(0x00091001, "LO", SAID)], id="private text"),
    pytest.param([El(0x00090010, "LO", SAID)], id="private creator"),
    pytest.param([El(0x00091001, "LO", SAID)], id="orphan private element"),
    pytest.param(declared_safe(), id="private text that its object calls safe"),
    pytest.param([El(0x00200052, "UI", "1.2.3.4.5.6.7")], id="UID"),
    pytest.param(code(SAID), id="meaning of a local code"),
    pytest.param(content(), id="content item"),
    pytest.param([El(0x50000010, "US", (1,)), El(0x50002500, "LO", NAME)], id="curve"),
    pytest.param([El(0x60003000, "OW", SAID.encode())], id="overlay"),
    pytest.param([El(0x60004000, "LT", SAID)], id="overlay comment"),
    pytest.param([El(0x00880200, "SQ", [Item((El(0x00280010, "US", (1,)),))])], id="icon"),
    pytest.param(
        [El(0x04000561, "SQ", [Item((El(0x00104000, "LT", SAID),))])], id="original attributes"
    ),
    pytest.param([El(0x00081190, "UR", f"http://x/{NUMBER}")], id="address of the net"),
    pytest.param([El(0x00080055, "AE", NAME)], id="AE title"),
    pytest.param([El(0x00181000, "LO", f"SN {NAME}")], id="device"),
    pytest.param([El(0xFFFCFFFC, "OB", SAID.encode() + b"\0")], id="trailing padding"),
    pytest.param([El(0x300A0002, "SH", NAME)], id="plan label"),
    pytest.param([El(0x00080080, "LO", f"Clinic {NAME}")], id="institution"),
]


def cleaned(data: bytes, profile: Profile) -> bytes:
    options = Options(templates=Templates.OFF, pixels=PixelTrust.ACCEPTED)
    cleaner = Cleaner(profile, KEY, options=options)
    try:
        return joined(data, cleaner.clean(beginning(data, len(data))).segments)
    except Leak:
        # Without the option no text is cleaned: what the scan finds is quarantined.
        assert Option.CLEAN_DESCRIPTORS not in profile.options
        return b""


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: f"{p.name}-{len(p.options)}")
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_does_not_leave(planted: list[El], syntax: str, profile: Profile) -> None:
    written = cleaned(part10(slice_of(1, *planted), syntax), profile).lower()

    assert NAME.lower().encode() not in written
    assert NUMBER.lower().encode() not in written


def test_every_threat_has_its_row_and_every_test_that_it_names_is_there() -> None:
    page = (ROOT / "docs/threats.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
    tests = set(re.findall(r"`(test_\w+)`", page))
    written = "".join(p.read_text("utf-8") for p in (ROOT / "tests").rglob("test_*.py"))

    assert [int(row.split("|")[1]) for row in rows] == list(range(1, 41))
    assert [name for name in sorted(tests) if f"def {name}(" not in written] == []
    assert all("`test_" in row or "| none" in row for row in rows)
