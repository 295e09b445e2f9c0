"""The report in a real browser: nothing fetched, nothing in the console, nothing wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield started
        started.close()


@pytest.fixture
def opened(browser, run) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.heard = []
    page.on("request", lambda request: page.heard.append(request.url) if not request.url.startswith("file:") else None)
    page.on("console", lambda message: page.heard.append(message.text))
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    page.goto(run.report.as_uri())
    yield page
    page.close()


def test_nothing_is_requested_and_the_console_stays_silent(opened):
    opened.click("[data-zoom='0.6']")
    opened.check("[data-shows=routes]")
    assert [url for url in opened.heard if url != "data:,"] == []


def test_switches_show_and_hide_what_they_say(opened):
    assert opened.locator(".node:visible").count() == 4
    opened.uncheck("[data-shows=s0]")
    assert opened.locator(".node:visible").count() == 2
    assert opened.locator(".dot:visible").count() == 2
    opened.uncheck("[data-shows=customers]")
    assert opened.locator(".dot:visible").count() == 0


def test_zoom_goes_in_and_comes_back_to_the_whole_map(opened):
    box = "document.getElementById('map').getAttribute('viewBox')"
    whole = [float(number) for number in opened.evaluate(box).split()]
    opened.click("[data-zoom='0.6']")
    assert float(opened.evaluate(box).split()[2]) == pytest.approx(0.6 * whole[2])
    opened.click("[data-zoom=whole]")
    assert [float(number) for number in opened.evaluate(box).split()] == pytest.approx(whole)


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_no_width_needs_to_scroll_sideways(opened, width):
    opened.set_viewport_size({"width": width, "height": 800})
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
