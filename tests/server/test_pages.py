"""Who sees which page, what a form must carry, and what a page says of jobs."""

import re
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from time import perf_counter

import pytest
from openpyxl import Workbook

from dicomveil.jobs.model import Item, Scope
from dicomveil.jobs.schema import JOBS
from dicomveil.jobs.states import Event
from dicomveil.jobs.tokens import Tokens
from dicomveil.jobs.vault import Vault
from dicomveil.server.pages import files, visiting
from tests.house.tree import ROOT
from tests.server.browser import Browser, signed_in
from tests.server.world import SHARE, World

#         administrator, data manager, owner, researcher, data manager elsewhere, auditor
PEOPLE = ("admin", "manager", "z1", "z2", "outsider", "auditor")
MATRIX = """
GET  /jobs                  200  200  200  200  200  200
GET  /jobs/1                200  200  200  200  404  200
POST /jobs/1                303  303  303  403  404  403
POST /jobs/all              200  200  200  200  200  403
GET  /me                    200  200  200  200  200  200
GET  /new                   200  200  200  200  200  403
POST /new                   303  303  303  303  303  403
GET  /new/1                 404  404  404  404  404  403
POST /new/1                 404  404  404  404  404  403
POST /new/1/submit          404  404  404  404  404  403
POST /new/1/forget          404  404  404  404  404  403
GET  /profiles              200  200  200  200  200  200
GET  /profiles/basic        200  200  200  200  200  200
GET  /profiles/research     404  404  404  404  404  404
GET  /projects              200  200  200  200  200  200
GET  /users                 200  403  403  403  403  403
GET  /keys                  200  403  403  403  403  403
GET  /opt-outs              200  403  403  403  403  403
GET  /health                200  403  403  403  403  403
GET  /audit                 200  403  403  403  403  200
"""
CELLS = [
    (method, path, who, int(expected))
    for method, path, *columns in map(str.split, MATRIX.strip().splitlines())
    for who, expected in zip(PEOPLE, columns, strict=True)
]
MAPPING = rf"""## Description ##
## Options ##
project,first
destination_path,{SHARE}\out
## Mapping ##
source,pseudo_id
folder:{SHARE}\data\JANSEN,P1
"""
PASSWORD = "correct horse battery"  # noqa: S105 - of a user who lives for a test


def forms(path: str) -> dict[str, str]:
    """What the form that is sent to a path has in it."""
    return {
        "/jobs/1": {"verb": "cancel"},
        "/jobs/all": {"verb": "cancel", "number": "1"},
        "/new": {"text": MAPPING.replace("first", "held")},
        "/new/1": {"text": MAPPING},
    }.get(path, {})


@pytest.mark.parametrize(("method", "path", "who", "expected"), CELLS)
def test_a_page_is_shown_to_those_whom_the_table_lets_in(
    server: World, method: str, path: str, who: str, expected: int
) -> None:
    server.asked("z1")
    browser = signed_in(server, who)

    answer = browser.get(path) if method == "GET" else browser.post(path, data=forms(path))

    assert answer.status_code == expected, answer.text


def test_every_page_of_the_table_is_in_the_matrix() -> None:
    tried = {(method, re.sub(r"/1\b", "/{number}", path)) for method, path, *_ in CELLS}
    elsewhere = {("GET", ""), ("POST", "/sign-out"), ("POST", "/me"), ("GET", "/jobs/events")}
    tried = {(method, re.sub(r"profiles/\w+", "profiles/{name}", path)) for method, path in tried}

    asked = {(method, path.removeprefix(visiting.PAGES)) for method, path in visiting.TABLE}

    assert asked - elsewhere == tried


def test_nobody_sees_a_page_without_signing_in(server: World) -> None:
    for method, path in visiting.TABLE:
        address = path.replace("{number}", "1").replace("{name}", "basic")

        answer = server.client.request(method, address, follow_redirects=False)

        where = answer.headers["Location"].partition("?")[0]
        assert (answer.status_code, where) in {(303, "/page/sign-in"), (303, "/page/jobs")}
        assert "JANSEN" not in answer.text


