"""Whatever is sent, no answer is a fault: over the OpenAPI document, and over the protocol."""

from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dicomveil.server.api import routers
from dicomveil.server.asking import KNOWN
from dicomveil.server.changing import KNOWN as CHANGEABLE
from dicomveil.server.documentation import CALLS
from tests.server.world import FORM, World, world

QUIET = settings(
    deadline=None,
    derandomize=True,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A server with a few jobs, whose streams of events end at once."""
    made = world(tmp_path_factory.mktemp("fuzzed"))
    for _ in range(3):
        made.asked("z1")
    made.streams.closing.set()
    made.pseudonym_key("4567")
    return made


def document() -> dict[str, Any]:
    """The interface as OpenAPI describes it."""
    app = FastAPI(title="dicomveil", version="0")
    for router in routers():
        app.include_router(router)
    return app.openapi()


# Every role, and members of another project.
WHO = st.sampled_from(["admin", "manager", "z1", "outsider", "stranger", "auditor"])

# Its plugin for pytest does not know this pytest: the operations are walked through here.
SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = [(path, method) for path in SCHEMA for method in SCHEMA[path]]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_interface_has_no_faults(busy: World, path: str, method: str) -> None:
    @QUIET
    @given(case=SCHEMA[path][method].as_strategy(), who=WHO)
    def called(case: schemathesis.Case[Any], who: str) -> None:
        headers = {"Authorization": f"Token token-of-{who}"}
        wanted = case.as_transport_kwargs("http://127.0.0.1", headers)
        prepared = requests.Request(**wanted).prepare()
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body

        answer = busy.client.request(
            prepared.method or "", prepared.url or "", content=body, headers=dict(prepared.headers)
        )

        # 503 is what a server that stops says to those who want to listen.
        assert answer.status_code < 500 or answer.status_code == 503, answer.text

    called()


NAMES = sorted(KNOWN | CHANGEABLE | {"job_ids"})
VALUES = st.one_of(
    st.binary(max_size=80),
    st.sampled_from(
        [
            *(b"1", b"2", b"-1", b"PATH", b"WADO", b"ACTIVE", b"INACTIVE", b"True", b" ", b""),
            *(rb"\\server\share\data\a", rb"folder:\\server\share\data", b"first"),
            b"accession_number:1",
        ]
    ),
)
FIELDS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=8)


@pytest.mark.parametrize("function", CALLS)
@pytest.mark.parametrize("place", ["body", "query"])
def test_the_protocol_has_no_faults(busy: World, function: str, place: str) -> None:
    @QUIET
    @given(fields=FIELDS, junk=st.binary(max_size=20), who=WHO)
    def called(fields: list[tuple[str, bytes]], junk: bytes, who: str) -> None:
        sent = urlencode(fields).encode() + junk
        answer = busy.client.request(
            CALLS[function].method,
            f"/{function}" + ("?" + quote_from_bytes(sent, safe="=&%") if place == "query" else ""),
            content=sent if place == "body" else b"",
            headers={"Authorization": f"Token token-of-{who}", "Content-Type": FORM},
        )
        assert answer.status_code in (200, 400, 401), answer.text
        assert isinstance(answer.json(), dict)

    called()


@QUIET
@given(path=st.text(max_size=60), method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS"]))
def test_no_path_is_a_fault(busy: World, path: str, method: str) -> None:
    answer = busy.client.request(method, f"/{quote_from_bytes(path.encode())}")

    assert answer.status_code in (200, 400, 401, 404, 405)
