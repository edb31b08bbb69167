"""Descriptions with identifiers planted in them, and what of them is left after cleaning.

A plant is (a) a value that the header tells, as people write it into a description, or (b) a value
of somebody else that has an identifying shape.
"""

import re
import unicodedata
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from dicomveil.engine.people import Kind, Told
from tests.engine.people_made_up import LATIN, Crowd, Person


class Sort(Enum):
    """What was planted."""

    KNOWN = "a value of the header"
    SHAPE = "an identifying shape of somebody else"


class Plant(NamedTuple):
    """What was planted: its kind for the report, the text, and words that may stay beside it."""

    sort: Sort
    kind: str
    text: str
    cue: str = ""


class Planted(NamedTuple):
    """A description, the template's words that should be left, and what should not."""

    person: Person
    staff: Person
    text: str
    words: tuple[str, ...]
    plants: tuple[Plant, ...]

    def told(self) -> list[Told]:
        """What the header says of both."""
        staff = self.staff
        name = Told(Kind.NAME, f"{staff.family}^{staff.given}^{staff.middle}^Dr.")
        return [*self.person.told(), name]

    def named(self) -> set[str]:
        """The words of their names: a template's word that is one of them goes as well."""
        person, staff = self.person, self.staff
        names = (person.family, person.given, person.middle, staff.family)
        return set(words_of(" ".join((*names, staff.given, staff.middle))))


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
    " diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
    " dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}


KEYBOARD = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ß": "ss",
        "ø": "o",
        "ł": "l",
    }
)


