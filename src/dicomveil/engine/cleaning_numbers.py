"""Numbers that stand for a person: record numbers after their word, and numbers of nations.

Seven figures together are taken for such a number wherever they stand: no measure of a description
has as many, and most numbers of patients, orders and insurances have.
"""

from itertools import product
from typing import Final

from dicomveil.engine.cleaning_shapes import AFTER, BEFORE, Match, shape

_NR: Final = r"[ ._-]?(?:id|nr|no|num(?:ber|mer)?|\#)"
_WORD: Final = rf"""(?:mrn|mr\ ?\#|pid|pat(?:ient)?(?:en)?{_NR}|patientid|patienten{_NR}
    |ssn|nhs|svnr|bsn|ahv|nir|ipp|nip|nhc|acc(?:ession)?(?:{_NR})?|record(?:{_NR})?
    |med(?:ical)?[ ._-]?rec(?:ord)?(?:{_NR})?|chart(?:{_NR})?|case{_NR}|fall(?:nummer|{_NR})
    |visit(?:{_NR})?|encounter|admission(?:{_NR})?|order(?:{_NR})?|hosp(?:ital)?{_NR}|study{_NR}
    |exam{_NR}|historia|dossier|passport|insurance(?:{_NR})?|policy(?:{_NR})?
    |id|nr|no|num|number|\#|serial|s/n|sn|患者番号|病历号|住院号)"""


def _is_of_a_person(match: Match) -> bool:
    """Whether what follows the word is somebody's: five figures, or three among six characters."""
    it = match["it"]
    count = sum(map(str.isdigit, it))
    return count >= 5 or (count >= 3 and len(it) >= 6 and any(map(str.isalpha, it)))


def _is_no_measure(match: Match) -> bool:
    """Whether a long number is not the fraction of a decimal, nor a part of a UID."""
    text, start, stop = match.string, match.start(), match.end()
    before, after = text[max(0, start - 2) : start], text[stop : stop + 2]
    in_decimal = before[1:] in (".", ",") and before[:1].isdigit()
    return not in_decimal and not (after[:1] == "." and after[1:].isdigit())


def _is_of_the_nhs(match: Match) -> bool:
    """Whether ten figures are a number of the National Health Service, by the last of them."""
    *first, last = [int(character) for character in match[0] if character.isdigit()]
    total = sum(weight * figure for weight, figure in zip(range(10, 1, -1), first, strict=True))
    return (11 - total % 11) % 11 == last


NUMBERS: Final = (
    shape(
        rf"""{BEFORE}{_WORD}[ .:#=_-]{{0,3}}
        (?P<it>[a-z]{{0,4}}[-./]?\d[a-z0-9]{{0,19}}(?:[-/.]\d[a-z0-9]{{0,11}}){{0,3}})""",
        _is_of_a_person,
    ),
    shape(r"(?<![\d.-])\d{3}-\d{2}-\d{4}(?![\d-])", drawn=("000-00-0000",)),  # US
    shape(
        r"(?<![\w.])\d{3}\ \d{3}\ \d{4}(?!\d)", _is_of_the_nhs, drawn=("000 000 0000",)
    ),  # GB, health
    shape(
        rf"{BEFORE}[a-z]{{2}}\ ?\d\d\ ?\d\d\ ?\d\d\ ?[a-dt]{AFTER}",  # GB, insurance
        drawn=[f"a{a}00{b}00{c}00" for a, b, c in product(("", " "), repeat=3)],
    ),
    shape(
        rf"(?<!\d)\d{{6}}[-+a]\d{{3}}[0-9a-y]{AFTER}",  # DK, FI, SE
        drawn=[f"000000{mark}000" for mark in "-+a"],
    ),
    shape(r"(?<!\d)\d{8}-\d{4}(?!\d)", drawn=("00000000-0000",)),  # SE
    shape(r"(?<!\d)\d{6}-\d{7}(?!\d)", drawn=("000000-0000000",)),  # KR
    shape(
        r"""(?<![\d.])[12378]\ ?\d\d\ ?(?:0[1-9]|1[0-2]|[2-9]\d)\ ?(?:\d\d|2[ab])
        \ ?\d{3}\ ?\d{3}(?:\ ?\d\d)?(?!\d)""",  # FR
        drawn=("000000", "000 000"),
    ),
    shape(
        rf"{BEFORE}[a-z]{{6}}\d\d[a-z]\d\d[a-z]\d{{3}}[a-z]{AFTER}",  # IT
        drawn=("aaaaaa00a00a000a",),
    ),
    shape(
        rf"{BEFORE}(?:\d{{8}}|[xyz]\d{{7}})-?[a-hj-np-tv-z]{AFTER}",  # ES
        drawn=("00000000a", "00000000-a", "a0000000"),
    ),
    shape(r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)", drawn=("000.000.000-00",)),  # BR
    shape(r"(?<!\d)756\.\d{4}\.\d{4}\.\d{2}(?!\d)", needs=("756.",)),  # CH
    shape(r"(?<!\d)\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}(?!\d)", drawn=("00.00.00-000.00",)),  # BE
    shape(r"(?<![\d.])\d{4}\ \d{4}\ \d{4}(?!\d)(?!\.\d)", drawn=("0000 0000 0000",)),  # IN, JP
    shape(
        rf"{BEFORE}\d{{2}}\ ?\d{{6}}\ ?[a-z]\ ?\d{{3}}{AFTER}",  # DE, pensions
        drawn=[f"000000{a}a{b}000" for a, b in product(("", " "), repeat=2)],
    ),
    shape(r"(?<!\d)\d{4}\ [0-3]\d[01]\d\d\d(?!\d)(?!\.\d)", drawn=("0000 000000",)),  # AT
    # and whatever is as long, with up to four letters before it and one after: A12345678
    shape(
        rf"(?:{BEFORE}[a-z]{{1,4}})?(?<!\d)\d{{7,40}}(?:x{AFTER})?(?!\d)",
        _is_no_measure,
        drawn=("0000000",),
    ),
)
