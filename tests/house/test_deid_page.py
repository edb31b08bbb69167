"""What docs/deid.md says of codes and statuses is what the code gives."""

import re

from dicomveil.dicom.sniff import Kind
from dicomveil.jobs.outcome import REASONS, Status
from tests.house.tree import ROOT

PAGE = (ROOT / "docs" / "deid.md").read_text("utf-8")


def test_every_code_of_the_run_is_on_the_page() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \| (quarantined|failed) \|", PAGE, re.MULTILINE)

    assert dict(listed) == REASONS


def test_every_status_is_on_the_page() -> None:
    listed = re.findall(r"^\| `([a-z]+)` \| [^|]+ \|$", PAGE, re.MULTILINE)

    assert set(Status) <= set(listed)


def test_every_kind_of_skipped_file_is_on_the_page() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| `skipped`"))

    assert set(re.findall(r"`([a-z]+)`", row)) - {"skipped"} == set(Kind)
