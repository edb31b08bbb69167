"""Profiles over the interface: versions are added, listed, shown and compared."""

from dataclasses import replace
from hashlib import sha256

import pytest

from tests.server.world import World

ONE = "name: study\nextends: basic\nrules: {PatientName: {replace: One}}\n"
TWO = ONE.replace("One", "Two")


def test_a_new_text_is_a_new_version(server: World) -> None:
    added = [
        server.api("POST", "/profiles", "admin", json={"text": text}).json()
        for text in (ONE, TWO, TWO)
    ]

    assert [(one["name"], one["version"]) for one in added] == [
        ("study", 1),
        ("study", 2),
        ("study", 2),
    ]
    assert added[0]["sha256"] == sha256(ONE.encode()).hexdigest()
    assert added[0]["created_by"] == "admin"


def test_versions_are_listed_shown_and_compared(server: World) -> None:
    for text in (ONE, TWO):
        server.api("POST", "/profiles", "admin", json={"text": text})

    listed = server.api("GET", "/profiles/study", "admin").json()["versions"]
    shown = server.api("GET", "/profiles/study/versions/1", "admin").json()
    lines = server.api("GET", "/profiles/study/diff", "admin", params={"old": 1, "new": 2}).json()

    assert [one["version"] for one in listed] == [2, 1]
    assert shown["text"] == ONE
    assert lines["lines"][:2] == ["--- study@1", "+++ study@2"]
    assert "+rules: {PatientName: {replace: Two}}" in lines["lines"]


def test_a_text_that_is_no_recipe_is_refused_with_its_line(server: World) -> None:
    answer = server.api("POST", "/profiles", "admin", json={"text": "name: study\nrulez: {}\n"})

    assert answer.status_code == 400
    assert "line 2" in str(answer.json()["errors"])
    assert server.api("GET", "/profiles/study", "admin").status_code == 404


@pytest.mark.parametrize("text", ["\\ud800", "\\udc80", "\\u0000", "&a [*a]", "x: " * 9], ids=ascii)
def test_a_text_that_is_no_text_is_refused(server: World, text: str) -> None:
    body = f'{{"text": "name: study {text}"}}'.encode()

    answer = server.api(
        "POST", "/profiles", "admin", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in (400, 422)


def test_a_profile_is_seen_by_those_whose_project_uses_it(server: World) -> None:
    server.api("POST", "/profiles", "admin", json={"text": ONE})
    before = server.api("GET", "/profiles/study", "z1").status_code
    first = server.registry.project("first")
    server.registry.change_project("first", replace(first.recipe, profile="study@1"), "test")

    seen = {who: server.api("GET", "/profiles/study", who).status_code for who in ("z1", "auditor")}
    used = server.api("GET", "/profiles", "z1").json()["profiles"]

    assert before == 404
    assert seen == {"z1": 200, "auditor": 200}
    assert server.api("GET", "/profiles/study", "outsider").status_code == 404
    assert "study@1" in [one["name"] for one in used]


@pytest.mark.parametrize("profile", ["nothing", "study@9", "/etc/absent.yaml"])
def test_a_project_cannot_name_a_profile_that_is_not_there(server: World, profile: str) -> None:
    recipe = {"key": "0", "profile": profile}

    answer = server.api("PUT", "/projects/first", "admin", json={"recipe": recipe})

    assert answer.status_code == 400
    assert server.registry.project("first").version == 1
