"""A PACS that lies: it says one number and sends another, sends what nobody asked for, breaks off.

Written with pynetdicom, in this process: real servers do none of it when they are told to.
"""

import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, AllStoragePresentationContexts, _config, evt

from dicomveil.places.dimse_association import silence

STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.2."
VERIFICATION = "1.2.840.10008.1.1"
PENDING, DONE = 0xFF00, 0x0000


@dataclass
class Fake:
    """What it holds, and how it lies."""

    objects: Sequence[bytes]
    sends: Sequence[bytes] | None = None  # other objects than those it says it has
    answers: Sequence[bytes] | None = None  # it answers questions with these, whatever is asked
    cut_after: int | None = None  # objects, after which the connection is closed
    slow: float = 0.0  # seconds before each object
    refuses: int = 0  # the status of every retrieval
    stores: int = 0  # the status of every C-STORE to it
    title: str = "FAKE"
    tls: ssl.SSLContext | None = None
    port: int = 0
    stored: list[str] = field(default_factory=list)

    @contextmanager
    def serving(self) -> Iterator["Fake"]:
        """Listen while the block runs."""
        silence()
        entity = AE(self.title)
        entity.require_called_aet = True
        entity.add_supported_context(VERIFICATION)
        for service in "123":
            entity.add_supported_context(f"{STUDY_ROOT}{service}")
        for one in AllStoragePresentationContexts[:120]:
            entity.add_supported_context(str(one.abstract_syntax), scu_role=True, scp_role=True)
        server = entity.start_server(
            ("127.0.0.1", 0),
            block=False,
            ssl_context=self.tls,
            evt_handlers=[
                (evt.EVT_C_FIND, self._find),
                (evt.EVT_C_GET, self._get),
                (evt.EVT_C_STORE, self._store),
            ],
        )
        assert server is not None
        self.port = server.server_address[1]
        try:
            yield self
        finally:
            server.shutdown()

    def _find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        asked = event.identifier
        seen: set[str] = set()
        level = asked.QueryRetrieveLevel
        unique = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID"}.get(
            level, "SOPInstanceUID"
        )
        for one in map(_read, self.answers or self.objects):
            if one[unique].value in seen or not (self.answers or _matches(one, asked)):
                continue
            seen.add(one[unique].value)
            yield PENDING, self._answer(one, asked)

    def _answer(self, one: Dataset, asked: Dataset) -> Dataset:
        said = Dataset()
        said.QueryRetrieveLevel = asked.QueryRetrieveLevel
        for element in asked:
            if element.tag in one:
                said[element.tag] = one[element.tag]
        if "SOPClassesInStudy" in asked:
            said.SOPClassesInStudy = one.SOPClassUID
        if "NumberOfSeriesRelatedInstances" in asked:
            said.NumberOfSeriesRelatedInstances = sum(
                _read(other).SeriesInstanceUID == one.SeriesInstanceUID for other in self.objects
            )
        return said

    def _get(self, event: Any) -> Iterator[Any]:
        sends = self.objects if self.sends is None else self.sends
        yield len(sends)
        if self.refuses:
            yield self.refuses, None
            return
        for number, content in enumerate(sends):
            if number == self.cut_after:
                event.assoc.dul.socket.close()
                return
            time.sleep(self.slow)
            yield PENDING, _read(content)

    def _store(self, event: Any) -> int:
        self.stored.append(str(event.request.AffectedSOPInstanceUID))
        return self.stores


def _read(content: bytes) -> Dataset:
    return pydicom.dcmread(BytesIO(content), force=True)


def _matches(one: Dataset, asked: Dataset) -> bool:
    for keyword in ("AccessionNumber", "PatientID", "StudyInstanceUID", "SeriesInstanceUID"):
        if asked.get(keyword) and asked.get(keyword) != one.get(keyword):
            return False
    return True


@pytest.fixture
def any_uid() -> Iterator[None]:
    """Have the protocol's library send, and take, what is no UID."""
    before = _config.VALIDATORS["UI"]
    _config.VALIDATORS["UI"] = lambda _uid: (True, "")
    yield
    _config.VALIDATORS["UI"] = before
