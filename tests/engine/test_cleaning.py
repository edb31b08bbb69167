"""What a file says of its people goes wherever it stands; words that name nobody stay."""

import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomveil.engine.cleaning import CleanText, Known, Wording, clean_text
from dicomveil.engine.people import Kind, Told, kind_of


def known(*names: str) -> Known:
    return Known.of([Told(Kind.NAME, name) for name in names])


def told(kind: Kind, text: str) -> Known:
    return Known.of([Told(kind, text)])


@pytest.mark.parametrize(
    "text",
    [
        "Young",
        "YOUNG PETER",
        "Young, Peter J.",
        "Peter Young",
        "P. Young",
        "Young P.J.",
        "YOUNG^PETER^J",
        "young_peter",
        "PeterYoung",
        "YOUNGPETER",
        "Y O U N G",
        "Young's",
        "(Young)",
        "Ｙｏｕｎｇ",
        "Yóung",
        "(Peter) [Young]",
        "Peter... Young",
    ],
)
def test_a_name_goes_in_every_spelling(text: str) -> None:
    patient = known("Young^Peter^J")

    assert patient.clean(f"CT head {text}").text == "CT head"
    assert patient.clean(f"{text} CT head").text == "CT head"


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Young^Peter", "YOUNGCHEST T1", "CHEST T1"),
        ("Young^Peter", "T1YOUNG", "T1"),
        ("Young^Peter", "Youngs knee", "knee"),
        ("Young^Peter", "a" * 70 + "young", "a" * 70),
        ("Young^Peter", "young123", "123"),
        ("Young^Peter", "chestYoungHead", "chest Head"),
        ("Lee^Ann", "CHESTLEE", "CHEST"),
        ("Baker^Dan", "fl3dBAKER_vibe", "fl3d_vibe"),
        ("Wu^Li", "LIWU", ""),
        ("Wu^Li", "T1_LI", "T1"),
        ("Wu^Li", "WUHEAD", "HEAD"),
        ("Hand^Grace", "HAND 3 views", "3 views"),
        ("April^Head", "head april protocol", "protocol"),
        ("O'Brien^Jean-Pierre", "O'BRIENCHEST", "CHEST"),
        ("O'Brien^Jean-Pierre", "OBRIEN jeanpierre", ""),
        ("O'Brien^Jean-Pierre", "brien knee", "knee"),
        ("van der Berg^Jan", "van der Berg, knee", "knee"),
        ("van der Berg^Jan", "VANDERBERG knee", "knee"),
        ("van der Berg^Jan", "Berg knee", "knee"),
        ("Müller^Jürgen", "Mueller JURGEN knee", "knee"),
        ("Mueller^Eva", "Müller knee", "knee"),
        ("Åström^Elin", "Aastroem Astrom Astroem", ""),
        ("Groß^Ida", "GROSS knee", "knee"),
        ("Łukasz^Żak", "lukasz zak knee", "knee"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "山田太郎 頭部", "頭部"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "CT山田", "CT"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "ﾔﾏﾀﾞ ヤマダ CT", "CT"),
        ("Wang^Wei=王^伟", "王伟 CT", "CT"),
        ("Hong^Gildong=洪^吉洞=홍^길동", "홍길동 MRI 길동", "MRI"),
        ("Smith^John\\Doe^Jane", "Doe and Smith", "and"),
        ("Иванов^Пётр", "ИВАНОВ петр колено", "колено"),
    ],
)
def test_only_the_name_goes(name: str, text: str, left: str) -> None:
    assert known(name).clean(text).text == left


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Young^Peter", "Younger than 5"),
        ("Hand^Rose", "handle and forehand"),
        ("Head^Rose", "forehead"),
        ("Ward^Ann", "forward, scanner, cannula"),
        ("Lee^Tan", "sleep, standard"),
        ("Li^Wu", "LIVER"),
        ("Ma^Jo", "120 mA"),
        ("Smith^A", "A 3 a"),
        ("Test^S R", "SR document"),
        ("Name^First Name", "name"),
        ("Lee^Ann", "a" * 70 + "lee" + "a" * 70),
        ("Test^Patient", "patient test"),
        ("Anonymous", "anonymous"),
        ("TE", "TE 90"),
        ("Wang^Wei=王^伟", "王先生 伟大"),
        ("ct^mr", "CT, MR"),
    ],
)
def test_what_only_looks_like_the_name_stays(name: str, text: str) -> None:
    assert known(name).clean(text).text == text


