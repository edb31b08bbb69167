"""Ways to reach somebody or something: telephones, mail, the web, paths and machines."""

from itertools import product
from typing import Final

from dicomveil.dicom.uids import is_registered
from dicomveil.engine.cleaning_dates import is_no_version
from dicomveil.engine.cleaning_shapes import AFTER, BEFORE, Match, figures, shape

_FIGURE: Final = r"(?:[\ ./-]|\ ?-\ |/\ )?(?:\d|\(\d{1,5}\))"
_END: Final = r"(?![\d.]\d)(?!\d)"
_NO_UNIT: Final = r"(?!\ ?(?:mm|cm|ms|ml|kv|ma|s|hz)\b)"
_NO_DATE: Final = r"(?!\d[./-]\d\d[./-]\d{4})"  # behind the first figure
_DOMAIN: Final = r"[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){1,6}"
_REST: Final = r"(?:[/?#][^\s<>^\"')]{0,2000})?"

PHONES: Final = (
    # +49 (0)30 1234-567, 0049 30 1234567
    shape(
        rf"(?<![\w+.,-])(?:\+|00(?=[1-9]))\d{{1,3}}(?:{_FIGURE}){{5,13}}(?!\d)"
        r"(?:\ ?(?:x|ext\.?)\ ?\d{1,6})?",
        figures(8, 20),
        drawn=("+0", "000"),
    ),
    # tel. 555-1234, phone: 555 1234
    shape(
        rf"""(?:{BEFORE}(?:tel(?:ef(?:on|ono|oon)?|ephone)?|phone|ph|fon|fax|mobil(?:e|telefon)?
        |cell|handy|pager|bleep|ext|call)|[☎☏]|電話)(?:\ ?(?:no|nr|number))?[ .:#=]{{0,3}}
        (?P<it>\+?(?:\d|\(\d{{1,5}}\))(?:{_FIGURE}){{4,14}}(?:\ ?x\ ?\d{{1,6}})?)(?!\d)"""
    ),
    # (555) 123-4567, 555-123-4567, 555.123.4567x123, 1-555-123-4567
    shape(
        rf"""(?<![\w.])(?:1[ .-])?(?:\(\d{{3}}\)\ ?|\d{{3}}[.-])\d{{3}}[.\ -]\d{{4}}
        (?:\ ?(?:x|ext\.?)\ ?\d{{1,6}})?{_END}""",
        drawn=("000.0000", "000 0000", "000-0000"),
    ),
    # 030 1234567, 030/123 45 67, (030) 12345-67, 01 23 45 67 89, 090-1234-5678
    shape(
        rf"""(?:\((?<![\w.,/-].)0|0(?<![\w.,/-].){_NO_DATE})\d{{1,4}}\)?
        (?:[\ /.-]{{1,2}}\d{{1,8}}){{1,5}}{_END}{_NO_UNIT}""",
        figures(9, 13),
    ),
    # (030) 12345, (0489)-068288
    shape(rf"(?<!\w)\(0\d{{1,4}}\)[\ /-]{{0,2}}\d{{3,9}}(?:[\ -]\d{{1,6}})?{_END}", drawn=("(00",)),
    # 08-72 46 90
    shape(rf"(?<![\w.,/-])0\d{{1,3}}-\d{{2,3}}(?:\ \d\d){{2,3}}{_END}", drawn=("00 00 00",)),
    # 34 5140-7396, (11) 98765-4321
    shape(rf"(?<![\w.,/-])(?:\d\d|\(\d\d\))\ \d{{4,5}}-\d{{4}}{_END}", drawn=("0000-0000",)),
    # 612 34 56 78, 612 345 678
    shape(rf"(?<![\w.,/-])[5-9]\d\d(?:\ \d\d){{3}}{_END}", drawn=("000 00 00 00",)),
    shape(rf"(?<![\w.,/-])[5-9]\d\d\ \d{{3}}\ \d{{3}}{_END}{_NO_UNIT}", drawn=("000 000 000",)),
)

ONLINE: Final = (
    shape(
        rf"(?<![a-z0-9._%+-])[a-z0-9._%+-]{{1,128}}\ ?(?:@|\[at\]|\(at\))\ ?{_DOMAIN}",
        needs=("@", "at]", "at)"),
    ),
    shape(r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,9}://[^\s<>^\"')]{1,2000}", needs=("://",)),
    shape(rf"(?<![a-z0-9])www\d?\.{_DOMAIN}{_REST}", needs=("www",)),
    shape(
        rf"""(?<![a-z0-9.@-])[a-z0-9-]{{2,63}}(?:\.[a-z0-9-]{{1,63}}){{0,3}}
        \.(?:com|org|net|edu|gov|info){_REST}(?![a-z0-9])""",
        needs=(".com", ".org", ".net", ".edu", ".gov", ".info"),
    ),
    shape(
        r"(?<![^\W_])(?:[a-z]:|/home|/users|/mnt|/data)/(?:[^\s/\"]{1,80}/?){1,12}",
        needs=(":/", "/home/", "/users/", "/mnt/", "/data/"),
    ),
)


def _is_own_uid(match: Match) -> bool:
    """Whether dotted figures are a UID of somebody's object: long, and not in the registry."""
    return len(match[0]) >= 18 and not is_registered(match[0])


def _is_of_a_machine(match: Match) -> bool:
    """Whether four numbers are an IP address: bytes, two of them long, none with a leading zero."""
    parts = match[0].split(".")
    plain = all(int(part) < 256 and part == str(int(part)) for part in parts)
    return plain and sum(len(part) > 1 for part in parts) > 1 and is_no_version(match)


def _sixteenths(count: int) -> list[str]:
    """How so many figures to base sixteen may be drawn."""
    return ["".join(some) for some in product("0a", repeat=count)]


MACHINES: Final = (
    shape(r"[0-2](?<![\d.].)(?:\.\d{1,39}){4,30}(?!\d)(?!\.\d)", _is_own_uid),
    shape(
        r"\d(?<![\d.].)\d{0,2}(?:\.\d{1,3}){3}(?!\d)(?!\.\d)",
        _is_of_a_machine,
        drawn=[f".{'0' * count}." for count in (1, 2, 3)],
    ),
    shape(
        rf"{BEFORE}[0-9a-f]{{2}}(?:[:-][0-9a-f]{{2}}){{5}}{AFTER}",
        drawn=[f"{a}{pair}{b}" for pair in _sixteenths(2) for a in ":-" for b in ":-"],
    ),
    shape(
        rf"{BEFORE}[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}{AFTER}",
        drawn=[f"-{four}-" for four in _sixteenths(4)],
    ),
)
