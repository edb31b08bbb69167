"""Street addresses as the countries write them: a word for a street, its name, and a number.

Where the word for a street is a word of protocols as well (way, drive, via), the address counts
only if no word of its name is of the vocabulary; where it is always a street's, if one is not.
"""

import re
from typing import Final

from dicomveil.engine.cleaning_shapes import Match, shape
from dicomveil.policy.vocabulary import protocol_words, vocabulary

_WORDS: Final = re.compile(r"[^\W\d_]+")
_START: Final = r"(?<![^\W\d])"  # no letter before; a figure may be, the end of "3 Hauptstr."
_NAME: Final = r"[^\W\d_]{1,25}(?:[.'’-]{1,2}[^\W\d_]{1,24}){0,3}\.?"
_MORE: Final = r"(?:[ -](?:(?:le|la|da|das|dos|van|von|di|de|du)\ )?[^\W\d_]{3,25})?"
_HOUSE: Final = r"\d{1,5}(?:\ ?[a-h](?![^\W_]))?(?:\ ?[-/]\ ?\d{1,4}){0,2}(?!\d)(?!\.\d)"
# At most two words without a figure, and one then: most words need not be tried for a street.
_BEFORE_HOUSE: Final = r"(?=[^\d\s]{2,200}(?:\ [^\d\s]{1,200})?\ ?,?\ ?\d)"
_UNIT: Final = r"""(?:,?\ (?:apt|apartment|appartamento|suite|ste|unit|flat|floor|piso|puerta|piano
    |interno|lok\.|esc|bus)\.?\ ?\#?\ ?\d{0,4}[a-z]?(?![^\W\d_]))?"""
_SURE: Final = r"""street|avenue|boulevard|blvd|lane|terrace|parkway|pkwy|highway|hwy|crescent
    |gardens|mews|turnpike|alley|road|(?:st|rd|ave?|ln)\."""
_DOTTED: Final = ("st.", "rd.", "ave", "av.", "ln.")
_UNSURE: Final = """st|rd|ave|av|dr|drive|ln|ct|court|pl|place|way|sq|square|cir|circle|trail|trl
    |row|walk|hill|park|grove|plaza|close|pass|loop|bridge|ridge|rise|green|fields"""
_COMPASS: Final = r"(?:\ (?:north|south|east|west|[ns]?[ew]|[ns])\b\.?)?"
_US_TOWN: Final = r"(?:,?\ (?:[^\W\d_]{2,20}\ ?){1,3},?\ [a-z]{2}\.?,?\ \d{5}(?:-\d{4})?(?!\d))?"
_TOWN: Final = r"""(?:,\ ?(?:[a-z]{1,2}-)?\d{4,5}(?:\ [a-z]{2})?\ [^\W\d_]{2,30}
    (?:\ (?:am|an|der|im|la|le|sur)\ [^\W\d_]{2,20})?)?"""
_OF: Final = r"""(?:(?:de\ las?|de\ los|de|del|du|des|da|do|dos|das|della|dei|degli|di|la|le|les
    |van\ der?|van|der|den)\ |(?:de\ )?l['’]|d['’])?"""

_GLUED: Final = """strasse|str\\.|straat|weg|platz|allee|alle|gasse|damm|ufer|laan|plein|gracht|kade
    |dijk|singel|steeg|hof|dreef|boulevard|gatan|vagen|grand|gade|vej|stien|veien|gata|gaten|ring
    |chaussee|baan|pad|torget|stigen"""
_APART: Final = "strasse|str\\.?|weg|allee|alle|platz|ring|chaussee|landstrasse"
_FRENCH: Final = "rue|avenue|av\\.|boulevard|bd\\.?|chemin|impasse|allee|quai"
_FRENCH_TOO: Final = "place|cours|route|square|passage"
_SOUTHERN: Final = """calle|avenida|avda?\\.?|plaza|paseo|pasaje|pasadizo|callejon|camino
    |canada|carretera|cuesta|glorieta|rambla|ronda|urbanizacion|acceso|alameda|vial|viale|piazza|piazzale
    |corso|vicolo|strada|contrada|borgo|largo|incrocio|rotonda|stretto|canale|lungomare|rua|travessa
    |praca|estrada|rodovia|ul\\.?|ulica|aleja"""
_HAN: Final = r"\u3400-\u9fff"
_HANGUL: Final = r"\uac00-\ud7a3"


