"""What people do and see in a real browser, on a live server with real files."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.server.chromium import chromium, entered, needs_chromium, peopled, picture
from tests.server.live import SHARE, Live

pytestmark = needs_chromium
SECRET = "ZACHARIAS"  # noqa: S105 - a folder's name, which identifies
HOSTILE = "<script>document.title='struck'</script><img src=x onerror=\"document.title='struck'\">"
WIDEST = """() => ({ width: document.documentElement.scrollWidth,
    what: [...document.querySelectorAll("main *")].filter((one) => !one.closest(".wide")
        && one.getBoundingClientRect().right > innerWidth)
        .map((one) => one.outerHTML.slice(0, 80)) })"""
NAMELESS = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
    .filter((one) => !one.labels.length && !one.ariaLabel).map((one) => one.outerHTML)"""
MAPPING = rf"""## Description ##
Two studies

## Options ##
project,first
destination_path,{SHARE}\out

## Mapping ##
source,pseudo_id,pseudo_name,description
folder:{SHARE}\data\{SECRET}\CT,P1,P1,{SECRET} of ward 9
folders:{SHARE}\data\{SECRET}\MR,P2,P2,
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    server = peopled(tmp_path_factory.mktemp("live"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def given(page: Page, live: Live, mapping: str) -> None:
    """Paste a mapping and have it looked at."""
    page.goto(f"{live.url}/page/new")
    page.get_by_label("or paste it").fill(mapping)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="How it was understood")).to_be_visible()


def test_a_faulty_mapping_is_mended_submitted_and_watched_to_its_end(
    live: Live, browser: Browser
) -> None:
    page = entered(browser, live, "dirk")
    given(page, live, MAPPING)
    expect(page.get_by_text("1 cannot become a job")).to_be_visible()
    picture(page, "understood")
    assert SECRET not in page.content()

    page.get_by_role("link", name="Show and mend them").click()
    text = page.get_by_label("The mapping")
    text.fill(text.input_value().replace("folders:", "folder:"))
    page.get_by_role("button", name="Look at it again").click()
    page.get_by_role("button", name="Submit 2 jobs").click()

    expect(page.locator("table .state.done")).to_have_count(2, timeout=90_000)  # nobody reloads
    picture(page, "jobs")
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.get_by_role("heading", name="Job 1")).to_be_visible()
    expect(page.get_by_text(f"{SECRET} of ward 9")).to_be_visible()
    picture(page, "job")
    assert len(live.outputs(1)) == len(live.outputs(2)) == 1

    other = entered(browser, live, "nora")
    assert other.locator("table .state").count() == 2
    for path in ("/jobs", "/jobs/1", "/jobs/2", "/projects", "/profiles", "/new"):
        other.goto(f"{live.url}/page{path}")
        assert SECRET not in other.content(), path
    other.goto(f"{live.url}/page/jobs/1")
    picture(other, "job-as-researcher")


def test_hostile_text_runs_no_script(live: Live, browser: Browser) -> None:
    page = entered(browser, live, "dirk")
    struck: list[str] = []
    page.on("dialog", lambda dialog: struck.append(dialog.message))
    hostile = MAPPING.replace("Two studies", HOSTILE).replace("P1,P1", f'P9,"{HOSTILE[:40]}"')
    hostile = hostile.replace(f"{SECRET} of ward 9", f'"{HOSTILE.replace(chr(34), chr(39))}"')
    hostile = hostile.replace("folders:", "folder:")

    given(page, live, hostile)
    page.goto(f"{page.url}?show=1")
    with suppress(AssertionError):
        expect(page).to_have_title("struck", timeout=500)
    page.get_by_role("button", name="Submit 2 jobs").click()
    expect(page.locator("table .state")).not_to_have_count(0)
    page.locator("tbody th a").nth(1).click()

    assert page.locator("dd", has_text="onerror").count() == 1
    assert page.locator("main script, main img").count() == 0
    assert page.title() != "struck"
    assert struck == []


def test_a_script_within_the_page_is_refused_by_the_policy(live: Live, browser: Browser) -> None:
    page = entered(browser, live, "dirk")

    page.evaluate(
        """() => { const made = document.createElement("script");
        made.textContent = "document.title = 'struck'"; document.body.append(made); }"""
    )

    assert page.title() != "struck"


def test_every_page_is_read_without_javascript(live: Live, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live.url}/page")
    picture(page, "sign-in")
    page.get_by_label("User name").fill("root")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()

    for name in ("Jobs", "New job", "Profiles", "Projects", "Users", "Keys", "Audit", "Health"):
        page.get_by_role("navigation", name="Places").get_by_role("link", name=name).click()

        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        picture(page, name.lower().replace(" ", "-") + "-as-administrator")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_no_page_is_wider_than_its_window(
    live: Live, browser: Browser, width: int, scheme: str
) -> None:
    page = entered(browser, live, "root")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    for path in ("/jobs", "/jobs/1", "/new", "/profiles/basic", "/projects", "/audit", "/health"):
        page.goto(f"{live.url}/page{path}")

        wide = page.evaluate(WIDEST)
        assert wide["width"] <= width, (path, wide["what"])
    page.goto(f"{live.url}/page/jobs")
    picture(page, f"jobs-{width}-{scheme}")


def test_the_keyboard_alone_signs_in_and_skips_to_the_content(live: Live, browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{live.url}/page")

    page.keyboard.type("dirk")  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_printed_job_has_what_it_says_and_no_buttons(live: Live, browser: Browser) -> None:
    page = entered(browser, live, "dirk")
    given(page, live, MAPPING.replace("folders:", "folder:"))
    page.get_by_role("button", name="Submit 2 jobs").click()
    page.locator("tbody th a").first.click()

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    expect(page.get_by_text("Destination", exact=True)).to_be_visible()
    expect(page.locator("header")).to_be_hidden()
    assert page.locator("button:visible").count() == 0


def test_every_field_has_a_name_and_every_page_one_heading(live: Live, browser: Browser) -> None:
    page = entered(browser, live, "root")

    for path in ("/jobs", "/new", "/me", "/health", "/audit", "/profiles/basic"):
        page.goto(f"{live.url}/page{path}")

        nameless = page.evaluate(NAMELESS)
        assert (nameless, page.locator("h1").count()) == ([], 1), path
