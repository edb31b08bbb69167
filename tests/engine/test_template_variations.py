"""A series in which one element varies gives the same bytes on both roads, however it varies.

Each case is what its element holds in the first files of a series, and then in those that try the
template. A template that is not sure must miss; what it writes must be what the plain road writes.
"""

import pytest

from dicomveil.engine.cleaner import Verify
from tests.builders import (
    BIG_ENDIAN,
    CT,
    EXPLICIT,
    IMPLICIT,
    JPEG,
    STORAGE,
    El,
    Ends,
    Item,
    encode,
    part10,
    with_elements,
    without,
)
from tests.engine.roads import WHOLE, Roads, roads_of, series, slice_of


def referring(*uids: str, to: str = CT, ends: Ends = Ends.LENGTH) -> El:
    """A sequence of references, which stays and whose UIDs are replaced."""
    items = [Item((El(0x00081150, "UI", to), El(0x00081155, "UI", uid)), ends) for uid in uids]
    return El(0x00081199, "SQ", items, ends)


def typed(text: str, lie: int = 0) -> El:
    """A sequence that stays, whose one item holds a text that goes; the item's length may lie."""
    inside = (El(0x00081155, "UI", "1.2.3.9"), El(0x00084000, "LT", text))
    return El(0x00081199, "SQ", [Item(inside, lie=lie)], lie=lie)


def private_name(who: str) -> list[El]:
    """A private sequence, which goes, with a name in it."""
    item = Item((El(0x00100010, "PN", who),))
    return [El(0x00090010, "LO", "ACME"), El(0x00091001, "SQ", [item])]


def method_codes(code: str) -> El:
    """An earlier de-identification's codes."""
    words = (El(0x00080100, "SH", code), El(0x00080102, "SH", "DCM"), El(0x00080104, "LO", "M"))
    return El(0x00120064, "SQ", [Item(words)])


def swallowing(value: str, vr: str, swallowed: El) -> bytes:
    """A value whose length holds the element after it."""
    return encode([El(0x00080000, vr, value)])[8:] + encode([swallowed])


def of(tag: int, vr: str, *values: object, wire: str = "") -> list[list[El]]:
    """One element with each of the values in turn."""
    return [[El(tag, vr, value, wire=wire)] for value in values]  # type: ignore[arg-type]  # cases


