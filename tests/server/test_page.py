"""The page loads nothing from elsewhere and shows every value as text."""

import re

import pytest

from tests.server.world import World

FILES = ("/page", "/page/page.js", "/page/page.css")


@pytest.mark.parametrize("path", FILES)
def test_no_file_of_the_page_names_another_host(server: World, path: str) -> None:
    answer = server.client.get(path)

    assert answer.status_code == 200
    assert re.findall(r"https?://|src=\"//|@import|url\(", answer.text) == []
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_page_has_neither_script_nor_style_within(server: World) -> None:
    text = server.client.get("/page").text

    assert re.findall(r"<script(?![^>]*src=)|<style|\son\w+=|style=", text) == []


def test_values_never_become_markup(server: World) -> None:
    script = server.client.get("/page/page.js").text

    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script) == []
    )


def test_the_page_asks_for_what_the_interface_has(server: World) -> None:
    script = server.client.get("/page/page.js").text
    asked = re.findall(r'path: "(/[\w.]+)', script)

    for path in asked:
        assert server.api("GET", path, "admin").status_code == 200
    assert len(asked) == 8