@pytest.mark.parametrize(
    ("kind", "value", "text", "left"),
    [
        (Kind.NUMBER, "00123456", "Brain 123456 axial", "Brain axial"),
        (Kind.NUMBER, "00123456", "Brain00123456axial", "Brain axial"),
        (Kind.NUMBER, "00123456", "12-34-56", ""),
        (Kind.NUMBER, "11RG3", "11rg3 knee", "knee"),
        (Kind.NUMBER, "4711", "T1 4711 14711 0.4711", "T1 14711 0"),
        (Kind.NUMBER, "7", "ID 7, 7 mm", "ID 7 mm"),
        (Kind.NUMBER, "PAT-0054321", "54321 knee", "knee"),
        (Kind.NUMBER, "QXRTZ", "qxrtz knee", "knee"),
        (Kind.NUMBER, "QXZ", "ID QXZ, qxz", "ID qxz"),
        (Kind.NUMBER, "ANON", "anon", "anon"),
        (Kind.NUMBER, "BREAST", "breast", "breast"),
        (Kind.DATE, "19800112", "12.1.80 knee", "knee"),
        (Kind.DATE, "19800112", "knee 800112", "knee"),
        (Kind.DATE, "19800112", "knee 120180_1", "knee 1"),
        (Kind.DATE, "19800112", "1280 x 1280", "1280 x 1280"),
        (Kind.DATE, "19000101", "010100", "010100"),
        (Kind.PHONE, "+49 30 123456", "030-123456 knee", "knee"),
        (Kind.PHONE, "555 1234", "5551234", ""),
        (Kind.PHONE, "a@b.org", "a@b.org", ""),
        (Kind.ADDRESS, "Escherweg 2, D-26121 Oldenburg", "from Oldenburg", "from"),
        (Kind.ADDRESS, "Kattrepel 2^^26121 Oldenburg", "knee kattrepel 2", "knee"),
        (Kind.PLACE, "Mayo Clinic", "MAYO CLINIC knee, clinic", "knee, clinic"),
        (Kind.PLACE, "Hospital", "hospital", "hospital"),
    ],
)
def test_numbers_dates_and_places_go(kind: Kind, value: str, text: str, left: str) -> None:
    assert told(kind, value).clean(text).text == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Head^Smith^Routine", "Head^Routine"),
        ("Smith^Routine", "Routine"),
        ("Head_Smith", "Head"),
        ("Head (Smith) Neck", "Head Neck"),
        ("Head (Smith, Smith)", "Head"),
        ('Head "Smith"', "Head"),
        ("Smith: -5 HU", "-5 HU"),
        ("Smith #3", "#3"),
        ("Smith *fl3d", "*fl3d"),
        ("Head\r\nSmith\r\nNeck", "Head\r\n\r\nNeck"),
        ("Head\\Smith\\Neck", "Head\\\\Neck"),
        ("T1SmithT2", "T1 T2"),
        ("  Head  ", "  Head  "),
        ("", ""),
    ],
)
def test_a_cut_leaves_no_trace(text: str, left: str) -> None:
    assert known("Smith").clean(text).text == left


@given(st.text(max_size=60), st.sampled_from(["Young^Li", "山田^太郎", "Ma", "O'Neil^J^R", "ß^ŉ"]))
def test_a_text_never_grows_nor_gets_a_new_character(text: str, name: str) -> None:
    clean = known(name).clean(text).text

    assert len(clean) <= len(text)
    assert set(clean) <= {*text, " "}
    assert clean.count("\\") == text.count("\\")


