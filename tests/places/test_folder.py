"""Files appear whole under their final name, by every way, and replace nothing."""

import os
from pathlib import Path

import pytest

from dicomveil.places.folder import Folder, Published, Way, is_passing, read_back

ways = pytest.mark.parametrize("way", Way)


def publish(folder: Folder, within: bytes, name: bytes, content: bytes) -> Published:
    """One file from beginning to end."""
    draft = folder.draft(within, 7)
    try:
        os.write(draft.fd, content)
        return folder.publish(draft, name)
    finally:
        folder.discard(draft)


def files(root: Path) -> dict[str, bytes]:
    """Every file below the root."""
    return {
        str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()
    }


@ways
@pytest.mark.parametrize("within", [b"", b"a/b"])
def test_a_file_gets_its_name_and_nothing_else_is_left(
    tmp_path: Path, way: Way, within: bytes
) -> None:
    folder = Folder(os.fsencode(tmp_path), way)

    published = publish(folder, within, b"name", b"content")

    assert published is Published.DELIVERED
    assert files(tmp_path) == {os.path.join(os.fsdecode(within), "name"): b"content"}


@ways
@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (b"content", Published.DUPLICATE),
        (b"others!", Published.CONFLICT),
        (b"longer content", Published.CONFLICT),
    ],
)
def test_a_name_that_is_taken_is_not_replaced(
    tmp_path: Path, way: Way, second: bytes, expected: Published
) -> None:
    folder = Folder(os.fsencode(tmp_path), way)
    publish(folder, b"", b"name", b"content")

    published = publish(folder, b"", b"name", second)

    assert published is expected
    assert files(tmp_path) == {"name": b"content"}


@ways
def test_a_name_taken_by_what_is_no_file_is_a_conflict(tmp_path: Path, way: Way) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "folder").mkdir()
    folder = Folder(os.fsencode(tmp_path), way)

    assert publish(folder, b"", b"link", b"content") is Published.CONFLICT
    assert publish(folder, b"", b"folder", b"content") is Published.CONFLICT
    assert os.readlink(tmp_path / "link") == "nowhere"


@ways
def test_a_draft_is_not_seen_before_it_is_published(tmp_path: Path, way: Way) -> None:
    folder = Folder(os.fsencode(tmp_path), way)

    draft = folder.draft(b"", 7)
    os.write(draft.fd, b"content")

    assert all(is_passing(os.fsencode(name)) for name in files(tmp_path))
    folder.discard(draft)
    assert files(tmp_path) == {}


@ways
def test_what_was_written_can_be_read_back(tmp_path: Path, way: Way) -> None:
    folder = Folder(os.fsencode(tmp_path), way)
    draft = folder.draft(b"", 7)
    os.write(draft.fd, b"content")
    seen: list[bytes] = []

    read_back(draft, seen.append)
    folder.discard(draft)

    assert b"".join(seen) == b"content"


def test_a_nameless_draft_that_cannot_be_linked_is_linked_by_a_passing_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where /proc is not mounted."""
    link = os.link

    def no_proc(
        source: bytes, target: bytes, *, dst_dir_fd: int, follow_symlinks: bool = True
    ) -> None:
        if source.startswith(b"/proc/"):
            raise FileNotFoundError(2, "no /proc")
        link(source, target, dst_dir_fd=dst_dir_fd, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "link", no_proc)
    folder = Folder(os.fsencode(tmp_path))

    published = [publish(folder, b"", name, b"content") for name in (b"1", b"2")]

    assert published == [Published.DELIVERED] * 2
    assert folder.way is Way.LINKED
    assert files(tmp_path) == {"1": b"content", "2": b"content"}


def test_a_file_system_without_hard_links_is_renamed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_names: bytes, **_places: int) -> None:
        raise PermissionError(1, "no hard links")

    monkeypatch.setattr(os, "link", no_links)
    folder = Folder(os.fsencode(tmp_path))

    published = [publish(folder, b"", name, b"content") for name in (b"1", b"2", b"1")]

    assert published == [Published.DELIVERED, Published.DELIVERED, Published.DUPLICATE]
    assert folder.way is Way.RENAMED
    assert files(tmp_path) == {"1": b"content", "2": b"content"}


def test_only_so_many_folders_are_kept_open(tmp_path: Path) -> None:
    folder = Folder(os.fsencode(tmp_path))
    before = len(os.listdir("/proc/self/fd"))

    for number in range(200):
        publish(folder, b"%d" % number, b"name", b"content")

    assert len(os.listdir("/proc/self/fd")) - before <= 64
    assert len(files(tmp_path)) == 200
    folder.close()
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    ("name", "passing"),
    [(b".7.part", True), (b".part", False), (b"7.part", False), (b".x.part", False)],
)
def test_passing_names_are_known(name: bytes, passing: bool) -> None:
    assert is_passing(name) is passing