LATERALITY = El(0x00200060, "CS", "L")
KEPT_TEXT = 0x00081090
CASES = [
    pytest.param(of(0x00200013, "IS", "1", "22", "333", "4", ""), id="kept number, other lengths"),
    pytest.param(of(0x00200013, "IS", "1", "2", "3", "x", "9" * 14, "3"), id="illegal IS"),
    pytest.param(of(0x00181210, "SH", "B30s", "B31", "", "C"), id="kept text, other lengths"),
    pytest.param(of(0x00180050, "DS", "1.5", "2", "1\\2", "one", "3"), id="illegal DS"),
    pytest.param(of(0x00185100, "CS", "HFS", "FFS", "hfs", "HFP"), id="illegal CS"),
    pytest.param(of(0x00281050, "DS", "40", "Secretname", "41", "PID12345"), id="name in a DS"),
    pytest.param(
        of(0x00181210, "SH", "B30s", "B31s", "Secretname", "B32s", "PID12345"),
        id="name in a kept text",
    ),
    pytest.param(of(0x00185100, "CS", "HFS", "FFS", "SECRETNAME", "HFP"), id="name in a code"),
    pytest.param(of(0x00189087, "FD", (1.0,), (2.0,), (3.0, 4.0), (), (5.0,)), id="FD of other VM"),
    pytest.param(of(0x00080080, "LO", "Hosp", "Hospital", "", "Other"), id="dummy text"),
    pytest.param(of(0x00080020, "DA", "20200101", "20200102", "", "2020"), id="emptied date"),
    pytest.param(of(0x00081030, "LO", "Chest", "Head", "", "Knee, left"), id="removed text"),
    pytest.param(of(0x00200052, "UI", "1.2.3", "1.2.3.40", "", "1.2\\1.3", "1.5"), id="UID"),
    pytest.param(
        of(0x00200052, "UI", "1.2.30", CT, CT, "1.2.840.10008.1.1", "1.5"), id="known UID"
    ),
    pytest.param(
        of(0x0020000E, "UI", "1.2.31", "1.2.32", "", "1.02", "1.2\\3", "9.1"), id="series"
    ),
    pytest.param(of(0x0020000D, "UI", "1.2.31", "1.2.32", "1.2.31", "", "1.2.33"), id="study"),
    pytest.param(of(0x00100020, "LO", "PID1", "PID2", "PID1", "PID2", "", "PID3"), id="patient"),
    pytest.param(of(0x00100010, "PN", "Aab^C", "Aab^C", "Dde^F", "Dde^F", ""), id="name"),
    pytest.param(of(0x00100030, "DA", "19700101", "19700101", "19700102", ""), id="birth date"),
    pytest.param(of(0x00080050, "SH", "ACC123", "ACC123", "ACC124", ""), id="accession"),
    pytest.param(of(0x00080005, "CS", "ISO_IR 100", "ISO_IR 100", "ISO_IR 192", "X"), id="charset"),
    pytest.param(of(0x00080016, "UI", CT, CT, f"{STORAGE}.4", "1.2.3", ""), id="class"),
    pytest.param(of(0x00280301, "CS", "NO", "NO", "YES", "YES", "NO"), id="burned in"),
    pytest.param(
        of(0x00080008, "CS", "ORIGINAL", "ORIGINAL", "A\\B\\SCREEN SAVE"), id="image type"
    ),
    pytest.param(of(0x00280010, "US", (4,), (4,), (5,), ()), id="rows"),
    pytest.param(of(0x7FE00010, "OW", bytes(32), b"ab" * 16, b"", b"abcd"), id="pixels"),
    pytest.param([[referring("1.2.3.4")], [referring("1.2.3.5")], [referring("9.9")]], id="nested"),
    pytest.param(
        [[referring("1.2.3.4")], [referring("1.2.3.5")], [referring("9.9", "9.8")], [referring()]],
        id="other numbers of items",
    ),
    pytest.param(
        [[], [], [El(0x00181210, "SH", "new")], [], [El(0x00091001, "LO", "Secretname")]],
        id="extra elements",
    ),
    pytest.param(
        [[typed("one")], [typed("three")], [typed("")], [typed("forty")]], id="nested removed text"
    ),
    pytest.param(
        [[method_codes("113101")], [method_codes("113101")], [method_codes("113100")]],
        id="earlier methods",
    ),
    pytest.param(
        of(0x00200052, "UI", "1.2.3.4.5", "1.2.3.4.6", "1.2.3.4.7", "1.2.3.4.8", wire="UN"),
        id="UID sent as UN",
    ),
]
BROKEN = [
    pytest.param(
        [[referring(u)] for u in ("1.2.33.44", "1.2.33.45\\1.2", "1.2.33.46", "1.2.5")],
        id="multi-valued nested UID",
    ),
    pytest.param([[referring(u)] for u in ("1.2.33.44", "", "1.5", "1.6")], id="empty nested UID"),
    pytest.param(
        [[referring("1.2.3", to=c)] for c in (CT, "1.2.3.4.5", f"{STORAGE}.4", CT)],
        id="registered nested UID",
    ),
    pytest.param(
        [[method_codes(c)] for c in ("113101", "113102", "113100", "113103", "113100")],
        id="ours among the earlier methods",
    ),
    pytest.param(
        [[typed(*c)] for c in (("aaaa",), ("bbbb",), ("cccc",), ("dddddd", -2), ("ee", 2))],
        id="an item's length lies",
    ),
    pytest.param(
        of(0x00080080, "LO", "Hosp", "Inst", swallowing("H", "LO", El(0x00080090, "PN", "D^T"))),
        id="a dummied value swallows",
    ),
    pytest.param(
        of(0x00200052, "UI", "1.2.3.7", "1.2.3.8", swallowing("1.2", "UI", LATERALITY)),
        id="a UID swallows",
    ),
    pytest.param(
        [
            [El(KEPT_TEXT, "LO", "Of Privatefive"), *private_name(who)]
            for who in ("Aaaa", "Bbbbbb", "Cccc", "Privatefive")
        ],
        id="a name in a private sequence",
    ),
    pytest.param(
        [[El(KEPT_TEXT, "LO", "see 1.2.3.4.100.1003. it")]] * 4, id="a UID before a full stop"
    ),
    pytest.param(
        [[El(0x00281054, "LO", "1.2.3.4.100.1003"), El(0x0032000A, "CS", "X")]] * 4,
        id="a UID before a group of digits",
    ),
    pytest.param(
        [
            [El(KEPT_TEXT, "LO", "of abcdefghi3"), El(0x00200052, "UI", f"abcdefghi{n}")]
            for n in range(1, 6)
        ],
        id="an illegal UID in a text",
    ),
    pytest.param(
        of(0x00080018, "UI", "1.2.3.1", "1.2.3.2", "1.2.3.3", " 1.2.3.4"), id="a space before a UID"
    ),
    pytest.param(
        of(0x0020000E, "UI", "1.2.3.1", "1.2.3.2", "1.2.3.3", "1.2.3.4", wire="LO"),
        id="a series UID of another VR",
    ),
    pytest.param(
        of(0x00080020, "DA", "20200101", "20200102", "20200103", "", "20200104", wire="UN"),
        id="an emptied element sent as UN",
    ),
]


