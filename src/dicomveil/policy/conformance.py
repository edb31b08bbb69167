"""The conformance statement of a profile: what PS3.15 E.1.3 asks a de-identifier to declare.

Made from the profile itself, so that it cannot say anything else than what is done.
"""

from collections import Counter
from collections.abc import Iterator

from dicomveil.policy.actions import Action, ShiftDate
from dicomveil.policy.option_rules import deciding
from dicomveil.policy.options import EXCLUDING, REFUSED, Option
from dicomveil.policy.profile import Profile
from dicomveil.policy.rules import Rule
from dicomveil.policy.standard import confidentiality_table, listed_rows


def statement(profile: Profile) -> Iterator[str]:
    """The lines of the statement, as Markdown."""
    edition = confidentiality_table().edition
    yield f"# Conformance of profile {profile.name} to PS3.15 {edition} Annex E"
    yield ""
    yield "## Profile and options"
    yield ""
    yield f"- De-identification Method (0012,0063): {profile.method}"
    for code in profile.codes:
        yield f"- {code.value} {code.scheme}: {code.meaning}"
    if not profile.codes:
        yield "- no code is claimed: the profile keeps what the Basic Profile removes"
    yield f"- Longitudinal Temporal Information Modified (0028,0303): {profile.longitudinal}"
    yield f"- digest of all that decides an output: {profile.digest}"
    yield ""
    yield from _options(profile)
    yield from _conflicts(profile)
    yield from _actions(profile)
    yield from _elsewhere(profile)


def _options(profile: Profile) -> Iterator[str]:
    yield "## Options that are not used"
    yield ""
    for option in Option:
        if option not in profile.options:
            reason = f": refused, {REFUSED[option]}" if option in REFUSED else ""
            yield f"- {option.label} ({option.clause}){reason}"
    for one, other in EXCLUDING:
        yield f"- {one.label} and {other.label} exclude each other"
    yield ""


def _conflicts(profile: Profile) -> Iterator[str]:
    """The rows where two options of the profile meet, and which decides."""
    yield "## Rows where two options meet"
    yield ""
    count = 0
    for row in listed_rows(confidentiality_table()):
        meeting = [o for o in profile.options if o.column in row.options]
        option = deciding(row, profile.options)
        if len(meeting) > 1 and option is not None:
            count += 1
            yield f"- {row.selector.text} {row.name}: {option.label} decides"
    if not count:
        yield "- none"
    yield ""


def _actions(profile: Profile) -> Iterator[str]:
    yield "## Actions"
    yield ""
    for name, count in sorted(Counter(map(_name, profile.rules)).items()):
        yield f"- {name}: {count} rules"
    yield f"- elements that no rule names: {_unlisted(profile)}"
    said = [getattr(rule.action, "action", rule.action) for rule in profile.rules]
    moved = {(s.least, s.most) for s in said if isinstance(s, ShiftDate) and s.most}
    for least, most in sorted(moved):
        yield f"- dates move into the past by {least} to {most} days, alike for all of a patient's"
    yield ""


def _name(rule: Rule) -> str:
    action = getattr(rule.action, "action", rule.action)
    code = getattr(action, "code", None)
    return f"{code.value} by the attribute's Type" if code else type(action).__name__


def _unlisted(profile: Profile) -> str:
    unlisted: object = profile.unlisted
    one_action = isinstance(unlisted, Action)
    return type(unlisted).__name__ if one_action else "by VR and a review of tags"


def _elsewhere(profile: Profile) -> Iterator[str]:
    """What E.1.3 asks for beside the table."""
    private = "removed" if profile.keeping is None else "kept where a table knows them as safe"
    yield "## Beside the table"
    yield ""
    yield "- actions apply at every depth of sequences; a sequence that is kept is looked into"
    yield f"- private elements: {private}; creators of blocks that go, go"
    yield "- preamble and file meta are written anew; group 0004 and group lengths go"
    yield "- UIDs are keyed hashes; no table of identities is needed, and none is written unasked"
    yield "- private SOP Classes, encapsulated documents, audio and directories are quarantined"
    yield "- pixels are neither read nor changed; objects whose pixels may identify are quarantined"
    yield "- Encrypted Attributes Sequence is not made; digital signatures are removed"
