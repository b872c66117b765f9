"""What a person sees while work is under way: one line a step, on standard error."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

BAR_WIDTH = 20
"""Of a bar, in characters."""


class Progress:
    """Says which step is under way and how long each took; with a spinner where there is a terminal."""

    def __init__(self, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False)
        self._detail = ""

    @contextmanager
    def step(self, title: str) -> Iterator[Progress]:
        """Around the work that the title names; says how long it took, also when it fails."""
        began = time.monotonic()
        self._detail = ""
        if self._console.is_terminal:
            with self._console.status(f"{title} ...") as status:
                self._status = status
                self._title = title
                yield from self._timed(title, began)
        else:
            yield from self._timed(title, began)

    def _timed(self, title: str, began: float) -> Iterator[Progress]:
        mark = "[red]x[/red]"
        try:
            yield self
            mark = "[green]+[/green]"
        finally:
            detail = f": {self._detail}" if self._detail else ""
            self._console.print(f"{mark} {title}{detail} [dim]({time.monotonic() - began:.1f} s)[/dim]", soft_wrap=True)

    def say(self, detail: str) -> None:
        """What the step under way has come to; shown with it, and beside its title when it ends."""
        self._detail = detail
        if self._console.is_terminal:
            self._status.update(f"{self._title}: {detail} ...")

    def bar(self, what: str, done: int, of: int) -> None:
        """How far the step under way has come with one of its parts; seen on a terminal while it lasts."""
        if self._console.is_terminal:
            full = BAR_WIDTH * done // max(of, 1)
            self._status.update(f"{self._title}: {what} {'━' * full}{'┄' * (BAR_WIDTH - full)} {done:,} of {of:,} ...")

    def note(self, text: str) -> None:
        """A line of its own."""
        self._console.print(text, soft_wrap=True, markup=False)
