"""Dates as people write them: in figures, with names of months in ten languages, with the time.

All of a date goes but a year on its own. Three numbers with a year of two figures are a date only
where nothing says that they are a version, a ratio or a measure.
"""

import re
from typing import Final

from dicomveil.engine.cleaning_shapes import AFTER, BEFORE, Match, goes_on, shape

_YEAR: Final = r"(?:1[89]\d\d|20[0-3]\d)"  # 2048 and 4096 are ranges of grey values
_MM: Final = r"(?:0[1-9]|1[0-2])"
_DD: Final = r"(?:0[1-9]|[12]\d|3[01])"
_M: Final = r"(?:0?[1-9]|1[0-2])"
_D: Final = r"(?:0?[1-9]|[12]\d|3[01])"
# The same behind their first figure, which stands before the look behind it: a search that begins
# with a class of characters passes over all others three times as fast.
_ON_D: Final = r"(?:(?<=0)[1-9]|(?<=[1-9])|(?<=[12])\d|(?<=3)[01])"
_ON_M: Final = r"(?:(?<=0)[1-9]|(?<=[1-9])|(?<=1)[0-2])"
_ON_MM: Final = r"(?:(?<=0)[1-9]|(?<=1)[0-2])"
_FIRST_D: Final = rf"[0-9](?<![\d.].){_ON_D}"
_CLOCK: Final = r"""(?:
    (?:[t_,@-] | [ ,]{1,2} | \ (?:at|um|a|om|alle|kl\.?)\ )
    [0-2]?\d[:h][0-5]\d (?::[0-5]\d(?:[.,]\d{1,6})?)?
    (?:\ ?[ap]\.?m\b\.?)? (?:z|\ ?[+-](?:0\d|1[0-4]):?[0-5]\d)? (?![\d:])
)?"""
_NAMES: Final = """
    jan january januar januari janvier janeiro jaenner janner enero ene gennaio gen styczen
    stycznia gener ocak feb february februar februari febr febrero febbraio febb fev fevr fevrier
    fevereiro luty lutego subat mar march mars marz marzo marco marts marca maerz mrz maart
    marzec mart apr april aprile aprilis aou jui maa avr avril abr abril kwietnia kwiecien nisan may
    mai maio mei maj mag maggio mayo maja mayis jun june juni juin junio junho giu giugno czerwca
    czerwiec haziran jul july juli juil juillet julio julho lug luglio lipca lipiec temmuz aug
    august augustus augusti aout ago agosto sierpnia sierpien agustos sep sept september septembre
    septiembre set sett settembre setembro wrzesnia wrzesien eylul oct october octobre octubre okt
    oktober ott ottobre out outubro pazdziernika pazdziernik ekim nov november novembre noviembre
    novembro listopada listopad kasim dec december decembre dez dezember dezembro dic dicembre
    diciembre des desember grudnia grudzien aralik
""".split()
# English and German words that a number stands beside for other reasons: "2 may be", "mar 3".
_NEEDS_A_YEAR: Final = frozenset("may mai mei maj mag mart march out ago set gener ocak".split())


def _any_of(words: list[str]) -> str:
    """A pattern for one of the words, the longest first, grouped by the letter they begin with."""
    by_letter: dict[str, list[str]] = {}
    for word in sorted(set(words), key=lambda w: (-len(w), w)):
        by_letter.setdefault(word[0], []).append(word[1:])
    return "(?:" + "|".join(f"{a}(?:{'|'.join(rest)})" for a, rest in by_letter.items()) + ")"


_MONTH: Final = _any_of(_NAMES)
_STEMS: Final = tuple({name[:3] for name in _NAMES})
_LONG_MONTH: Final = _any_of([w for w in _NAMES if len(w) > 3 and w not in _NEEDS_A_YEAR])
_TO_MONTH: Final = r"(?:st|nd|rd|th|er|o)? (?:\ ?[./_-]\ ? | \ {1,2})? (?:(?:de|del|di|of)\ )?"
_TO_YEAR: Final = r"\.? (?:\ ?[.,/_-]{1,2}\ ? | \ {1,2})? (?:(?:de|del|of)\ )?"
_VERSION: Final = re.compile(
    rf"{BEFORE}(?:v|vers?|version|rev|revision|release|software|sw|syngo|r|va|vb)[ .:_-]{{0,2}}\Z"
)
_NO_UNIT: Final = r"(?!(?:\ ?(?:mm|cm|ms|ml|kv|ma)|s|x)\b)"


def is_no_version(match: Match) -> bool:
    """Whether the figures do not follow a word that says they are a version."""
    return _VERSION.search(match.string, max(0, match.start() - 12), match.start()) is None


def _is_alone(match: Match) -> bool:
    """Whether no more numbers follow or stand before: a ratio, a version of four parts."""
    return not goes_on(match, "-/._")


def _is_short(match: Match) -> bool:
    return is_no_version(match) and _is_alone(match)


