"""A request as a test expects it: method, path, the headers that matter, the content in full."""

import json
import re
from typing import NamedTuple
from urllib.parse import parse_qs

from tests.client.recording import TOKEN, Asked, Recording

WITH_TOKEN = {"Authorization": f"Token {TOKEN}"}
FORM = {**WITH_TOKEN, "Content-Type": "application/x-www-form-urlencoded"}
JSON = {**WITH_TOKEN, "Content-Type": "application/json"}


class Request(NamedTuple):
    """One request; equal when nothing but the order of the fields differs."""

    method: str
    path: str
    headers: dict[str, object]
    content: object


class Like(str):
    """Text that is made anew each time, equal to all text of one form."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and re.fullmatch(self, other) is not None

    def __ne__(self, other: object) -> bool:
        return not self == other


def get(path: str, **form: str | list[str]) -> Request:
    """A question in anonapi's protocol, by the user of the tests; a list repeats its field."""
    return Request("GET", path, {**FORM}, {"user_name": "z1", **form})


def post(path: str, **form: str | list[str]) -> Request:
    """A change in anonapi's protocol, by the user of the tests."""
    return Request("POST", path, {**FORM}, {"user_name": "z1", **form})


def post_json(path: str, content: object, **headers: str) -> Request:
    """A call of the server's own interface; `Idempotency_Key` is the header of that name."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", path, {**JSON, **named}, content)


def requests(server: Recording) -> list[Request]:
    """All that the server was asked, in order."""
    return [_request(one) for one in server.asked]


def _request(asked: Asked) -> Request:
    kind = asked.headers.get("Content-Type")
    if kind == JSON["Content-Type"]:
        return Request(asked.method, asked.path, dict(asked.headers), json.loads(asked.body))
    fields = parse_qs(asked.body, keep_blank_values=True, strict_parsing=bool(asked.body))
    form = {name: all_ if len(all_) > 1 else all_[0] for name, all_ in fields.items()}
    return Request(asked.method, asked.path, dict(asked.headers), form)
