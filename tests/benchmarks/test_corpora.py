"""The benchmark's corpora are what its README says they are."""

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from benchmarks.corpora import STUDIES, Tree, corpus, generate, generate_big

SHORT = 0.001  # one slice in each series


def files_of(tree: Tree) -> list[Path]:
    return sorted(path for path in tree.root.rglob("*") if path.is_file())


def counted(ds: Dataset) -> tuple[int, int, int]:
    """Top-level elements, the private of them, and the sequences."""
    private = sum(element.tag.is_private for element in ds)
    return len(ds), private, sum(element.VR == "SQ" for element in ds)


def differing(one: Dataset, other: Dataset) -> int:
    return sum(element != other[element.tag] for element in one)


@pytest.mark.parametrize(
    ("name", "counts", "pixels"),
    [
        pytest.param("ct", (184, 44, 13), 512 * 512 * 2, id="ct"),
        pytest.param("hdr", (184, 44, 13), 64 * 64 * 2, id="hdr"),
        pytest.param("many", (82, 0, 0), 8 * 8 * 2, id="many"),
    ],
)
def test_every_file_is_dicom_with_the_stated_elements(
    tmp_path: Path, name: str, counts: tuple[int, int, int], pixels: int
) -> None:
    tree = generate(corpus(name, scale=SHORT), tmp_path / name)

    files = files_of(tree)
    assert len(files) == tree.files >= 20
    for path in files[:20]:
        ds = pydicom.dcmread(path)
        assert counted(ds) == counts
        assert len(ds.PixelData) == pixels
        assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID


def test_no_two_files_share_an_instance_uid(tmp_path: Path) -> None:
    tree = generate(corpus("many", scale=0.005), tmp_path / "many")

    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in files_of(tree)]

    assert len({ds.SOPInstanceUID for ds in headers}) == tree.files
    patients = {ds.PatientID for ds in headers}
    assert len({ds.StudyInstanceUID for ds in headers}) == len(patients) * STUDIES


def test_slices_of_a_series_differ_as_in_a_hospital(tmp_path: Path) -> None:
    tree = generate(corpus("hdr", scale=0.012), tmp_path / "hdr")

    first, second = (pydicom.dcmread(path) for path in files_of(tree)[:2])

    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert 20 <= differing(first, second) <= 28


def test_some_sequences_have_no_length(tmp_path: Path) -> None:
    tree = generate(corpus("hdr", scale=SHORT), tmp_path / "hdr")

    ds = pydicom.dcmread(files_of(tree)[0])

    assert ds["ReferencedImageSequence"].is_undefined_length
    assert not ds["SourceImageSequence"].is_undefined_length


def test_the_same_call_writes_the_same_bytes(tmp_path: Path) -> None:
    trees = [generate(corpus("hdr", scale=SHORT), tmp_path / name) for name in ("a", "b")]

    once, again = ([path.read_bytes() for path in files_of(tree)] for tree in trees)

    assert once == again


def test_the_big_file_is_one_native_multi_frame_without_holes(tmp_path: Path) -> None:
    tree = generate_big(tmp_path / "big", frames=3)

    (path,) = files_of(tree)
    ds = pydicom.dcmread(path)

    assert ds.NumberOfFrames == 3
    assert len(ds.PixelData) == 3 * 512 * 512 * 2
    assert path.stat().st_blocks * 512 >= path.stat().st_size
