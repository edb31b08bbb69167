"""Which plain action a code of Table E.1-1 becomes, by the attribute's Type."""

import pytest

from dicomveil.policy.compounds import Code, choose
from dicomveil.policy.iods import Type

ONE, ONE_C, TWO, TWO_C, THREE, ABSENT = Type

D, Z, X, K, U = Code.D, Code.Z, Code.X, Code.K, Code.U


@pytest.mark.parametrize(
    ("compound", "plain"),
    [(Code.X_Z, Z), (Code.Z_D, D), (Code.X_D, D), (Code.X_Z_D, D), (Code.X_Z_U, U)],
)
def test_without_a_type_the_choice_is_valid_for_every_type(compound: Code, plain: Code) -> None:
    assert choose(compound, None) is plain


@pytest.mark.parametrize("code", [D, Z, X, K, U])
def test_without_a_type_a_plain_code_is_its_own_choice(code: Code) -> None:
    assert choose(code, None) is code


@pytest.mark.parametrize(
    ("code", "one", "two", "three", "absent"),
    [
        (Code.X_Z, D, Z, X, X),
        (Code.X_D, D, D, X, X),
        (Code.X_Z_D, D, Z, X, X),
        (Code.Z_D, D, Z, Z, Z),
        (Code.X_Z_U, U, U, X, X),
        (Code.D, D, D, D, X),
        (Code.Z, D, Z, Z, Z),
        (Code.X, D, Z, X, X),
        (Code.K, K, K, K, K),
        (Code.U, U, U, U, U),
    ],
    ids=lambda code: code.value,
)
def test_the_type_decides(code: Code, one: Code, two: Code, three: Code, absent: Code) -> None:
    chosen = {type_: choose(code, type_) for type_ in Type}

    assert chosen == {
        ONE: one,
        ONE_C: one,
        TWO: two,
        TWO_C: two,
        THREE: three,
        ABSENT: absent,
    }


def test_no_choice_is_a_compound() -> None:
    assert all("/" not in choose(code, type_).value for code in Code for type_ in (None, *Type))


def test_an_attribute_that_needs_a_value_keeps_one() -> None:
    assert {choose(code, type_) for code in Code for type_ in (ONE, ONE_C)} == {D, K, U}
