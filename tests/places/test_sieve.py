"""What of a tree a sieve lets through."""

from pathlib import Path

import pytest

from dicomveil.places.folder import Folder, Published, Taken
from dicomveil.places.scan import Links, Scan
from dicomveil.places.sieve import Logic, Sieve, Words


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a.dcm", "b.txt", "sub/c.dcm", "sub/deep/d.dcm"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "outside.dcm").write_bytes(b"y")
    (tmp_path / "tree" / "link.dcm").symlink_to(tmp_path / "outside.dcm")
    (tmp_path / "tree" / "far").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "e.dcm").write_bytes(b"z")
    return tmp_path / "tree"


def found(tree: Path, sieve: Sieve, links: Links = Links.IGNORE) -> list[str]:
    """The files that a scan finds, as they are below the tree."""
    return [
        (one.within + (one.alias or one.name)).decode()
        for one in Scan([str(tree).encode()], links, sieve)
    ]


@pytest.mark.parametrize(
    ("sieve", "names"),
    [
        (Sieve(names=Words((b"dcm",))), ["a.dcm", "sub/c.dcm", "sub/deep/d.dcm"]),
        (Sieve(names=Words((b"a", b"b"))), ["a.dcm", "b.txt"]),
        (Sieve(names=Words((b"a", b"dcm"), Logic.ALL)), ["a.dcm"]),
        (Sieve(folders=Words((b"sub",)), top=b"in"), ["sub/c.dcm", "sub/deep/d.dcm"]),
        (Sieve(folders=Words((b"in/sub/d",)), top=b"in"), ["sub/deep/d.dcm"]),
        (Sieve(only=b"sub/c.dcm"), ["sub/c.dcm"]),
        (Sieve(somewhere=b"in/a"), []),
        (Sieve(somewhere=b"in/a", top=b"in"), ["a.dcm"]),
        (Sieve(depth=0), ["a.dcm", "b.txt"]),
        (Sieve(depth=1), ["a.dcm", "b.txt", "sub/c.dcm"]),
    ],
)
def test_a_sieve_lets_through_what_is_asked_for(tree: Path, sieve: Sieve, names: list[str]) -> None:
    assert found(tree, sieve) == names


def test_an_avoided_folder_is_not_looked_into(tree: Path) -> None:
    sieve = Sieve(avoided=(str(tree / "sub" / "deep").encode(),))

    assert found(tree, sieve) == ["a.dcm", "b.txt", "sub/c.dcm"]


@pytest.mark.parametrize(
    ("links", "names"),
    [
        (Links.FOLLOW, ["a.dcm"]),
        (Links.FILES, ["a.dcm", "link.dcm"]),
        (Links.ANYWHERE, ["a.dcm", "far/e.dcm", "link.dcm"]),
    ],
)
def test_links_lead_as_far_as_is_said(tree: Path, links: Links, names: list[str]) -> None:
    found_names = found(tree, Sieve(names=Words((b".dcm",)), depth=1), links)

    assert [name for name in found_names if not name.startswith("sub")] == names


def test_a_folder_replaces_what_has_the_name_only_when_told(tmp_path: Path) -> None:
    (tmp_path / "name").write_bytes(b"old")
    root = str(tmp_path).encode()

    for taken, published, content in (
        (Taken.KEEP, Published.CONFLICT, b"old"),
        (Taken.REPLACE, Published.DELIVERED, b""),
    ):
        folder = Folder(root, taken=taken)
        draft = folder.draft(b"", 1)
        assert folder.publish(draft, b"name") is published
        folder.discard(draft)
        folder.close()
        assert (tmp_path / "name").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["name"]
