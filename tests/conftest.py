"""Print at the end the tables that tests hand over by `record_property("table", …)`.

A worker of pytest-xdist has no terminal; what a test records travels to where there is one.
"""

import pytest
from hypothesis import settings

from tests.servers.disk import small_disk
from tests.servers.fake_pacs import any_uid
from tests.servers.network import inside, network
from tests.servers.orthanc import orthanc, started_orthanc
from tests.servers.samba import samba, started_samba
from tests.servers.store import s3, started_s3

__all__ = [
    "any_uid",
    "inside",
    "network",
    "orthanc",
    "s3",
    "samba",
    "small_disk",
    "started_orthanc",
    "started_s3",
    "started_samba",
]

# A machine that is busy for a moment says nothing about an example; hangs have time-outs.
settings.register_profile("dicomveil", deadline=None)
settings.load_profile("dicomveil")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each table under the name of its test."""
    for report in terminalreporter.stats.get("passed", []):
        for name, table in report.user_properties:
            if name == "table":
                terminalreporter.section(report.nodeid.rpartition("::")[2])
                terminalreporter.write_line(table)
