"""Where the time of a build goes: functions of the project timed from outside, each second counted once.

phases = Phases()
with phases.watching():
    with phases.of("read"):
        tables = open_tables(...)
    write_snapshot(..., progress=phases.source_done)
phases.took    # {"read": Seconds(clock, processors), "rollup consumption": ...}
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch

from features.building import builder
from features.rollups import kept
from features.snapshot import writing
from features.snapshot.files import Aside

UNNAMED = ""
Namer = Callable[..., str]


class Seconds(NamedTuple):
    """By the clock, and of the processors, which other work on the machine leaves as it is."""

    clock: float
    processors: float

    @classmethod
    def now(cls) -> Seconds:
        """Of this moment."""
        return cls(time.perf_counter(), time.process_time())

    def since(self, start: Seconds) -> Seconds:
        """From one moment to another."""
        return Seconds(self.clock - start.clock, self.processors - start.processors)

    def plus(self, other: Seconds) -> Seconds:
        """Both."""
        return Seconds(self.clock + other.clock, self.processors + other.processors)


NONE = Seconds(0.0, 0.0)


class Phases:
    """What each phase took; of one within another, the outer one has only what remains."""

    def __init__(self) -> None:
        self.took: dict[str, Seconds] = defaultdict(lambda: NONE)
        self._open = [UNNAMED]
        self._last = Seconds.now()

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """What happens within belongs to that phase."""
        self._count()
        self._open.append(name)
        try:
            yield
        finally:
            self._count()
            self._open.pop()

    def source_done(self, name: str) -> None:
        """Told by the builder: what happened since it was told last and belongs to no phase was that source's leaves.

        What else the builder says (how many rows it is about to make) leaves nothing unnamed behind.
        """
        self._rename("other" if " " in name else f"leaves {name}")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Times the parts of a build until the end of the block."""
        self._count()
        self.took.pop(UNNAMED, None)
        with ExitStack() as until:
            for module, function, name in WATCHED:
                until.enter_context(patch.object(module, function, self._timed(getattr(module, function), name)))
            yield
        self._rename("other")

    def _timed(self, function: Callable[..., Any], name: Namer) -> Callable[..., Any]:
        @wraps(function)
        def timed(*given: Any, **named: Any) -> Any:
            with self.of(name(*given)):
                return function(*given, **named)

        return timed

    def _count(self) -> None:
        now = Seconds.now()
        self.took[self._open[-1]] = self.took[self._open[-1]].plus(now.since(self._last))
        self._last = now

    def _rename(self, name: str) -> None:
        self._count()
        self.took[name] = self.took[name].plus(self.took.pop(UNNAMED, NONE))


def _always(name: str) -> Namer:
    return lambda *_: name


WATCHED: tuple[tuple[ModuleType | type, str, Namer], ...] = (
    (writing, "_labels", _always("labels")),
    (writing, "_put_told", _always("facts and timeline")),
    (Aside, "_write", _always("output")),
    (builder, "with_peers", _always("ranks")),
    (builder, "compared", _always("ranks")),
    (builder, "entered", _always("cohort")),
    (builder, "_fetched", _always("join")),
    (kept, "_up_to_date", lambda recipe, *_: f"rollup {recipe.rollup.name}"),
)
"""Module, function, and of which phase it is."""