@pytest.mark.parametrize("cases", CASES)
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN])
@pytest.mark.parametrize("verify", Verify)
def test_both_roads_agree(cases: list[list[El]], syntax: str, verify: Verify) -> None:
    roads = roads_of(series(cases, syntax), verify)

    assert roads.differences == []


@pytest.mark.parametrize("cases", BROKEN)
def test_both_roads_agree_where_a_template_went_wrong(cases: list[list[El]]) -> None:
    roads = roads_of(series(cases))

    assert roads.differences == []


def test_a_series_of_slices_takes_the_templates_road() -> None:
    roads = roads_of(series([[referring(f"1.2.3.{n}")] for n in range(6)]))

    assert (roads.hits, roads.differences) == (4, [])


@pytest.mark.parametrize("tail", [b"\0\0", b"\0" * 64, b"JUNK", b"Secretname^Jane"])
def test_both_roads_agree_on_bytes_after_the_end(tail: bytes) -> None:
    files = series([[], [], [], []])

    roads = roads_of([*files, files[0] + tail, files[1]])

    assert roads.differences == []


def test_both_roads_agree_on_encapsulated_pixels() -> None:
    frames = [[b"", b"ab" * n] for n in (1, 7, 3)] + [[b""], [b"", b"abcd", b"efgh"]]
    pixels = [El(0x7FE00010, "OB", frame, Ends.DELIMITER) for frame in frames]

    roads = roads_of(
        [f[:cut] for f in series([[p] for p in pixels], JPEG) for cut in (None, -8, -1)]
    )

    assert roads.differences == []
    assert roads.hits > 0


@pytest.mark.parametrize("read", [1, 132, 200, 400, 600, 700, WHOLE])
def test_both_roads_agree_however_much_of_the_file_was_read(read: int) -> None:
    roads = Roads()

    for data in series([[referring(f"1.2.3.{n}")] for n in range(6)]):
        roads.take(data, read)

    assert roads.differences == []


@pytest.mark.parametrize("tag", [element.tag for element in slice_of(1)])
def test_both_roads_agree_on_an_element_that_is_gone(tag: int) -> None:
    whole = [part10(slice_of(n)) for n in range(4)]
    lacking = [part10(without(slice_of(n), tag)) for n in range(4, 7)]

    roads = roads_of([*whole, *lacking, *whole])

    assert roads.differences == []


def test_both_roads_agree_on_icons_that_end_the_file() -> None:
    icon = (El(0x00280010, "US", (2,)), El(0x7FE00010, "OW", b"abcd"))
    header = without(slice_of(1), 0x00280010, 0x00280011, 0x7FE00010)
    ends = [El(0x00880200, "SQ", [Item(icon)]), El(0x30060010, "SQ", [Item(icon)])]

    files = [
        part10(with_elements(header, El(0x00080018, "UI", f"1.2.3.{n}"), end))
        for end in ends
        for n in range(4)
    ]

    assert roads_of(files).differences == []


def test_both_roads_agree_on_file_meta_out_of_step() -> None:
    files = [
        part10(slice_of(n), sop=f"1.2.3.4.100.1{other:03}")
        for n, other in enumerate([0, 1, 2, 7, 4])
    ]

    assert roads_of(files).differences == []
