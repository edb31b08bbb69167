"""Which plain action a compound action of Table E.1-1 becomes."""

import pytest

from dicomveil.policy.compounds import Code, Need, choose


@pytest.mark.parametrize(
    ("compound", "plain"),
    [
        (Code.X_Z, Code.Z),
        (Code.Z_D, Code.D),
        (Code.X_D, Code.D),
        (Code.X_Z_D, Code.D),
        (Code.X_Z_U, Code.U),
    ],
)
def test_a_compound_takes_the_choice_that_is_valid_for_every_type(
    compound: Code, plain: Code
) -> None:
    assert choose(compound, Need.UNKNOWN) is plain


@pytest.mark.parametrize("code", [Code.D, Code.Z, Code.X, Code.K, Code.U])
def test_a_plain_code_is_its_own_choice(code: Code) -> None:
    assert choose(code, "1.2.840.10008.5.1.4.1.1.2", (0x00081115, 0x00081199)) is code


def test_no_choice_is_a_compound() -> None:
    assert all("/" not in choose(code, need).value for code in Code for need in Need)
