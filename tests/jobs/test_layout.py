"""Where outputs lie below DST."""

import re

import pytest

from dicomveil.engine.cleaned import Cleaned
from dicomveil.errors import Refused, UidConflict
from dicomveil.jobs.layout import Layout, placed


def code(kind: str, message: bytes) -> bytes:
    """A pseudonym that can be read."""
    return kind.encode() + b"(" + message.replace(b"/", b"|") + b")"


def cleaned(
    patient: str = "PAT", study: str = "1.2", series: str = "1.3", sop: str = "1.4"
) -> Cleaned:
    """An output with these new values."""
    return Cleaned([], patient, study, series, sop, "1.5")


def test_the_uids_are_the_path() -> None:
    assert placed(Layout.UID, code).place(cleaned(), b"a/b") == (b"PAT/1.2/1.3", b"1.4.dcm")


@pytest.mark.parametrize("which", ["study", "series", "sop"])
@pytest.mark.parametrize(
    "uid", ["", "1", "1.", ".1", "1..2", "01.2", "1.2/3", "..", "1.2\n", "1." + "2" * 63, "1.٣"]
)
def test_a_uid_that_is_absent_or_not_legal_is_refused(which: str, uid: str) -> None:
    with pytest.raises(Refused) as refused:
        placed(Layout.UID, code).place(cleaned(**{which: uid}), b"a")

    assert refused.value.code == "uid-missing"


PATIENTS = ["", "a", "A", "a b", "a/b", "..", ".", "%", "%25", "ä", "a\0", "a.b", "-", "~"]


def test_no_two_patients_share_a_folder_and_none_leaves_dst() -> None:
    place = placed(Layout.UID, code).place

    folders = [place(cleaned(patient=p), b"")[0].split(b"/")[0] for p in PATIENTS]

    assert len(set(folders)) == len(PATIENTS)
    assert not {b"", b".", b".."} & set(folders)
    assert not any(b"\0" in folder for folder in folders)


def test_mirror_hashes_each_name_with_the_path_to_it() -> None:
    place = placed(Layout.MIRROR, code).place

    assert place(cleaned(), b"a/b/c") == (b"path(a)/path(a|b)", b"path(a|b|c).dcm")
    assert place(cleaned(), b"c") == (b"", b"path(c).dcm")


def test_keep_keeps_the_path() -> None:
    place = placed(Layout.KEEP, code).place

    assert place(cleaned(), b"a/\xff/c.IMA") == (b"a/\xff", b"c.IMA")
    assert place(cleaned(), b"c") == (b"", b"c")


@pytest.mark.parametrize("name", [b"manifest.jsonl", b"manifest.jsonl.part", b".7.part"])
def test_keep_refuses_the_names_that_the_run_has_for_itself(name: bytes) -> None:
    place = placed(Layout.KEEP, code).place

    with pytest.raises(UidConflict):
        place(cleaned(), name)
    assert place(cleaned(), b"a/" + name) == (b"a", name)


def test_a_file_set_has_names_of_eight_characters_of_new_values_alone() -> None:
    place = placed(Layout.MEDIA, code).place

    within, name = place(cleaned(), b"Doe/Jane.dcm")

    assert re.fullmatch(rb"DICOM(/[A-Z2-7]{8}){3}", within)
    assert re.fullmatch(rb"[A-Z2-7]{8}", name)
    assert place(cleaned(), b"another/name") == (within, name)
    assert place(cleaned(sop="1.9"), b"a") != (within, name)
    assert place(cleaned(sop="1.9"), b"a")[0] == within


@pytest.mark.parametrize("which", ["study", "series", "sop"])
def test_a_file_set_wants_its_uids(which: str) -> None:
    with pytest.raises(Refused):
        placed(Layout.MEDIA, code).place(cleaned(**{which: ""}), b"a")
