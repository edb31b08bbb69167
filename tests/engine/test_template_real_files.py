"""Real files fare alike on both roads: alone, in a row, and as series made of one file.

A series is made of a real file by writing other digits into its SOP Instance UID, so that its
second and third file teach a template, and the fourth is sure to be tried on it.
"""

from pathlib import Path

import pytest

from dicomveil.dicom.part10 import open_part10
from dicomveil.engine.gate import PixelTrust
from dicomveil.errors import DicomveilError
from dicomveil.policy.options import Option
from dicomveil.policy.profile import PRESETS, Profile, load_profile
from tests.engine.roads import Roads
from tests.real import name, real_files

LARGEST = 4 << 20
PROFILES = [
    *map(load_profile, PRESETS),
    load_profile("research", [Option.CLEAN_CONTENT, Option.CLEAN_GRAPHICS]),
    load_profile("basic", [Option.UIDS, Option.FULL_DATES, Option.INSTITUTION_IDENTITY]),
]
FILES = [path for path in real_files() if path.stat().st_size <= LARGEST]


def siblings(data: bytes) -> list[bytes]:
    """The file, and three that differ from it in the last digits of the SOP Instance UID alone."""
    try:
        uid = open_part10(data).media_sop_instance.encode()
    except DicomveilError:
        uid = b""
    if len(uid) < 8:
        return [data] * 4
    return [data.replace(uid, uid[:-2] + b"%02d" % number) for number in (11, 12, 13, 14)]


@pytest.mark.parametrize("path", FILES, ids=name)
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_both_roads_agree_on_a_series_of_a_real_file(path: Path, profile: Profile) -> None:
    roads = Roads(pixels=PixelTrust.ACCEPTED, profile=profile)

    for data in siblings(path.read_bytes()):
        roads.take(data)

    assert roads.differences == []


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_both_roads_agree_on_all_real_files_in_a_row_and_many_take_the_template(
    profile: Profile,
) -> None:
    roads = Roads(pixels=PixelTrust.ACCEPTED, profile=profile)

    for path in FILES:
        for data in siblings(path.read_bytes()):
            roads.take(data)

    assert roads.differences == []
    assert roads.hits > len(FILES) / 4 or not profile.compiled.renames
