"""The drivers page in a browser: one screen first, then on a phone, in the dark, by keyboard, on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from serving.pages.drivers import drivers_html
from tests.browser.visits import LAPTOP, PHONE, faults, visit
from tests.page_outlook import HARM, bare, outlook

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "drivers.html"
    path.write_text(drivers_html(outlook()), encoding="utf-8")
    return path


def test_the_first_screen_holds_the_money_its_drivers_and_its_segments(browser: Browser, file: Path) -> None:
    with visit(browser, file, size=LAPTOP) as page:
        titles = [str(title) for title in page.locator(".outcome h2").all_text_contents()]
        assert titles == ["Revenue at risk", "In reach: taking on more"]
        ends = page.evaluate("document.querySelector('.outcomes').getBoundingClientRect().bottom")
        assert ends <= LAPTOP["height"]
        segments = page.locator(".outcome").first.locator(".segments tbody th").all_text_contents()
        assert segments[0] == HARM
        assert page.locator("script").count() == 0


def test_a_link_leads_to_what_is_not_known_and_the_keyboard_reaches_every_table(browser: Browser, file: Path) -> None:
    with visit(browser, file) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        reached = set()
        for _ in range(30):
            page.keyboard.press("Tab")
            reached.add(
                str(page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.hash"))
            )
        assert "#unknown" in reached
        assert {"Offers from a random draw", "Drivers over time: Revenue at risk"} <= reached
        page.focus(".caution a")
        page.keyboard.press("Enter")
        assert page.url.endswith("#unknown")


@pytest.mark.parametrize("table", [".figures", ".lines"])
def test_numbers_stand_under_each_other(browser: Browser, file: Path, table: str) -> None:
    with visit(browser, file) as page:
        cells = page.locator(f"{table} tbody .number")
        sides = set(cells.evaluate_all("cells => cells.map(cell => getComputedStyle(cell).textAlign)"))
        assert sides == {"end"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_everybody_can_read_it(browser: Browser, file: Path, size: dict[str, int], scheme: str) -> None:
    with visit(browser, file, size=size, scheme=scheme) as page:
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_company_of_which_little_is_known_has_a_page_that_everybody_can_read(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "drivers.html"
    path.write_text(drivers_html(bare()), encoding="utf-8")
    with visit(browser, path) as page:
        assert faults(page) == []
        assert "This is the first list." in str(page.text_content(".outcome .change"))


def test_it_prints_as_a_document_with_the_first_screen_on_its_first_page(browser: Browser, file: Path) -> None:
    with visit(browser, file) as page:
        printed = page.pdf(prefer_css_page_size=True)
        assert printed.startswith(b"%PDF")
        assert 2 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") <= 9
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 1040, "height": 710})  # A4 across, without its margins
        ends = page.evaluate("document.querySelector('.outcomes').getBoundingClientRect().bottom")
        assert ends <= 710
        assert not page.is_visible("details:not([open])")
