"""People who do not exist, in sixteen locales, as the headers of their files would tell of them.

A third of the family names are words of dictionaries and protocols too. Nothing here reads the
product's vocabulary.
"""

import random
import re
from typing import NamedTuple

from faker import Faker

from dicomveil.engine.people import Kind, Told

LATIN = "en_US en_GB de_DE de_AT fr_FR es_ES it_IT nl_NL pt_BR pl_PL sv_SE da_DK tr_TR".split()
WIDE = "ja_JP zh_CN ko_KR".split()
# Family and given names that are words of protocols, of anatomy, of the calendar or of every day.
ALSO_WORDS = """
Young Hand Head April May Rose Mark Grace Foot Bone Chest Long Short Small White Brown Black
Green Gray Best Wise Old Ward Field Fields Brain Stern Kopf Herz Klein Lang Kurz Bauch Beck Tran
Dixon Star Blade Vista Haste Ray Pace Faith Hope Summer Frank Grant Miles Drew Chase Dean Love
Law Page Price Rice Stone Wood Waters Rivers Brooks Banks Bush Day Knight King Bishop Pope
Church Case Cross Power Light Sharp Strong Hard Swift Keen Arm Hals Knie Leber Reich Winter
Sommer Herbst Montag Freitag August Januar Dolores Mercedes Sol Luz Cruz Campos Costa Serra
Rocha Bello Grande Rosso Marina Viola Iris Lung Field Angel Bolus Phase Echo Radial Scout Axel
Patience Temple Cope Hip Legg Shin Palm Nail Back Neck Hale Early Late First Major Minor Noble
Joy June Cord Block Flint Contreras Baseline Ring Hall Marker Pitch Slice Coil Norm Dose Stress
Rest Bank Berg Tal Weiss Schwarz Roth Braun Gross Fuchs Wolf Vogel Baum Busch Stein Sanders Cook
Baker Carter Mason
""".split()


class Person(NamedTuple):
    """Somebody: names as they are spoken, and all that a header says."""

    locale: str
    family: str
    given: str
    middle: str
    wide: tuple[str, ...]  # other spellings: ideographs, then a phonetic writing
    number: str
    accession: str
    phone: str
    address: str
    born: tuple[int, int, int]

    @property
    def is_also_a_word(self) -> bool:
        """Whether a part of the name is a word of other things too."""
        return bool({self.family, self.given} & set(ALSO_WORDS))

    def told(self) -> list[Told]:
        """What the header says, as the cleaner is handed it."""
        name = f"{self.family}^{self.given}" + (f"^{self.middle}" if self.middle else "")
        name = "=".join((name, *self.wide))
        year, month, day = self.born
        return [
            Told(Kind.NAME, name),
            Told(Kind.NUMBER, self.number),
            Told(Kind.NUMBER, self.accession),
            Told(Kind.PHONE, self.phone),
            Told(Kind.ADDRESS, self.address),
            Told(Kind.DATE, f"{year:04}{month:02}{day:02}"),
        ]


class Crowd:
    """Makes people up, from one seed."""

    def __init__(self, seed: int) -> None:
        """Ready to make people up; the same seed makes the same ones."""
        self.random = random.Random(seed)
        self.fakers = {locale: Faker(locale) for locale in (*LATIN, *WIDE)}
        for faker in self.fakers.values():
            faker.seed_instance(self.random.randrange(1 << 30))

    def person(self) -> Person:
        """Somebody new."""
        locale = self.random.choice((*LATIN, *WIDE))
        faker = self.fakers[locale]
        family, given, wide = self._names(locale)
        if self.random.random() < 1 / 3:
            family, given, wide = self._also_words(family, given)
        return Person(
            locale,
            family,
            given,
            faker.first_name() if locale in LATIN and self.random.random() < 0.3 else "",
            wide,
            self._number(),
            self.random.choice(("ACC{:08}", "{:010}", "A{:07}", "RX-{:06}")).format(
                self.random.randrange(10**6)
            ),
            faker.phone_number(),
            faker.street_address().replace("\n", ", ").strip(),
            (self.random.randrange(1925, 2015), *self._day()),
        )

    def _day(self) -> tuple[int, int]:
        return self.random.randrange(1, 13), self.random.randrange(1, 29)

    def _names(self, locale: str) -> tuple[str, str, tuple[str, ...]]:
        """Family, given, and the other spellings."""
        faker = self.fakers[locale]
        if locale == "ja_JP":
            family, given = faker.last_name_pair(), faker.first_name_pair()
            return family[2], given[2], (f"{family[0]}^{given[0]}", f"{family[1]}^{given[1]}")
        if locale == "zh_CN":
            wide = f"{faker.last_name()}^{faker.first_name()}"
            return faker.last_romanized_name(), faker.first_romanized_name(), (wide,)
        if locale == "ko_KR":
            romanized = self.random.choice(ROMANIZED)
            wide = f"{faker.last_name()}^{faker.first_name()}"
            return romanized[0], romanized[1], ("", wide)
        return re.sub(r"[ .]+$", "", faker.last_name()), faker.first_name(), ()

    def _also_words(self, family: str, given: str) -> tuple[str, str, tuple[str, ...]]:
        """The names with a word in place of one of them, or of both."""
        which = self.random.randrange(3)
        one, other = self.random.sample(ALSO_WORDS, 2)
        return (one if which != 1 else family), (other if which != 0 else given), ()

    def _number(self) -> str:
        shape = self.random.choice(
            ("{:08}", "{:07}", "{:010}", "P{:06}", "{:04}-{:03}", "MR{:05}X")
        )
        low = self.random.randrange(10**3, 10**4), self.random.randrange(10**3)
        return shape.format(*(low if shape.count("{") == 2 else (low[0] * 1000 + low[1],)))


ROMANIZED = [
    tuple(name.split())
    for name in (
        "Kim Minjun,Lee Seoyeon,Park Jiho,Choi Haeun,Jung Doyun,Kang Jiwoo,Cho Sua,Yoon Eunwoo,"
        "Jang Hayoon,Lim Siwoo,Han Chaewon,Oh Jimin,Seo Yuna,Shin Taeyang,Kwon Boram,Hwang Inho"
    ).split(",")
]