def test_a_form_without_the_seal_of_its_session_is_refused(server: World) -> None:
    server.asked("z1")
    browser, other = signed_in(server, "z1"), signed_in(server, "z1")

    without = browser._sent("POST", "/jobs/1", data={"verb": "cancel"})
    foreign = browser._sent("POST", "/jobs/1", data={"verb": "cancel", "seal": other.seal()})

    assert (without.status_code, foreign.status_code) == (403, 403)
    assert server.ledger.job(1).state == "queued"


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_from_another_site_is_refused(server: World, headers: dict[str, str]) -> None:
    browser = signed_in(server, "z1")

    assert browser.post("/sign-out", headers=headers).status_code == 403
    assert server.client.post("/page/sign-in", headers=headers).status_code == 403
    assert browser.get("/jobs").status_code == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites(server: World) -> None:
    server.porch.passwords.put("z1", PASSWORD, "test")

    answer = server.client.post(
        "/page/sign-in", data={"user": "z1", "password": PASSWORD}, follow_redirects=False
    )

    cookie = answer.headers["Set-Cookie"]
    assert answer.headers["Location"] == "/page/jobs"
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_the_cookie_travels_under_tls_alone_where_there_is_a_network(server: World) -> None:
    server.porch.passwords.put("z1", PASSWORD, "test")

    answer = server.client.post(
        "https://127.0.0.1/page/sign-in",
        data={"user": "z1", "password": PASSWORD},
        follow_redirects=False,
    )

    assert answer.headers["Set-Cookie"].startswith("__Host-dicomveil=")
    assert "; Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("way", ["//elsewhere.example", "https://elsewhere.example", "/\\x"])
def test_signing_in_leads_to_no_other_site(server: World, way: str) -> None:
    server.porch.passwords.put("z1", PASSWORD, "test")

    form = {"user": "z1", "password": PASSWORD, "way": way}
    answer = server.client.post("/page/sign-in", data=form, follow_redirects=False)

    assert answer.headers["Location"] == "/page/jobs"


def test_a_wrong_name_and_a_wrong_password_are_told_alike(server: World) -> None:
    server.porch.passwords.put("z1", PASSWORD, "test")

    told = [
        server.client.post("/page/sign-in", data={"user": user, "password": "x" * 12})
        for user in ("z1", "nobody", "z2")
    ]

    assert {answer.status_code for answer in told} == {401}
    assert len({answer.text for answer in told}) == 1


def test_signing_out_ends_the_session(server: World) -> None:
    browser = signed_in(server, "z1")

    browser.post("/sign-out")

    assert browser.get("/jobs").headers["Location"].startswith("/page/sign-in")


def test_a_researcher_sees_no_source_of_anothers_job(server: World) -> None:
    server.asked("z1", source_path=rf"folder:{SHARE}\data\JANSEN", description="JANSEN")
    other = signed_in(server, "z2")

    assert "JANSEN" not in other.get("/jobs").text + other.get("/jobs/1").text
    assert "JANSEN" in signed_in(server, "z1").get("/jobs/1").text


def test_identifiers_of_a_mapping_are_masked_until_asked_for(server: World) -> None:
    browser = signed_in(server, "z1")
    browser.post("/new", data={"text": MAPPING})

    assert "JANSEN" not in browser.get("/new/1").text
    assert "JANSEN" in browser.get("/new/1?show=1").text
    assert signed_in(server, "admin").get("/new/1?show=1").status_code == 404


