"""UNC paths, the translation table, and finding mounted shares."""

from pathlib import Path, PurePosixPath

import pytest

from dicomveil.errors import NotUnc
from dicomveil.mapping.mounts import detect, shares_in
from dicomveil.mapping.shares import Shares, parse_share
from dicomveil.mapping.unc import parse_unc

SAME_PLACE = [
    (r"\\umcfilesp01\research\folder1\file.dcm", r"\\umcfilesp01\research\folder1\file.dcm"),
    ("\\\\server1\\share2\\myfolder\\", r"\\server1\share2\myfolder"),
    ("//server/share", r"\\server\share"),
    ("//server/share/a//b/./c/", r"\\server\share\a\b\c"),
    (r"\\umcfs097\radngdata$", r"\\umcfs097\radngdata$"),
    (r"\\server\share\a b\ü", r"\\server\share\a b\ü"),
]
NOT_UNC = [
    (r"C:\data", "drive letter"),
    ("H:\\", "drive letter"),
    ("X:", "drive letter"),
    ("/mnt/share1", "local path or mount"),
    ("~/data", "local path or mount"),
    (".", "no path is set"),
    ("", "no path is set"),
    ("data/folder", "not a UNC path"),
    (r"\\server", "a server and a share"),
    ("\\\\server\\", "a server and a share"),
    (r"\\?\C:\data", "device path"),
    (r"\\.\pipe\x", "device path"),
    (r"\\server\share\..\other", ".."),
    (r"\\server\share\a*", "may not hold"),
    (r"\\user@server\share", "server's name"),
]


@pytest.mark.parametrize(("text", "written"), SAME_PLACE)
def test_a_unc_path_is_read_in_each_of_its_spellings(text: str, written: str) -> None:
    assert str(parse_unc(text)) == written


@pytest.mark.parametrize(("text", "reason"), NOT_UNC)
def test_what_is_not_unc_is_refused_saying_what_to_write(text: str, reason: str) -> None:
    with pytest.raises(NotUnc, match=r".") as refusal:
        parse_unc(text)

    assert reason in str(refusal.value)


def test_a_local_folder_becomes_unc_by_the_longest_line_that_covers_it() -> None:
    shares = Shares(
        (
            parse_share(r"\\server\share", "/mnt/share"),
            parse_share(r"\\other\deep$", "/mnt/share/deep"),
        )
    )

    assert str(shares.to_unc(PurePosixPath("/mnt/share/a/b"))) == r"\\server\share\a\b"
    assert str(shares.to_unc(PurePosixPath("/mnt/share/deep/x"))) == r"\\other\deep$\x"
    assert str(shares.to_unc(PurePosixPath("/mnt/share"))) == r"\\server\share"
    assert shares.to_unc(PurePosixPath("/mnt/shared/a")) is None


def test_a_unc_path_becomes_local_whatever_its_case() -> None:
    shares = Shares((parse_share(r"\\Server\Share\data", "/mnt/data"),))

    assert shares.to_local(parse_unc(r"\\SERVER\share\Data\x\y")) == Path("/mnt/data/x/y")
    assert shares.to_local(parse_unc(r"\\server\share\other")) is None


def test_a_new_line_for_a_share_replaces_the_old_one() -> None:
    shares = Shares((parse_share(r"\\server\share", "/mnt/old"),))

    changed = shares.with_lines([parse_share(r"\\SERVER\share", "/mnt/new")])

    assert [str(line.local) for line in changed.lines] == ["/mnt/new"]
    assert changed.without(parse_unc("//server/share")).lines == ()
    with pytest.raises(NotUnc):
        changed.without(parse_unc("//server/another"))


@pytest.mark.parametrize("local", ["mnt/share", "", "/mnt/../etc"])
def test_a_share_needs_a_whole_local_path(local: str) -> None:
    with pytest.raises(NotUnc):
        parse_share(r"\\server\share", local)


FSTAB = r"""
# //commented/out /mnt/no cifs defaults 0 0
UUID=1 / ext4 defaults 0 1
//server/share /mnt/share cifs username=jan,password=planted1,uid=1000 0 0
//jan:planted2@fs2/data$ /mnt/data cifs defaults 0 0
//server/with\040space /mnt/with\040space smb3 credentials=/root/planted3 0 0
server:/export /mnt/nfs nfs defaults 0 0
//broken /mnt/broken cifs defaults 0 0
"""


def test_mounted_shares_are_found_in_a_table_of_mounts_without_their_credentials(
    tmp_path: Path,
) -> None:
    table = tmp_path / "fstab"
    table.write_text(FSTAB, encoding="utf-8")

    found = [str(share) for share in detect((table, tmp_path / "absent"))]

    assert found == [
        r"\\fs2\data$ = /mnt/data",
        r"\\server\share = /mnt/share",
        r"\\server\with space = /mnt/with space",
    ]
    assert "planted" not in repr(list(shares_in(FSTAB)))
