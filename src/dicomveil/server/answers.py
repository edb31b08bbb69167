"""Answers in JSON: what succeeded, and what was refused with its reasons."""

import json
from collections.abc import Mapping

from starlette.responses import Response

JSON = "application/json"


def success(content: object, status: int = 200) -> Response:
    """An answer with its content; letters beyond ASCII are escaped, as every client reads them."""
    return written(dumped(content), status)


def dumped(content: object) -> str:
    """The JSON of a content, without spaces."""
    return json.dumps(content, separators=(",", ":"))


def written(text: str, status: int = 200) -> Response:
    """An answer whose JSON is written already."""
    return Response(text, status, media_type=JSON)


def failure(errors: Mapping[str, str], status: int) -> Response:
    """A refusal; anonapi's client prints the errors of a 400 as they are."""
    return success({"errors": dict(errors)}, status)
