"""A profile: rules, and what happens to the elements that no rule names."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from dicomveil.dicom.hashing import blake2b
from dicomveil.errors import ProfileError
from dicomveil.policy import dummies, iods
from dicomveil.policy.actions import Action
from dicomveil.policy.compiled import Compiled, Law
from dicomveil.policy.filters import Filter
from dicomveil.policy.options import Empties, MethodCode, Option, checked
from dicomveil.policy.renaming import Renaming
from dicomveil.policy.rules import Rule, narrowest_first
from dicomveil.policy.standard import basic_rules, confidentiality_table
from dicomveil.policy.unlisted import ByVr, reviewed_by_vr

if TYPE_CHECKING:
    from dicomveil.policy.option_rules import Ways
    from dicomveil.policy.private_keeping import Keeping

BASIC = MethodCode("113100", "DCM", "Basic Application Confidentiality Profile")


@dataclass(frozen=True)
class Profile:
    """What happens to every element of an object; it cannot be built without `unlisted`.

    Why: a default there would be the policy of whoever forgot to think of it. Raises ProfileError
    where two rules of one rank can meet.
    """

    name: str
    rules: Sequence[Rule]
    unlisted: Action | ByVr
    method: str = ""  # its value of (0012,0063), at most 64 characters; else made of its name
    codes: tuple[MethodCode, ...] = ()  # its items of (0012,0064): what it claims to do
    longitudinal: str = "REMOVED"  # its value of (0028,0303): what becomes of dates
    options: tuple[Option, ...] = ()
    keeping: "Keeping | None" = None  # what may stay of private elements that no rule names
    empties: Empties = Empties.LEFT
    spared: frozenset[int] = frozenset()  # tags that stay although the text cleaner knows them
    filters: tuple[Filter, ...] = ()  # which objects it is for
    renaming: Renaming | None = None  # who the patient becomes, beside the keyed pseudonym

    def __post_init__(self) -> None:
        """Put the rules in the order in which they decide, and see that there is a method."""
        object.__setattr__(self, "rules", narrowest_first(self.rules))
        object.__setattr__(self, "method", self.method or f"dicomveil profile {self.name}"[:64])

    def __reduce__(self) -> tuple[object, ...]:
        """What can be found again travels as how to find it: 100 bytes and not 40,000.

        Why: so much with every chunk fills the pipe to the workers, and a pool of which one is
        killed then hangs (decision 0035).
        """
        again = self.__dict__.get("again")
        return again or (_restored, (dict(self.__dict__),))

    def found_again(self, by: Callable[..., "Profile"], *told: object) -> "Profile":
        """The same profile, which other processes get by calling `by` with what is told."""
        object.__setattr__(self, "again", (by, told))
        return self

    @cached_property
    def compiled(self) -> Compiled:
        """The profile as the hot loop asks it."""
        law = Law(self.rules, self.unlisted, self.keeping, self.empties, self.filters, self.spared)
        return Compiled(law)

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits over everything here that decides what an output looks like."""
        lines = (
            self.name,
            *map(str, self.rules),
            str(self.unlisted),
            self.method,
            *map(str, self.codes),
            self.longitudinal,
            str(self.keeping),
            self.empties.name,
            str(sorted(self.spared)),
            *map(str, self.filters),
            str(self.renaming),
            dummies.described(),
            iods.described(),
        )
        return blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()


def load_profile(name: str, options: Iterable[Option] = ()) -> Profile:
    """The preset of that name with further options.

    Raises ProfileError that names the accepted ones for an unknown preset, and for options that
    are refused or exclude each other.
    """
    return _loaded(name, tuple(options))


@lru_cache(maxsize=8)
def _loaded(name: str, options: tuple[Option, ...]) -> Profile:
    preset = PRESETS.get(name)
    if preset is None:
        raise ProfileError(f"there is no such profile; accepted: {', '.join(sorted(PRESETS))}")
    profile = with_options(name, (*preset, *options))
    return profile.found_again(load_profile, name, options)


def _restored(members: dict[str, object]) -> Profile:
    profile = object.__new__(Profile)
    profile.__dict__.update(members)
    return profile


def with_options(name: str, options: Iterable[Option], ways: "Ways | None" = None) -> Profile:
    """A preset's profile with these options; ProfileError for those that cannot be carried out."""
    table = confidentiality_table()
    basic = Profile(
        name=name,
        rules=basic_rules(table),
        unlisted=reviewed_by_vr(),
        method=f"dicomveil PS3.15 {table.edition} Basic Application Confidentiality Profile",
        codes=(BASIC,),
    )
    chosen = checked(options)
    if not chosen:
        return basic
    # The Basic Profile alone starts without what carries options out.
    from dicomveil.policy.optioned import optioned

    return optioned(basic, table, chosen, ways)


ARCHIVE = "tcia"  # as The Cancer Imaging Archive de-identifies, as far as attributes go
_SHARED = (
    Option.CLEAN_DESCRIPTORS,
    Option.MODIFIED_DATES,
    Option.PATIENT_CHARACTERISTICS,
    Option.DEVICE_IDENTITY,
    Option.SAFE_PRIVATE,
)
PRESETS: dict[str, tuple[Option, ...]] = {"basic": (), "research": _SHARED, ARCHIVE: _SHARED}
