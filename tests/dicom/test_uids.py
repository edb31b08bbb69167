"""The registry answers as pydicom's does, which is the oracle here."""

import pytest
from pydicom._uid_dict import UID_dictionary

from dicomveil.dicom.uids import is_registered, uid_name, uid_type


def test_every_entry_of_the_registry_is_registered_with_its_name_and_type() -> None:
    for uid, (name, kind, *_) in UID_dictionary.items():
        assert is_registered(uid)
        assert (uid_name(uid), uid_type(uid)) == (name, kind)


@pytest.mark.parametrize(
    ("uid", "name", "kind"),
    [
        ("1.2.840.10008.1.2.4.112", "JPEG XL", "Transfer Syntax"),
        ("1.2.840.10008.1.2.8.1", "Deflated Image Frame Compression", "Transfer Syntax"),
        ("1.2.840.10008.5.1.4.1.1.66.7", "Label Map Segmentation Storage", "SOP Class"),
    ],
)
def test_what_came_after_pydicoms_edition_is_registered_too(uid: str, name: str, kind: str) -> None:
    assert is_registered(uid)
    assert (uid_name(uid), uid_type(uid)) == (name, kind)


@pytest.mark.parametrize(
    "uid",
    [
        pytest.param("1.2.840.10008", id="the root alone"),
        pytest.param("1.2.840.10008.1.2.1.12345", id="an entry and more"),
        pytest.param("1.2.840.10008.5.1.4.1.1.", id="a stem"),
        pytest.param("1.2.840.10008.1.2.1\0", id="padding left on"),
        pytest.param("", id="nothing"),
        pytest.param("2.25.1", id="somebody's"),
    ],
)
def test_what_only_resembles_an_entry_is_not_registered(uid: str) -> None:
    assert not is_registered(uid)
    assert uid_name(uid) is None
    assert uid_type(uid) is None
