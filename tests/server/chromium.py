"""Debian's Chromium for tests, and a server with real files for it to look at.

CI fails without Chromium; elsewhere its tests are skipped, and say so.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dicomveil.jobs.model import Role
from dicomveil.jobs.passwords import Passwords
from dicomveil.serving import open_house
from dicomveil.settings import load_settings
from tests.real import real_files
from tests.server.live import Live, made

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PASSWORD = "correct horse battery"  # noqa: S105 - of people who live for a test
PEOPLE = {"nora": Role.RESEARCHER, "dirk": Role.DATA_MANAGER, "root": Role.ADMINISTRATOR}
SHOTS = os.environ.get("DICOMVEIL_SCREENSHOTS")  # a folder that gets a picture of each page
REAL = ("CT_small.dcm", "MR_small.dcm")

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true", reason="there is no chromium here"
)


def peopled(folder: Path) -> Live:
    """A server that is made and not started: people with passwords, and real files to read."""
    live = made(folder)
    house = open_house(load_settings({}, str(live.settings)))
    passwords = Passwords(house.database, house.vault)
    for name, role in PEOPLE.items():
        house.registry.add_user(name, role, "test")
        house.registry.join(name, "first", "test")
        passwords.put(name, PASSWORD, "test")
    house.close()
    paths = {path.name: path for path in real_files() if path.name in REAL}
    for name in REAL:
        where = live.share / "data" / "ZACHARIAS" / name.partition("_")[0]
        where.mkdir(parents=True)
        shutil.copy(paths[name], where)
    return live


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser."""
    assert CHROMIUM, "CI has no chromium: apt-get install chromium"
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def entered(browser: Browser, live: Live, who: str) -> Page:
    """A window of its own in which somebody has signed in by typing."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"{live.url}/page")
    page.get_by_label("User name").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    return page


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page where pictures are asked for."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
