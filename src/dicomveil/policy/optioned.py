"""The Basic Profile with the options of PS3.15 E.3 carried out."""

from collections.abc import Sequence
from dataclasses import replace

from dicomveil.policy.actions import Keep, Remove, ShiftDate
from dicomveil.policy.option_rules import Ways, option_rules, retained, unlisted_by
from dicomveil.policy.options import Empties, Option
from dicomveil.policy.private_keeping import Keeping
from dicomveil.policy.private_tables import Source
from dicomveil.policy.profile import ARCHIVE, Profile
from dicomveil.policy.rules import over
from dicomveil.policy.standard import ConfidentialityTable
from dicomveil.policy.unlisted import ByVr

_SOURCES = {ARCHIVE: (Source.KNOWN, Source.SAFE)}


def optioned(
    basic: Profile, table: ConfidentialityTable, options: Sequence[Option], ways: Ways | None
) -> Profile:
    """`basic`, which bears the preset's name, with these options, of which there is one at least.

    How they are carried out, where more than one way is open, `ways` says.
    """
    ways = ways or Ways()
    return replace(
        basic,
        rules=over(basic.rules, tuple(option_rules(table, options, ways))),
        unlisted=_unlisted(basic, options, ways),
        method=f"dicomveil PS3.15 {table.edition} Basic Profile and {len(options)} options",
        codes=(*basic.codes, *(option.code for option in options)),
        longitudinal=_longitudinal(options),
        options=tuple(options),
        spared=retained(table, options),
        keeping=_keeping(options, ways, _SOURCES.get(basic.name, (Source.SAFE,))),
        empties=Empties.FILLED if basic.name == ARCHIVE else Empties.LEFT,
    )


def _unlisted(basic: Profile, options: Sequence[Option], ways: Ways) -> ByVr:
    """By VR and review; for the archive every text stays, cleaned, as its curators expect it."""
    assert isinstance(basic.unlisted, ByVr)  # as with_options builds it
    by_vr = unlisted_by(options, ways, basic.unlisted)
    return by_vr._replace(unreviewed=ways.text) if basic.name == ARCHIVE else by_vr


def _keeping(options: Sequence[Option], ways: Ways, sources: tuple[Source, ...]) -> Keeping | None:
    """What may stay of private elements (PS3.15 E.3.10); None when the option is not chosen."""
    if Option.SAFE_PRIVATE not in options:
        return None
    dates: ShiftDate | Remove = Remove()
    if Option.MODIFIED_DATES in options:
        dates = ways.shift
    elif Option.FULL_DATES in options:
        dates = ShiftDate(0, 0)
    texts = ways.text if Option.CLEAN_DESCRIPTORS in options else Keep()
    return Keeping(sources, dates, texts)


def _longitudinal(options: Sequence[Option]) -> str:
    """What (0028,0303) says of dates (PS3.15 E.3.6)."""
    if Option.MODIFIED_DATES in options:
        return "MODIFIED"
    return "UNMODIFIED" if Option.FULL_DATES in options else "REMOVED"
