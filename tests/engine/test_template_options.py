"""Both roads give the same bytes where options make new values: dates, texts, private elements.

What a new value depends on never varies within a template; each case varies it.
"""

import random

import pytest

from dicomveil.policy.profile import PRESETS, Profile, load_profile
from tests.builders import BIG_ENDIAN, EXPLICIT, IMPLICIT, El, Item
from tests.engine.roads import Roads, roads_of, series
from tests.engine.test_narrow import SEED, files_of
from tests.engine.test_template_mutations import mutant
from tests.engine.test_template_variations import BROKEN, CASES, of, swallowing

PROFILES = [load_profile(name) for name in PRESETS if name != "basic"]
DESCRIPTION, DATE, OPERATOR = 0x0008103E, 0x00080022, 0x00081070
SIEMENS = El(0x00190010, "LO", "SIEMENS MR HEADER")


def cleaned_text(*texts: str) -> list[list[El]]:
    """A description of which only spans go."""
    return of(DESCRIPTION, "LO", *texts)


def block(creator: str, vr: str = "IS", value: str = "1000 ") -> list[El]:
    """A private element that is known to be safe under one creator."""
    return [El(0x00190010, "LO", creator), El(0x0019100C, vr, value)]


def declared(status: str, value: str) -> list[El]:
    """A private element, and what the object itself says of its block."""
    said = (
        El(0x00080301, "US", (0x0029,)),
        El(0x00080302, "LO", "ACME"),
        El(0x00080303, "CS", status),
    )
    return [
        El(0x00080300, "SQ", [Item(said)]),
        El(0x00290010, "LO", "ACME"),
        El(0x00291001, "LO", value),
    ]


def nested(text: str, date: str, who: str = "") -> list[El]:
    """A sequence that stays, with a text and a date in it, and a patient of its own."""
    inside = (
        El(0x00081030, "LO", text),
        El(0x00100020, "LO", who),
        El(0x00400244, "DA", date),
    )
    return [El(0x00400275, "SQ", [Item(inside if who else (inside[0], inside[2]))])]


VARYING = [
    pytest.param(of(0x00101010, "AS", "089Y", "090Y", "091Y", "", "93", "102Y"), id="ages"),
    pytest.param(of(DATE, "DA", *(f"202001{n:02}" for n in range(1, 7))), id="dates"),
    pytest.param(of(DATE, "DA", "20200101", "20200102", "20200103", "x", "", "2020"), id="bad DA"),
    pytest.param(
        of(0x0008002A, "DT", "20200101120000", "20200102", "20200103120000.5+0100", "2020", ""),
        id="moments",
    ),
    pytest.param(of(0x00080032, "TM", "1200", "1201", "1202", "2500", "", "12"), id="times"),
    pytest.param(
        cleaned_text(
            "Chest a", "Chest Secretname", "Chest Jane b", "PID12345", "", "Knee 1.2.2020"
        ),
        id="descriptions",
    ),
    pytest.param(
        [
            [El(DESCRIPTION, "LO", f"Chest Smith {n}"), El(OPERATOR, "PN", who)]
            for n, who in enumerate(("Smith", "Smith", "Smith", "Jones", "Jones", "", "Chest"))
        ],
        id="descriptions and whom they name",
    ),
    pytest.param(
        [
            [El(DESCRIPTION, "LO", f"of 12.3.2020 {n}"), El(0x00080020, "DA", day)]
            for n, day in enumerate(("20200312", "20200312", "20200312", "20200313", "20200313"))
        ],
        id="descriptions and the date they name",
    ),
    pytest.param(
        cleaned_text("Chest", "Head", "Knee", swallowing("H", "LO", El(0x00081090, "LO", "ab"))),  # type: ignore[arg-type]  # a value of bytes
        id="a cleaned text swallows",
    ),
    pytest.param(
        [[*block("SIEMENS MR HEADER", value=f"{n}000")] for n in range(1, 6)], id="private numbers"
    ),
    pytest.param(
        [block("SIEMENS MR HEADER", value=v) for v in ("1000", "2000", "3000", "x", "4000", "")],
        id="an illegal private number leaves an orphan creator",
    ),
    pytest.param(
        [block(c) for c in ("SIEMENS MR HEADER",) * 3 + ("ACME", "ACME", "SIEMENS MR HEADER")],
        id="creators",
    ),
    pytest.param(
        [block("SIEMENS MR HEADER", "UN", v) for v in ("1000", "2000", "3000", "4000", "x\0")],
        id="a private number sent as UN",
    ),
    pytest.param(
        [declared(s, f"v{n}") for n, s in enumerate(("SAFE", "SAFE", "SAFE", "UNSAFE", "UNSAFE"))],
        id="what an object declares",
    ),
    pytest.param([nested(f"Chest {n}", f"2020010{n}") for n in range(1, 6)], id="nested"),
    pytest.param(
        [nested("Chest", "20200101", who) for who in ("A", "A", "A", "B", "C", "")],
        id="nested patients",
    ),
    pytest.param(
        [nested("Chest", f"2020010{n}", "OTHER1") for n in range(1, 6)], id="a nested patient's"
    ),
    pytest.param(of(0x00181000, "LO", "SN1", "SN2", "SN3", "SN1", "Jane"), id="device"),
    pytest.param(of(0x00101010, "AS", "045Y", "046Y", "047Y", "99", "", "045Y"), id="age"),
    pytest.param(of(0x00080060, "CS", "CT", "CT", "CT", "", "", "CT"), id="empty of Type 1"),
    pytest.param(of(0x00280030, "DS", "1\\1", "2\\2", "3\\3", "", "4\\4"), id="empty of 1C"),
]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN])
@pytest.mark.parametrize("cases", VARYING)
def test_both_roads_agree_on_new_values(
    cases: list[list[El]], syntax: str, profile: Profile
) -> None:
    roads = roads_of(series(cases, syntax), profile=profile)

    assert roads.differences == []


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("cases", [*CASES, *BROKEN])
def test_both_roads_agree_on_what_varies_under_any_profile(
    cases: list[list[El]], profile: Profile
) -> None:
    roads = roads_of(series(cases), profile=profile)

    assert roads.differences == []


def test_moved_dates_and_cleaned_texts_take_the_templates_road() -> None:
    cases = [
        [El(DATE, "DA", f"202001{n:02}"), El(DESCRIPTION, "LO", f"Chest Secretname {n}")]
        for n in range(1, 7)
    ]

    roads = roads_of(series(cases), profile=load_profile("research"))

    assert (roads.hits, roads.differences) == (4, [])


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_narrowed_series_agrees_under_any_profile(profile: Profile) -> None:
    dice = random.Random(SEED)
    files = series(files_of("1.2.3.4.5.6", 60, dice))
    emptied = series([[El(0x00280030, "DS", v), El(0x00080060, "CS", v)] for v in ("", "1", "")])
    roads = Roads(profile=profile)

    for data in (*files, *emptied, *files[:5]):
        roads.take(data)
    for _ in range(300):
        roads.take(mutant(dice.choice(files), dice))
        roads.take(dice.choice(files))

    assert roads.differences == []
    assert roads.narrow_hits > 20