def _needed(alternatives: str) -> tuple[str, ...]:
    """The plain beginnings of the longer alternatives: where none of these is, none of them is."""
    words = (word.strip() for word in alternatives.split("|"))
    beginnings = (re.match(r"[a-z]{0,4}[^\W\d]?", word.replace("\\", "")) for word in words)
    return tuple({found[0] for found in beginnings if found and len(found[0]) > 2})


def _is_street(match: Match) -> bool:
    """Whether a match with a word that is always a street's has a name, and not a term of ours."""
    words = _words(match["name"])
    return any(word not in protocol_words() for word in words) or len(words) == 1


def _is_named(match: Match) -> bool:
    """Whether no word of the name is of the protocols."""
    words = _words(match["name"])
    return bool(words) and not any(word in protocol_words() for word in words)


def _is_foreign(match: Match) -> bool:
    """Whether no word of the name is of the vocabulary, codes included: "via catheter 3"."""
    words = _words(match["name"])
    return bool(words) and not any(word in vocabulary() for word in words)


def _words(name: str) -> list[str]:
    """The words of a name, without the letters that stand for one."""
    return [word for word in _WORDS.findall(name) if len(word) > 1]


def _is_no_word(match: Match) -> bool:
    """Whether a name and a street in one word are not a word of ours: "monitoring 3"."""
    glued = "".join(_WORDS.findall(match["name"] + match["street"]))
    return glued not in vocabulary() and len(match["name"]) > 1


def _begins_with_a_name(match: Match) -> bool:
    """Whether the first word of the name is not of the protocols."""
    return _WORDS.findall(match["name"])[0] not in protocol_words()


def _to_end_of_name(match: Match) -> tuple[int, int]:
    """Where a name with nothing behind it ends: before a second word that is of the protocols."""
    words = list(_WORDS.finditer(match["name"]))
    ours = (word.start() for word in words[1:] if _is_ours(word[0]))
    later = next(ours, None)
    if match["town"] or later is None:
        return match.span()
    return match.start(), match.start("name") + len(match["name"][:later].rstrip(" -"))


def _is_ours(word: str) -> bool:
    """Whether a word goes on with the description: one of protocols, and no particle of a name."""
    return len(word) > 2 and word in protocol_words()


def _from_its_name(match: Match) -> tuple[int, int]:
    """Without a word before it that only ends as names of towns do: "Scanner Skolgatan 3"."""
    before = match["of"] or ""
    is_ours = before[-1:] == " " and before[:-1] in vocabulary()
    return match.start() + (len(before) if is_ours else 0), match.end()


_ENGLISH: Final = rf"""\d(?<![\w.,].)\d{{0,5}}[a-d]?,?[ ]
    (?:[nsew]\.?\ |north\ |south\ |east\ |west\ )?(?P<name>{_NAME}(?:\ {_NAME}){{0,2}}?)\ """

