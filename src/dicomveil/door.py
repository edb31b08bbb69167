"""The engine as a few functions, for programs: what `import dicomveil` offers."""

import os
from collections.abc import Iterable
from pathlib import Path

from dicomveil.dicom.part10 import inflate, open_part10
from dicomveil.dicom.splice import joined as written
from dicomveil.dicom.walk import walk
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.cleaner import Cleaner, Options, Templates
from dicomveil.engine.identity import Identity, identity_of
from dicomveil.engine.original import BytesOriginal
from dicomveil.engine.scene import Scene
from dicomveil.engine.verify import Leaks
from dicomveil.engine.verify import verify as verify_output
from dicomveil.places.original import FileOriginal
from dicomveil.policy.finding import find_profile
from dicomveil.policy.options import Option
from dicomveil.policy.profile import Profile

Object = bytes | str | Path
"""A whole file: its bytes, or its path."""


def load_profile(name: str | Path, options: Iterable[Option | str] = ()) -> Profile:
    """The preset of that name, or the recipe at that path, with further options of PS3.15 E.3.

    A path ends in `.yaml` or `.yml`; an option may be given by its name, as `"retain-uids"`. Raises
    ProfileError for an unknown preset, and for options that are unknown, refused or exclude each
    other; BadRecipe, a ProfileError that names file and line, for a recipe with faults.
    """
    chosen = [one if isinstance(one, Option) else Option.named(one) for one in options]
    return find_profile(os.fspath(name), chosen)


def deidentify(
    original: Object, profile: Profile, key: bytes, *, options: Options | None = None
) -> Cleaned:
    """The object as it may leave the hospital, and the record of what was changed (PS3.15 §E.1.1).

    `original` is a whole file: its bytes, or its path, of which pixel data is not read. `key` has
    32 to 64 bytes. `Cleaned.segments` are bytes and spans of the original, in order; `joined` makes
    them bytes. The output is verified unless `options` says otherwise.

    Raises InvalidDicom (NotDicom when nothing says DICOM), Refused by the gate, and Leak when
    something identifying was still there; ValueError for a key of another length; OSError.
    """
    options = options or Options(templates=Templates.OFF)
    cleaner = Cleaner(profile, key, options=options)
    if isinstance(original, bytes):
        return cleaner.clean(BytesOriginal(original))
    with FileOriginal(os.fsencode(original)) as opened:
        return cleaner.clean(opened)


def joined(cleaned: Cleaned, original: Object) -> bytes:
    """The whole output in memory: the segments of `cleaned`, with the spans of its original."""
    return written(_read(original), cleaned.segments)


def identity(original: Object) -> Identity:
    """Who the object is about, as `verify` looks for it; raises InvalidDicom.

    Holds names and numbers: keep it in memory only. Its repr counts them.
    """
    data = _read(original)
    part10 = open_part10(data)
    start = part10.start
    if part10.syntax.deflated:
        data, start = inflate(data[start:]), 0
    return identity_of(Scene(data, walk(data, part10.syntax.form, start)))


def verify(output: Object, identity: Identity) -> Leaks:
    """Where a whole output file still holds something of `identity`: places, never values.

    Every value of every VR is searched with fresh eyes, file meta included and pixel data not.
    Raises InvalidDicom when the output does not walk.
    """
    return verify_output(_read(output), identity)


def _read(given: Object) -> bytes:
    return given if isinstance(given, bytes) else Path(given).read_bytes()
