"""Names of a folder come in the order of their bytes, however many there are."""

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomveil.places.names import Names

NAMES = st.lists(st.binary(min_size=1, max_size=40).filter(lambda name: b"/" not in name))


@given(NAMES, st.integers(1, 50))
def test_names_come_sorted_whatever_is_packed(names: list[bytes], at_once: int) -> None:
    held = Names(at_once)
    for name in names:
        held.add(name)

    assert list(held.in_order()) == sorted(names)


@pytest.mark.parametrize("length", [1, 200, 20_000])
def test_names_of_any_length_are_unpacked_whole(length: int) -> None:
    names = [bytes([97 + n % 26]) * length + b"%d" % n for n in range(200)]
    held = Names(64)
    for name in names:
        held.add(name)

    assert list(held.in_order()) == sorted(names)


def test_many_names_take_little_memory() -> None:
    tracemalloc.start()
    held = Names()
    for n in range(400_000):
        held.add(b"1.2.840.99.%d.dcm" % (n * 2_654_435_761 % 10**10))
    count = sum(1 for _ in held.in_order())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 400_000
    assert peak < 12 << 20


def test_what_follows_a_zero_byte_changes_no_order() -> None:
    held = Names(2)
    for name in (b"a-b", b"a\0f", b"a b\0l", b"a.b"):
        held.add(name)

    found = [name.partition(b"\0")[0] for name in held.in_order()]

    assert all(one < other for one, other in pairwise(found))