@given(st.text(st.sampled_from("Young Peter12.-_^(),é"), max_size=40))
def test_cleaning_again_finds_little_more(text: str) -> None:
    """What a cut brings together may be a name again; what is empty stays so."""
    patient = known("Young^Peter")
    once = patient.clean(text).text

    assert len(patient.clean(once).text) <= len(once)
    assert "young peter" not in once.lower()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("CT head Young contrast", "CT head contrast"),
        ("CT head seen by Dr. Featherstonehaugh", ""),
        ("t2_tse_tra_p2 2.5mm", "t2_tse_tra_p2 2.5mm"),
        ("BrainRoutine", "BrainRoutine"),
        ("頭部", ""),
        ("", ""),
    ],
)
def test_strict_empties_what_nobody_explains(text: str, left: str) -> None:
    assert known("Young^Peter").clean(text, Wording.STRICT).text == left


def test_the_counts_say_how_many_and_the_repr_says_no_more() -> None:
    result = known("Young^Peter").clean("Young 12.12.2012 Young knee")

    assert (result.known, result.shapes, result.emptied) == (2, 1, False)
    assert repr(result) == "<CleanText: 2 known, 1 shapes>"
    assert "oung" not in repr(known("Young"))
    assert "oung" not in repr(known("Young").needles)
    assert repr(Told(Kind.NAME, "Young")) == "<Told: NAME>"


def test_one_matcher_serves_all_files_of_the_same_people() -> None:
    one, other = Told(Kind.NAME, "Young^Peter"), Told(Kind.NUMBER, "123456")

    assert Known.of([one, other]) is Known.of([other, one, one])


def test_a_text_is_remembered_and_the_memory_is_bounded() -> None:
    patient = known("Rememberson^Bo")

    first = patient.clean("CT head")
    for number in range(3000):
        patient.clean(f"CT head {number}")

    assert patient.clean("CT head") is first
    assert patient.clean("x" * 500) == CleanText("x" * 500)
    assert len(patient._seen) <= 1024


@pytest.mark.parametrize(
    ("tag", "vr", "kind"),
    [
        (0x00100010, "PN", Kind.NAME),
        (0x00091010, "PN", Kind.NAME),
        (0x00100020, "LO", Kind.NUMBER),
        (0x00080050, "SH", Kind.NUMBER),
        (0x00100030, "DA", Kind.DATE),
        (0x00080020, "DA", Kind.DATE),
        (0x00102154, "SH", Kind.PHONE),
        (0x00101040, "LO", Kind.ADDRESS),
        (0x00080080, "LO", Kind.PLACE),
        (0x00081030, "LO", None),
        (0x00080018, "UI", None),
    ],
)
def test_an_element_tells_what_its_tag_says(tag: int, vr: str, kind: Kind | None) -> None:
    assert kind_of(tag, vr) is kind


RANDOM = random.Random(3)
MILLION = 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("CT head Young T1 2.5mm 12.1.1980 liver 1234 " * 23000, id="words"),
        pytest.param("a" * MILLION, id="one letter"),
        pytest.param("1" * MILLION, id="one figure"),
        pytest.param("1." * (MILLION // 2), id="figures and points"),
        pytest.param("1 " * (MILLION // 2), id="figures and spaces"),
        pytest.param("ab-" * (MILLION // 3), id="hyphens"),
        pytest.param("young" * (MILLION // 5), id="the name alone"),
        pytest.param("li" * (MILLION // 2), id="two letters alone"),
        pytest.param("a.b@" * (MILLION // 4), id="mail"),
        pytest.param("(" * MILLION, id="brackets"),
        pytest.param("12 street " * (MILLION // 10), id="streets"),
        pytest.param("rue de la " * (MILLION // 10), id="rues"),
        pytest.param("".join(RANDOM.choices(string.printable, k=MILLION)), id="noise"),
        pytest.param("é山" * (MILLION // 2), id="wide"),
    ],
)
def test_no_text_of_a_million_characters_takes_long(text: str) -> None:
    """Linear work takes about one second here; squares of a million would take hours."""
    patient = known("Young^Li^Peter", "O'Brien^Jean-Pierre")
    begun = time.perf_counter()

    clean_text(text, patient)

    assert time.perf_counter() - begun < 20
