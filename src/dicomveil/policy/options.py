"""The options of the Basic Profile (PS3.15 E.3): their names, codes, and what excludes what."""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from dicomveil.errors import ProfileError


class MethodCode(NamedTuple):
    """One code of PS3.16 CID 7050 that a profile claims, for (0012,0064)."""

    value: str
    scheme: str
    meaning: str


class _Facts(NamedTuple):
    """What the standard says of an option."""

    name: str  # on the command line and in recipes
    code: str  # PS3.16 CID 7050
    meaning: str
    column: str  # of Table E.1-1 as generated; "" when it has none
    clause: str


class Option(Enum):
    """An option of PS3.15 E.3; `Option.named` finds it by the name that users write."""

    CLEAN_PIXEL_DATA = _Facts(
        "clean-pixel-data", "113101", "Clean Pixel Data Option", "", "PS3.15 E.3.1"
    )
    CLEAN_RECOGNIZABLE = _Facts(
        "clean-recognizable-visual-features",
        "113102",
        "Clean Recognizable Visual Features Option",
        "",
        "PS3.15 E.3.2",
    )
    CLEAN_GRAPHICS = _Facts(
        "clean-graphics", "113103", "Clean Graphics Option", "clean_graph", "PS3.15 E.3.3"
    )
    CLEAN_CONTENT = _Facts(
        "clean-structured-content",
        "113104",
        "Clean Structured Content Option",
        "clean_struct_cont",
        "PS3.15 E.3.4",
    )
    CLEAN_DESCRIPTORS = _Facts(
        "clean-descriptors", "113105", "Clean Descriptors Option", "clean_desc", "PS3.15 E.3.5"
    )
    FULL_DATES = _Facts(
        "retain-full-dates",
        "113106",
        "Retain Longitudinal Temporal Information Full Dates Option",
        "rtn_long_full_dates",
        "PS3.15 E.3.6",
    )
    MODIFIED_DATES = _Facts(
        "retain-modified-dates",
        "113107",
        "Retain Longitudinal Temporal Information Modified Dates Option",
        "rtn_long_modif_dates",
        "PS3.15 E.3.6",
    )
    PATIENT_CHARACTERISTICS = _Facts(
        "retain-patient-characteristics",
        "113108",
        "Retain Patient Characteristics Option",
        "rtn_pat_chars",
        "PS3.15 E.3.7",
    )
    DEVICE_IDENTITY = _Facts(
        "retain-device-identity",
        "113109",
        "Retain Device Identity Option",
        "rtn_dev_id",
        "PS3.15 E.3.8",
    )
    UIDS = _Facts("retain-uids", "113110", "Retain UIDs Option", "rtn_uids", "PS3.15 E.3.9")
    SAFE_PRIVATE = _Facts(
        "retain-safe-private",
        "113111",
        "Retain Safe Private Option",
        "rtn_safe_priv",
        "PS3.15 E.3.10",
    )
    INSTITUTION_IDENTITY = _Facts(
        "retain-institution-identity",
        "113112",
        "Retain Institution Identity Option",
        "rtn_inst_id",
        "PS3.15 E.3.11",
    )

    @property
    def label(self) -> str:
        """The name that users write: `retain-uids`."""
        return self.value.name

    @property
    def column(self) -> str:
        """Its column of Table E.1-1, "" when it has none."""
        return self.value.column

    @property
    def clause(self) -> str:
        """Where the standard defines it."""
        return self.value.clause

    @property
    def code(self) -> MethodCode:
        """Its code of CID 7050."""
        return MethodCode(self.value.code, "DCM", self.value.meaning)

    @classmethod
    def named(cls, label: str) -> "Option":
        """The option of that name; ProfileError that names the accepted ones when there is none."""
        for option in cls:
            if option.label == label:
                return option
        accepted = ", ".join(sorted(o.label for o in cls if o not in REFUSED))
        raise ProfileError(f"there is no such option; accepted: {accepted}")


REFUSED = {
    Option.CLEAN_PIXEL_DATA: "no engine here cleans pixels yet; files that need it are quarantined",
    Option.CLEAN_RECOGNIZABLE: "no engine here removes faces yet; keep such files back",
}
EXCLUDING = ((Option.FULL_DATES, Option.MODIFIED_DATES),)


def checked(options: Iterable[Option]) -> tuple[Option, ...]:
    """The options once each, in the standard's order.

    Raises ProfileError for one that cannot be carried out, and for two that exclude each other.
    """
    chosen = set(options)
    for option, reason in REFUSED.items():
        if option in chosen:
            raise ProfileError(f"option {option.label} is refused: {reason}")
    for one, other in EXCLUDING:
        if {one, other} <= chosen:
            raise ProfileError(f"options {one.label} and {other.label} exclude each other")
    return tuple(option for option in Option if option in chosen)


class Empties(Enum):
    """What becomes of an element that arrives without a value although the IOD asks for one."""

    LEFT = "it stays as it is"
    FILLED = "it gets the dummy of its tag or VR"