def test_a_list_and_typed_identifiers_become_mappings(server: World) -> None:
    browser = signed_in(server, "z1")
    options = {"project": "first", "destination_path": rf"{SHARE}\out"}
    listed = f"folder,pseudonym\n{SHARE}\\data\\a,P1\n".encode()

    browser.post("/new", data=options, files={"file": ("list.csv", listed)})
    typed = {**options, "kind": "folder", "lines": f"{SHARE}\\data\\b, P2\n\n{SHARE}\\data\\c;P3"}
    browser.post("/new", data=typed)

    assert "Submit 1 job" in browser.text("/new/1")
    assert "Submit 2 jobs" in browser.text("/new/2")


def test_submitting_twice_makes_the_jobs_once(server: World) -> None:
    browser = signed_in(server, "z1")
    browser.post("/new", data={"text": MAPPING})

    ways = {browser.post("/new/1/submit").headers["Location"] for _ in range(2)}

    assert ways == {"/page/jobs/1"}


def test_what_is_no_mapping_is_refused_and_not_kept(server: World) -> None:
    browser = signed_in(server, "z1")

    answer = browser.post("/new", data={"text": "JANSEN and nothing else"})

    assert answer.status_code == 400
    assert browser.get("/new/1").status_code == 404


def test_counts_reconcile_and_endings_have_their_reasons(server: World) -> None:
    server.asked("z1")
    items = [Item("delivered", "", 2), Item("quarantined", "pixels", 1, (3,))]
    server.ended(1, Event.DELIVERED, items=items)

    page = signed_in(server, "z2").text("/jobs/1")

    numbers = [int(found) for found in re.findall(r'<td class="n[^"]*">(\d+)</td>', page)][:6]
    assert numbers[0] == sum(numbers[1:]) == 3
    assert "files 3" in page


def test_an_error_is_told_in_words_with_its_code_folded(server: World) -> None:
    server.asked("z1")
    server.ended(1, Event.REFUSED, code="no-such", error="the folder is not there")

    page = signed_in(server, "z1").text("/jobs/1")

    assert "the folder is not there" in page
    assert re.search(r"<details><summary>Technical text</summary>\s*<p><code>no-such", page)
    assert "Retry what failed" in page


def test_a_worker_that_is_silent_is_called_silent(server: World) -> None:
    server.asked("z1")
    server.ledger.claim("test", lease=timedelta(seconds=-240))

    assert "worker silent" in signed_in(server, "z1").text("/jobs")


def test_time_left_is_unknown_until_something_is_counted(server: World) -> None:
    server.asked("z1")
    server.ledger.claim("test")

    assert "time left unknown" in signed_in(server, "z1").text("/jobs")


def test_the_address_has_the_filters_and_pages_go_on(server: World) -> None:
    for _ in range(52):
        server.asked("z1")
    browser = signed_in(server, "z1")

    first = browser.text("/jobs?state=queued&project=first&batch=&mine=1")
    way = re.search(r'href="/page(/jobs\?[^"]*before=\d+)"', first)

    assert way
    assert "state=queued&project=first&mine=1" in way[1]
    assert numbers_of(browser, way[1]) == ["2", "1"]
    assert numbers_of(browser, "/jobs?state=done") == []


def test_the_same_is_done_to_several_jobs_and_each_told(server: World) -> None:
    for _ in range(2):
        server.asked("z1")
    browser = signed_in(server, "z1")

    page = browser.post("/jobs/all", data={"verb": "priority", "priority": "7", "number": [1, 2]})
    cancelled = browser.post("/jobs/all", data={"verb": "cancel", "number": [1, 99]})

    assert page.text.count("priority 7") == 2
    assert "Job with id 99 does not exist" in cancelled.text
    assert server.ledger.job(1).state == "cancelled"


