"""What every test of a page in a browser shares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.visits import browsing

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a file of tests: it has to be closed before another test runs an event loop of its own."""
    with browsing() as opened:
        yield opened
