"""Parameters come in the query and in the body, bounded, in UTF-8."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dicomveil.server.form import LONGEST_VALUE, MOST_FIELDS, parse_form
from dicomveil.server.refusals import RequestRefused


def test_a_body_and_a_query_are_read_alike() -> None:
    pairs = urlencode([("job_ids", "1"), ("job_ids", "2"), ("user_name", "z1")]).encode()

    assert parse_form(pairs, b"") == parse_form(b"", pairs)


def test_repeated_parameters_keep_their_order() -> None:
    form = parse_form(b"job_ids=3", b"job_ids=1&job_ids=2")

    assert form.all("job_ids") == ("3", "1", "2")


def test_ten_thousand_ids_fit_in_one_body() -> None:
    body = urlencode([("job_ids", str(number)) for number in range(10_000)]).encode()

    assert len(parse_form(b"", body).all("job_ids")) == 10_000


def test_a_single_space_is_a_value() -> None:
    assert parse_form(b"", b"error=+&job_id=1").one("error") == " "


def test_an_empty_value_is_a_value() -> None:
    assert parse_form(b"", b"anonymizedpatientid=").one("anonymizedpatientid") == ""


def test_backslashes_come_as_they_were_sent() -> None:
    body = urlencode({"source_path": r"folder:\\server\share\a"}).encode()

    assert parse_form(b"", body).one("source_path") == r"folder:\\server\share\a"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        pytest.param(b"description=%ff%fe", "body", id="percent-encoded bytes that are no UTF-8"),
        pytest.param(b"description=\xff", "body", id="raw bytes that are no UTF-8"),
        pytest.param(b"description=a%00b", "description", id="a zero character"),
        pytest.param(b"%0a=1", "parameter 1", id="a name with a line break"),
        pytest.param(b"x=1&" + b"a" * 65 + b"=1", "parameter 2", id="a long name"),
        pytest.param(b"a=1&" * (MOST_FIELDS + 1), "body", id="too many parameters"),
        pytest.param(b"a=" + b"x" * (LONGEST_VALUE + 1), "a", id="a long value"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_place(body: bytes, part: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        parse_form(b"", body)

    assert list(refused.value.errors) == [part]


def test_a_body_that_is_no_form_is_refused() -> None:
    with pytest.raises(RequestRefused, match="x-www-form-urlencoded"):
        parse_form(b"", b"{}", "application/json")


def test_a_kind_with_a_character_set_is_a_form() -> None:
    kind = "application/x-www-form-urlencoded; charset=UTF-8"

    assert parse_form(b"", b"a=1", kind).one("a") == "1"


def test_two_values_of_one_parameter_are_refused() -> None:
    form = parse_form(b"job_id=1", b"job_id=2")

    with pytest.raises(RequestRefused, match="two values"):
        form.one("job_id")


def test_a_refusal_does_not_repeat_a_value() -> None:
    with pytest.raises(RequestRefused) as refused:
        parse_form(b"", b"Jansen%20Piet=1&x=%00")

    assert "Jansen" not in str(refused.value)


@pytest.mark.parametrize("body", [b"", b"job_id=", b"job_id=+"], ids=["absent", "empty", "blank"])
def test_a_required_parameter_says_that_it_is_missing(body: bytes) -> None:
    with pytest.raises(RequestRefused) as refused:
        parse_form(b"", body).required("job_id")

    assert refused.value.errors == {"job_id": "Required parameter job_id not supplied"}


@given(some.text(alphabet="ab1_&=-.", max_size=40))
def test_what_needs_no_unescaping_is_read_as_everything_else(text: str) -> None:
    """Thousands of numbers take a quick way; both ways say the same."""
    try:
        read = parse_form(b"", text.encode())
    except RequestRefused:
        return

    by_name: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        by_name.setdefault(name, []).append(value)
    assert read.values == {name: tuple(values) for name, values in by_name.items()}
