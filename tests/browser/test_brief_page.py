"""The brief in a browser: one sheet of paper, whatever the account, for everybody, and without a request."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from serving.brief import Brief
from serving.commentary import LONGEST, commentary
from serving.pages.brief import brief_html
from tests.brief_account import brief_of, fullest, known
from tests.browser.visits import LAPTOP, PHONE, faults, visit
from tests.page_company import NAMES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WORDY = ("They may <b>leave</b>, 35% of them; " * 40)[:LONGEST]


def commented(brief: Brief) -> Brief:
    return replace(brief, commentary=commentary(WORDY, "my_llm:say", brief))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fullest brief that there is."""
    path = tmp_path_factory.mktemp("brief") / "brief.html"
    path.write_text(brief_html(commented(brief_of(fullest()))), encoding="utf-8")
    return path


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_it_prints_on_one_sheet(browser: Browser, file: Path, tmp_path: Path) -> None:
    with visit(browser, file) as page:
        assert pages(page.pdf(prefer_css_page_size=True)) == 1
        for paper in ("A4", "Letter"):
            assert pages(page.pdf(format=paper, prefer_css_page_size=True)) == 1, paper
    plain = tmp_path / "brief.html"
    plain.write_text(brief_html(brief_of(known())), encoding="utf-8")
    with visit(browser, plain) as page:
        assert pages(page.pdf(prefer_css_page_size=True)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_everybody_can_read_it(browser: Browser, file: Path, size: dict[str, int], scheme: str) -> None:
    with visit(browser, file, size=size, scheme=scheme) as page:
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_names_that_would_do_harm_are_shown_as_they_are(browser: Browser, file: Path) -> None:
    with visit(browser, file) as page:
        assert page.text_content("h1") == NAMES[4] * 3
        assert NAMES[0] in str(page.text_content(".who"))
        assert page.locator("script, img, b[onmouseover]").count() == 0
        assert page.locator(".commentary del").count() > 20
        assert "They may <b>leave</b>, struck out: 35% of them" in str(page.text_content(".commentary"))