STREETS: Final = (
    # 12 Main Street, 221B Baker Street, 7 N Elm Avenue Apt 4, Springfield, IL 62701
    shape(
        rf"{_ENGLISH}(?:{_SURE})(?![^\W_])\.?{_COMPASS}{_UNIT}{_US_TOWN}",
        _is_street,
        needs=(*_needed(_SURE), *_DOTTED),
    ),
    shape(
        rf"{_ENGLISH}(?:{_UNSURE})\b\.?{_COMPASS}{_UNIT}{_US_TOWN}",
        _is_named,
        drawn=("0 ", "0, ", "0a ", "0a, "),
    ),
    # 211 White Ave: with a word of protocols for a name, behind a number of two figures
    shape(
        rf"(?<![\w.,])\d{{2,5}}\ {_NAME}\ (?:ave|drive|rd)(?![^\W_])\.?{_US_TOWN}",
        needs=(" ave", " drive", " rd"),
    ),
    # Hauptstraße 12, Ullmannweg 9-4, Jens-Drubin-Straße 47, Keizersgracht 12, Storgatan 7
    shape(
        rf"""{_START}{_BEFORE_HOUSE}(?P<of>[^\W\d_]{{2,24}}er[ -])?(?P<name>[^\W\d_]{{1,24}}
        (?:-[^\W\d_]{{1,24}}){{0,4}}?-?)(?P<street>{_GLUED})\ ?,?\ ?{_HOUSE}{_UNIT}{_TOWN}""",
        _is_no_word,
        needs=_needed(_GLUED),
        span=_from_its_name,
    ),
    # Bockenheimer Straße 12, Alter Weg 3
    shape(
        rf"{_START}(?P<name>{_NAME}(?:\ {_NAME})?)\ (?:{_APART})\ {_HOUSE}{_TOWN}",
        _is_named,
        needs=[f" {word}" for word in ("str", "weg", "all", "platz", "ring", "chaus", "landstr")],
        drawn=(" 0",),
    ),
    # Am Kirchplatz 3, Unter den Linden 5
    shape(
        rf"""{_START}(?:am|an\ der|an\ den|auf\ der|auf\ dem|unter\ den|in\ der|zum|zur)\ (?P<name>
        {_NAME})\ {_HOUSE}{_TOWN}""",
        _is_named,
        drawn=(" 0",),
    ),
    # 12 bis, rue de la Paix; 8 avenue Charlotte Gilles; rue de Salmon
    shape(
        rf"""(?<![\w.])\d{{1,4}}(?:\ ?(?:bis|ter|[a-d])(?![^\W\d_]))?,?\ (?:{_FRENCH})\ {_OF}
        (?P<name>{_NAME}{_MORE})(?![^\W_])(?P<town>,?\ \d{{5}}\ {_NAME})?""",
        needs=(*_needed(_FRENCH), "av.", "bd"),
        span=_to_end_of_name,
    ),
    shape(
        rf"""(?<![\w.])\d{{1,4}}(?:\ ?(?:bis|ter|[a-d])(?![^\W\d_]))?,?\ (?:{_FRENCH_TOO})\ {_OF}
        (?P<name>{_NAME}{_MORE})(?![^\W_])(?P<town>,?\ \d{{5}}\ {_NAME})?""",
        _begins_with_a_name,
        needs=_needed(_FRENCH_TOO),
        span=_to_end_of_name,
    ),
    shape(
        rf"""{_START}(?:rue|avenue|boulevard|chemin|impasse)\ {_OF}
        (?P<name>{_NAME}{_MORE})(?![^\W_])(?P<town>,?\ \d{{5}}\ {_NAME})?""",
        _begins_with_a_name,
        needs=("rue ", "avenue ", "boulevard ", "chemin ", "impasse "),
        span=_to_end_of_name,
    ),
    # Calle Mayor 5, Viale Garibaldi, 12; Rua das Flores 8; ul. Kilińskiego 41/58
    shape(
        rf"""{_START}(?:{_SOUTHERN})\ {_OF}(?P<name>{_NAME}(?:\ {_NAME}){{0,3}}?)
        \ ?,?\ (?:n\.?\ ?)?{_HOUSE}{_UNIT}""",
        _is_street,
        needs=(*_needed(_SOUTHERN), "ul"),
        drawn=(" 0", "a0", ".0"),
    ),
    shape(
        rf"""{_START}(?:via\ |c/|c\.|al\.|os\.)\ ?{_OF}
        (?P<name>{_NAME}(?:\ {_NAME}){{0,2}}?)\ ?,?\ {_HOUSE}{_UNIT}""",
        _is_foreign,
        needs=("via ", "c/", "c.", "al.", "os."),
        drawn=(" 0",),
    ),
    # P.O. Box 123, Postfach 12 34
    shape(
        r"""(?<![^\W_])(?:p\.?\ ?o\.?\ ?box|postfach|postbus|apartado|boite\ postale
        |casella\ postale)\ \d(?:\ ?\d){0,8}""",
        needs=("box", "post", "apartado"),
    ),
    # 〒100-0005, 東京都千代田区丸の内1-2-3, 北京市朝阳区建国路88号, 香港街W座
    shape(r"〒\ ?\d{3}-?\d{4}", needs="〒"),
    shape(
        rf"""[{_HAN}]{{1,3}}[都道府県县省市][\u3040-\u30ff{_HAN}]{{1,12}}[区市郡町村县]
        [^\s,;_^]{{0,24}}""",
        needs="都道府県县省市",
    ),
    shape(rf"[{_HAN}]{{1,8}}[路街道巷][0-9a-z]{{1,5}}[号座弄][^\s,;_^]{{0,12}}", needs="路街道巷"),
    # 서울특별시 종로구 개포길 541
    shape(
        rf"""(?:[{_HANGUL}]{{1,8}}[시도군구]\ ){{1,3}}[{_HANGUL}\d]{{1,12}}[로길가동]\ ?\d{{1,4}}
        (?:-\d{{1,4}})?""",
        needs="시도군구",
    ),
)
