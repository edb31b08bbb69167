"""Regular expressions that people write: matched in time that grows with the text alone.

RE2 compiles an expression to an automaton: there is no backtracking, no look-around and no
reference to a group, so no expression can make a match take more than one pass over the text, and
one that would need more memory than the bound is refused. Python's own `re` has no such bound.
"""

from collections.abc import Callable

from dicomveil.errors import ProfileError

LONGEST = 200  # characters of an expression
_MEMORY = 1 << 20  # bytes of its automaton

Matches = Callable[[str], bool]


def whole(pattern: str) -> Matches:
    """What tells whether the whole of a text matches; ProfileError when it is no expression."""
    compiled = _compiled(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def masked(pattern: str) -> Callable[[str], str]:
    """What puts `X` for each character that the expression matches; ProfileError as `whole`."""
    compiled = _compiled(pattern)
    return lambda text: str(compiled.sub(lambda found: "X" * len(found[0]), text))


def _compiled(pattern: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - RE2 has no types
    import re2  # type: ignore[import-untyped]  # it has none

    if len(pattern) > LONGEST:
        raise ProfileError(f"a regular expression has at most {LONGEST} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ProfileError(_reason(error)) from error


def _reason(error: Exception) -> str:
    text = error.args[0] if error.args else b""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    kind = said.partition(":")[0] or "not understood"
    return f"this is no regular expression that RE2 accepts: {kind}"