def folded(text: str) -> str:
    """Lower case without accents, for counting."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if unicodedata.category(c) != "Mn")


def words_of(text: str) -> list[str]:
    """The letters-and-figures words of a text, folded."""
    return re.findall(r"[^\W_]+", folded(text))


class Planter:
    """Plants identifiers into templates, from one seed."""

    def __init__(self, crowd: Crowd, templates: list[str]) -> None:
        """Ready to plant."""
        self.crowd = crowd
        self.random = crowd.random
        self.templates = templates

    def planted(self) -> Planted:
        """A description of one person, with one or two plants."""
        person, staff = self.crowd.person(), self.crowd.person()
        template = self.random.choice(self.templates)
        plants = tuple(self._plant(person, staff) for _ in range(self.random.choice((1, 1, 2))))
        text = template
        for plant, at in zip(plants, self._gaps(template, plants), strict=True):
            text = self._put(text, plant, at)
        if self.random.random() < 0.15:
            text = text.upper()
        return Planted(person, staff, text, tuple(words_of(template)), plants)

    def _plant(self, person: Person, staff: Person) -> Plant:
        if self.random.random() < 0.5:
            return self._shape()
        if self.random.random() < 0.2:
            return Plant(Sort.KNOWN, "name of staff", self._name(staff))
        return self._known(person)

    def _gaps(self, template: str, plants: tuple[Plant, ...]) -> list[int]:
        """A place for each plant, the last one first, so that none stands within another.

        Names stand before any separator, as in "Head^Routine"; figures only where a space is.
        """
        separators = " " if any(not plant.kind.startswith("name") for plant in plants) else " _^/,-"
        found = re.finditer(rf"(?<=[^\W_])[{separators}]", template)
        gaps = [0, len(template), *(match.start() for match in found)]
        return sorted(self.random.sample(gaps, len(plants)), reverse=True)

    def _put(self, text: str, plant: Plant, at: int) -> str:
        """The text with the plant in it: beside a word, behind a mark, or glued to one."""
        whole = plant.cue + plant.text
        is_spelled_out = plant.kind.startswith("name") and "." not in whole
        if is_spelled_out and self.random.random() < 0.35:
            return self._glued(text, whole, at)
        mark = self.random.choice(
            (" ", " ", "_", "^", ", ", " - ", " (", "/")
            if plant.kind.startswith("name")
            else (" ", ", ", " (", "; ")
        )
        before, after = text[max(0, at - 1) : at], text[at : at + 2].strip()
        if before.isdigit() or after[:1].isdigit():
            mark = " ("  # two numbers with a space between are one to any reader
        if at == 0:
            return f"{whole}{',' if after[:1].isdigit() else ''} {text}"
        return f"{text[:at]}{mark}{whole}{')' if mark == ' (' else ''}{text[at:]}"

    def _glued(self, text: str, whole: str, at: int) -> str:
        """The plant against a word, or against a number behind it."""
        whole = re.sub(r"[ .,^_-]", "", whole)
        if self.random.random() < 0.3:
            space = " " if text[at : at + 1].isalnum() else ""
            return f"{text[:at]} {whole}{self.random.randrange(10, 9999)}{space}{text[at:]}"
        case: Callable[[str], str] = self.random.choice((str.upper, str.title, str.lower))
        return f"{text[:at]}{case(whole)}{text[at:]}"

    # -- values of the header ----------------------------------------------------------------------

    def _known(self, person: Person) -> Plant:
        kind = self.random.choices(
            ("name", "name in its script", "number", "accession", "phone", "address", "birth date"),
            (10, 12 if person.wide else 0, 3, 2, 1, 1, 3),
        )[0]
        match kind:
            case "name":
                return Plant(Sort.KNOWN, kind, self._name(person))
            case "name in its script":
                parts = [part for part in self.random.choice(person.wide).split("^") if part]
                parts = parts or [part for part in person.wide[-1].split("^") if part]
                return Plant(Sort.KNOWN, kind, self.random.choice(("", " ", "^")).join(parts))
            case "number":
                return Plant(Sort.KNOWN, kind, self._respelled(person.number))
            case "accession":
                return Plant(Sort.KNOWN, kind, self._respelled(person.accession))
            case "phone":
                return Plant(Sort.KNOWN, kind, person.phone)
            case "address":
                return Plant(Sort.KNOWN, kind, person.address)
            case _:
                return Plant(Sort.KNOWN, kind, self._date(person.born))

    def _name(self, person: Person) -> str:
        family, given = person.family, person.given
        spelling = self.random.choice(
            (
                family,
                f"{family}, {given}",
                f"{given} {family}",
                f"{family}^{given}",
                f"{family}_{given}",
                f"{family} {given[0]}.",
                f"{given[0]}. {family}",
                f"{family}{given}",
                f"{given}{family}",
                f"{given} {person.middle} {family}".replace("  ", " "),
                f"Dr. {family}",
            )
        )
        change: Callable[[str], str] = self.random.choice((str, str, str.upper, str.lower, plain))
        return change(spelling)

    def _respelled(self, number: str) -> str:
        """An identifier as it is, or as people change it."""
        bare = number.lstrip("0")
        choices = [number, number, bare if len(bare) > 4 else number, number.lower()]
        if len(number) > 6:
            choices.append(f"{number[:3]}-{number[3:]}")
            choices.append(f"{number[:3]} {number[3:6]} {number[6:]}")
        return self.random.choice(choices)

    # -- identifying shapes ------------------------------------------------------------------------

    def _shape(self) -> Plant:
        kind = self.random.choice(
            (
                "date",
                "date and time",
                "telephone",
                "mail",
                "web",
                "nation's number",
                "record",
                "street",
            )
        )
        locale = self.random.choice(LATIN)
        faker = self.crowd.fakers[locale]
        day = (self.random.randrange(1940, 2026), *self.crowd._day())
        match kind:
            case "date":
                return Plant(Sort.SHAPE, kind, self._date(day))
            case "date and time":
                clock = f"{self.random.randrange(24):02}:{self.random.randrange(60):02}"
                return Plant(Sort.SHAPE, kind, f"{self._date(day, whole=True)} {clock}")
            case "telephone":
                return self._telephone(faker.phone_number())
            case "mail":
                return Plant(Sort.SHAPE, kind, faker.email())
            case "web":
                return Plant(Sort.SHAPE, kind, faker.url() + faker.uri_path())
            case "nation's number":
                return Plant(Sort.SHAPE, kind, faker.ssn())
            case "record":
                cue = self.random.choice(
                    ("MRN ", "MRN: ", "Pat.-Nr. ", "PID=", "Acc# ", "ID: ", "NHC ")
                )
                return Plant(Sort.SHAPE, kind, str(self.random.randrange(10**4, 10**9)), cue)
            case _:
                return self._street()

    def _telephone(self, number: str) -> Plant:
        """A telephone number; a short one after the word that people write before it."""
        figures = sum(map(str.isdigit, number))
        has_form = number.startswith("+") or (figures > 9 - number.startswith(("(", "0")))
        cue = "" if has_form else self.random.choice(("tel. ", "Tel: ", "phone ", "Fax "))
        return Plant(Sort.SHAPE, "telephone", number, cue)

    def _street(self) -> Plant:
        """A street and a number, in the spelling of a country that has words for streets."""
        locale = self.random.choice(("de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "sv_SE", "en"))
        if locale != "en":
            text = self.crowd.fakers[locale].street_address()
            return Plant(Sort.SHAPE, "street", text.replace("\n", ", ").strip())
        name = self.crowd.fakers[self.random.choice(("en_US", "en_GB"))].last_name()
        street = self.random.choice(("Street", "St.", "Road", "Avenue", "Ave", "Lane", "Drive"))
        return Plant(Sort.SHAPE, "street", f"{self.random.randrange(1, 999)} {name} {street}")

    def _date(self, day: tuple[int, int, int], *, whole: bool = False) -> str:
        """A day in one of the usual spellings."""
        y, m, d = day
        language = self.random.choice(sorted(MONTHS))
        month = MONTHS[language].split()[m - 1]
        spellings = [
            f"{y}-{m:02}-{d:02}",
            f"{y}{m:02}{d:02}",
            f"{d:02}.{m:02}.{y}",
            f"{d}.{m}.{y}",
            f"{m:02}/{d:02}/{y}",
            f"{d:02}/{m:02}/{y}",
            f"{d:02}-{m:02}-{y}",
            f"{y}/{m}/{d}",
            f"{d} {month} {y}",
            f"{d}. {month} {y}",
            f"{month} {d}, {y}",
            f"{d:02}-{month[:3]}-{y}",
            f"{d}{month[:3].upper()}{y}",
        ]
        if not whole:
            short = y % 100
            spellings += [
                f"{d:02}.{m:02}.{short:02}",
                f"{m:02}/{d:02}/{short:02}",
                f"{m}/{d}/{short:02}",
                f"{y}年{m}月{d}日",
                f"{month} {y}",
            ]
        return self.random.choice(spellings)


def plain(text: str) -> str:
    """The text as a keyboard without accents writes it."""
    text = text.translate(KEYBOARD)
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if unicodedata.category(c) != "Mn")
