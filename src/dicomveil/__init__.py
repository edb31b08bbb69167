"""dicomveil: de-identify DICOM by the standard's profiles, and prove that it was done.

`deidentify(original, profile, key)` gives a Cleaned; `verify(output, identity(original))` looks for
what is left; `load_profile("basic")` gives a Profile, and so does `load_profile("study.yaml")` of a
recipe; every error is a DicomveilError. The names are imported when they are first used: a script
that asks for the version pays for nothing else.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from dicomveil.version import __version__

if TYPE_CHECKING:
    from dicomveil.door import deidentify, identity, joined, load_profile, verify
    from dicomveil.engine.cleaned import Cleaned
    from dicomveil.engine.cleaner import Options, Templates, Verify
    from dicomveil.engine.gate import PixelTrust
    from dicomveil.engine.identity import Identity
    from dicomveil.engine.report import Report
    from dicomveil.engine.verify import Leaks
    from dicomveil.errors import (
        DicomveilError,
        InvalidDicom,
        KeyRefused,
        Leak,
        NotDicom,
        ProfileError,
        Refused,
    )
    from dicomveil.policy.profile import Profile

_HOMES = {
    "dicomveil.door": ("deidentify", "identity", "joined", "load_profile", "verify"),
    "dicomveil.engine.cleaner": ("Options", "Templates", "Verify"),
    "dicomveil.engine.deidentify": ("Cleaned",),
    "dicomveil.engine.gate": ("PixelTrust",),
    "dicomveil.engine.identity": ("Identity",),
    "dicomveil.engine.report": ("Report",),
    "dicomveil.engine.verify": ("Leaks",),
    "dicomveil.errors": (
        "DicomveilError",
        "InvalidDicom",
        "KeyRefused",
        "Leak",
        "NotDicom",
        "ProfileError",
        "Refused",
    ),
    "dicomveil.policy.profile": ("Profile",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Cleaned",
    "DicomveilError",
    "Identity",
    "InvalidDicom",
    "KeyRefused",
    "Leak",
    "Leaks",
    "NotDicom",
    "Options",
    "PixelTrust",
    "Profile",
    "ProfileError",
    "Refused",
    "Report",
    "Templates",
    "Verify",
    "__version__",
    "deidentify",
    "identity",
    "joined",
    "load_profile",
    "verify",
]


def __getattr__(name: str) -> object:
    """One of the public names, imported now."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"dicomveil has no {name}")
    return getattr(import_module(home), name)