DATES: Final = (
    # 20240131, 20240131_1530, 20240131153000.000
    shape(
        rf"""(?<!\d){_YEAR}{_MM}{_DD}
        (?:[t_ -]?[0-2]\d:?[0-5]\d(?::?[0-5]\d)?(?:\.\d{{1,6}})?(?:z|[+-]\d\d:?\d\d)?)?(?!\d)""",
        drawn=("00000000",),
    ),
    # 31012024
    shape(
        rf"(?<![\d.])(?:{_DD}{_MM}|{_MM}{_DD})(?:19[2-9]|20[0-4])\d(?!\d)",
        drawn=("00000000",),
    ),
    # 2024-01-31, 2024/1/31, 2024.01.31, 2024_01_31
    shape(
        rf"""(?<!\d){_YEAR}(?P<mark>[-/._])(?:{_M}(?P=mark){_D}|{_D}(?P=mark){_M})
        (?!\d){_CLOCK}""",
        _is_alone,
        drawn=[f"0000{mark}0" for mark in "-/._"],
    ),
    # 31.01.2024, 1/31/2024, 31 - 1 - 2024, 31. 1. 2024
    shape(
        rf"""[0-9](?<!\d.)(?<!\d[-/._].)
        (?:{_ON_D}\ ?(?P<mark>[-/._])\ ?{_M}|{_ON_M}\ ?(?P<mark2>[-/._])\ ?{_D})
        \ ?(?:(?P=mark)|(?P=mark2))\ ?{_YEAR}(?!\d){_CLOCK}""",
        drawn=[f"{mark}{gap}0000" for mark in "-/._" for gap in ("", " ")],
    ),
    # 31.01.24, 1/31/24
    shape(
        rf"""[0-9](?<![\d.,].)(?:{_ON_D}(?P<mark>[-/._]){_MM}|{_ON_M}(?P<mark1>/){_D}
        |{_ON_MM}(?P<mark2>[-._]){_DD})(?:(?P=mark)|(?P=mark1)|(?P=mark2))
        \d\d(?![\d%]){_NO_UNIT}{_CLOCK}""",
        _is_short,
        drawn=("0/0/00", *(f"0{mark}00{mark}00" for mark in "-/._")),
    ),
    # 31 January 2024, 31. Jan. 24, 1er février 2024, 31JAN2024, 31 de enero de 2024
    shape(
        rf"""{_FIRST_D}{_TO_MONTH}{_MONTH}{_TO_YEAR}
        (?:{_YEAR}(?!\d)|(?<=[\W_a-z])'?\d\d(?!\d){_NO_UNIT}){_CLOCK}""",
        needs=_STEMS,
    ),
    # 31 mrt 2024: in German an examination, without a day before it
    shape(rf"(?<![\d.]){_D}[ .-]{{1,2}}mrt[ .-]{{1,2}}(?:{_YEAR}|\d\d)(?!\d)", needs=("mrt",)),
    # January 31st, 2024; Jan-31-2024; Jan 2024
    shape(
        rf"""(?<![^\W\d_]){_MONTH}\.?
        (?:[ ./_-]{{0,2}}{_D}(?:st|nd|rd|th)?(?:\ ?[,./_-]\ ?|\ )|[ ./_-]{{0,2}}(?:de\ |of\ )?)
        {_YEAR}(?!\d){_CLOCK}""",
        needs=_STEMS,
        drawn=("0000",),
    ),
    # 2024 Jan 31, 2024-JAN-31
    shape(
        rf"(?<!\d){_YEAR}[ ./_-]{{0,2}}{_MONTH}[ ./_-]{{0,2}}{_D}(?!\d){_CLOCK}",
        needs=_STEMS,
        drawn=("0000",),
    ),
    # 31 January, January 31st
    shape(
        rf"{_FIRST_D}(?:st|nd|rd|th|er|\.)?\ (?:(?:of|de)\ )?{_LONG_MONTH}{AFTER}",
        needs=_STEMS,
        drawn=("0 a", "0. a", "0aa a"),
    ),
    shape(
        rf"{BEFORE}{_LONG_MONTH}\ {_D}(?:st|nd|rd|th)?(?!\.?\d){_NO_UNIT}{AFTER}",
        needs=_STEMS,
        drawn=("a 0",),
    ),
    # 2024年1月31日, 昭和55年1月12日, 1月31日
    shape(
        r"""(?:(?:\d{4}|(?:明治|大正|昭和|平成|令和)\ ?(?:\d{1,2}|元))\ ?年\ ?)?
        (?<!\d)\d{1,2}\ ?月(?:\ ?\d{1,2}\ ?[日号])?""",
        needs="月",
    ),
    # 2024년 1월 31일
    shape(r"(?:\d{4}\ ?년\ ?)?\d{1,2}\ ?월(?:\ ?\d{1,2}\ ?일)?", needs="월"),
    # S55.1.12, R6/1/31
    shape(
        rf"{BEFORE}[msthr](?:[1-9]|[1-6]\d)[./]{_M}[./]{_DD}(?!\d)",
        _is_alone,
        drawn=[f"a{year}{mark}0" for year in ("0", "00") for mark in "./"],
    ),
)
