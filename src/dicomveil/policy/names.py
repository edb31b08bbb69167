"""Names that nobody bears, the same for the same seed: those that pfdicom_tagSub wrote.

The seed's bytes, read as a little-endian number, seed Faker's American names; the first two words
become LAST^FIRST^ANON. A test holds this to names that the original tool recorded.
"""

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker.generator import Generator


@lru_cache(maxsize=4096)
def name_for(seed: bytes) -> str:
    """The name that this seed gives; remembered, since the same patient stands in file after file.

    A title takes the place of a first name, and an empty seed has a name too, as in the original.
    """
    faker = _faker()
    faker.seed_instance(int.from_bytes(seed, "little"))
    first, last = str(faker.format("name")).split()[:2]
    return f"{last.upper()}^{first.upper()}^ANON"


@cache
def _faker() -> "Generator":
    """Faker with its person provider alone: all of them take another 10 MB and 15 ms."""
    from faker.generator import Generator
    from faker.providers.person.en_US import Provider

    faker = Generator()
    provider = Provider(faker)
    provider.__use_weighting__ = True
    faker.add_provider(provider)
    return faker
