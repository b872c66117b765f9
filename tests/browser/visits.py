"""A page opened in a real browser, watched for everything that it must not do."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_or_skip() -> str:
    """Where Chromium is; skips the test, with the reason, where there is none."""
    found = os.environ.get("HOLDFAST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on the PATH (Debian: apt-get install chromium; or name it in HOLDFAST_CHROMIUM)")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed (pip install 'holdfast[dev]')")
    return found


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser of its own. It must be closed before anything else in this process runs an event loop."""
    executable = chromium_or_skip()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def visit(
    browser: Browser, file: Path, *, size: dict[str, int] = LAPTOP, scheme: str = "light", fragment: str = ""
) -> Iterator[Page]:
    """The page of a file; afterwards: nothing was said on the console, no dialog, no request but for the file."""
    said: list[str] = []
    context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: said.append(f"request: {request.url}") if request.url != address else None)
    address = file.resolve().as_uri()
    page.goto(address + fragment)
    yield page
    context.close()
    assert said == []


def faults(page: Page) -> list[str]:
    """What axe, the accessibility checker, finds wrong: its rule, and where."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{fault['id']} ({fault['impact']}): {node['target']}" for fault in found for node in fault["nodes"]]