def test_a_list_of_100_000_jobs_answers_at_once(server: World) -> None:
    server.asked("z1")
    with server.ledger._database.engine.begin() as connection:
        columns = ", ".join(f'"{one.name}"' for one in JOBS.c if one.name != "id")
        copy = f"INSERT INTO jobs ({columns}) SELECT {columns} FROM jobs"  # noqa: S608 - ours
        for _ in range(17):
            connection.exec_driver_sql(copy)
    browser = signed_in(server, "z1")
    browser.get("/jobs")
    began = perf_counter()

    answer = browser.get("/jobs?project=first&state=queued&before=100000")

    assert answer.status_code == 200
    assert perf_counter() - began < 3  # 0.15 s are aimed at; a slow machine is no fault


def numbers_of(browser: Browser, path: str) -> list[str]:
    """The jobs of a list."""
    return re.findall(r'<th scope="row"><a href="/page/jobs/(\d+)"', browser.text(path))


def test_htmx_is_the_file_of_its_release_with_its_licence() -> None:
    told = (ROOT / "docs/decisions/0060-what-the-pages-need.md").read_text("utf-8")
    folder = Path(files.__file__).parent / "static"

    assert sha256((folder / files.HTMX).read_bytes()).hexdigest() in told
    assert "Zero-Clause BSD" in (folder / "htmx-LICENSE.txt").read_text("utf-8")


@pytest.mark.parametrize("path", ["/sign-in", "/jobs", "/jobs/1", "/new", "/health", "/page.js"])
def test_a_page_loads_nothing_from_elsewhere_and_has_no_script_within(
    server: World, path: str
) -> None:
    server.asked("z1")

    answer = signed_in(server, "admin").get(path)

    assert answer.status_code == 200
    assert re.findall(r"https?://|src=\"//|@import|url\(", answer.text) == []
    assert re.findall(r"<script(?![^>]*src=)|<style|\son\w+=|style=", answer.text) == []
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_no_template_marks_a_value_as_safe() -> None:
    folder = Path(files.__file__).parent / "templates"
    texts = [path.read_text("utf-8") for path in folder.glob("*.html")]

    assert texts
    assert [text for text in texts if re.search(r"\|\s*safe|autoescape", text)] == []


def test_a_token_lets_in_for_what_it_is_for(server: World) -> None:
    tokens = Tokens(server.ledger._database, Vault(bytes(32)))
    _, secret = tokens.issue("z1", "", "test", scopes=frozenset({Scope.READ}))

    answer = server.client.post(
        "/page/sign-in", data={"token": secret, "way": "/projects"}, follow_redirects=False
    )
    browser = Browser(server, answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0])

    assert answer.headers["Location"] == "/page/projects"
    assert browser.get("/jobs").status_code == 200
    assert browser.get("/new").status_code == 403


def test_a_wrong_token_lets_nobody_in(server: World) -> None:
    answer = server.client.post("/page/sign-in", data={"token": "x" * 40})

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)


def test_an_excel_list_becomes_a_mapping_with_its_warnings(server: World) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    rows = [("folder", "pseudonym"), (rf"{SHARE}\data\a", "P1"), (rf"{SHARE}\data\a", "P2")]
    for row in rows:
        sheet.append(row)
    book.save(file := BytesIO())
    browser = signed_in(server, "z1")
    options = {"project": "first", "destination_path": rf"{SHARE}\out"}

    browser.post("/new", data=options, files={"file": ("list.xlsx", file.getvalue())})

    page = browser.text("/new/1")
    assert "Submit 2 jobs" in page
    assert "the same source again" in page


def test_changing_a_password_needs_the_old_one_and_ends_the_session(server: World) -> None:
    server.porch.passwords.put("z1", PASSWORD, "test")
    browser = signed_in(server, "z1")

    wrong = browser.post("/me", data={"password": "x" * 12, "new": PASSWORD[::-1]})
    right = browser.post("/me", data={"password": PASSWORD, "new": PASSWORD[::-1]})

    assert (wrong.status_code, right.status_code) == (403, 303)
    assert server.porch.passwords.who("z1", PASSWORD[::-1]).name == "z1"
    assert browser.get("/jobs").status_code == 303
