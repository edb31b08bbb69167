"""Names that nobody bears, the same for the same seed: those that pfdicom_tagSub wrote.

The seed's bytes, read as a little-endian number, seed Faker's American names; the first two words
become LAST^FIRST^ANON. A test holds this to names that the original tool recorded.
"""

import sys
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from faker.generator import Generator

_PACKAGE: Final = "faker"


@lru_cache(maxsize=4096)
def name_for(seed: bytes) -> str:
    """The name that this seed gives; remembered, since the same patient stands in file after file.

    A title takes the place of a first name, and an empty seed has a name too, as in the original.
    """
    faker = _faker()
    faker.seed_instance(int.from_bytes(seed, "little"))
    first, last = str(faker.format("name")).split()[:2]
    return f"{last.upper()}^{first.upper()}^ANON"


def prepare() -> None:
    """Import what names are made of, so that workers forked from here share it."""
    _faker()


@cache
def _faker() -> "Generator":
    """Faker's American names alone.

    `import faker` looks through all its languages first: 40 ms that a run of a second would feel.
    Where that was done already, or cannot be left out, it is the whole package that is used.
    """
    if _PACKAGE in sys.modules:
        return _american()
    try:
        return _american_alone()
    except (ImportError, AttributeError):
        return _american()


def _american_alone() -> "Generator":
    """The same from the package's own files, before the package itself has been imported.

    Nothing of it stays in `sys.modules`: who imports Faker later finds it whole.
    """
    spec = find_spec(_PACKAGE)
    if spec is None:
        raise ModuleNotFoundError(_PACKAGE)
    sys.modules[_PACKAGE] = module_from_spec(spec)
    try:
        return _american()
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
            del sys.modules[name]


def _american() -> "Generator":
    from faker.generator import Generator
    from faker.providers.person.en_US import Provider

    faker = Generator()
    provider = Provider(faker)
    provider.__use_weighting__ = True
    faker.add_provider(provider)
    return faker
