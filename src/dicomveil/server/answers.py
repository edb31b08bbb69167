"""Answers in JSON: what succeeded, and what was refused with its reasons."""

import json
from collections.abc import Mapping

from starlette.responses import Response

JSON = "application/json"


def success(content: object, status: int = 200) -> Response:
    """An answer with its content; letters beyond ASCII are escaped, as every client reads them."""
    return Response(json.dumps(content, separators=(",", ":")), status, media_type=JSON)


def failure(errors: Mapping[str, str], status: int) -> Response:
    """A refusal; anonapi's client prints the errors of a 400 as they are."""
    return success({"errors": dict(errors)}, status)
