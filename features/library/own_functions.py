"""The functions of a company's own file: whatever goes wrong in one is told with the file, the record and the line.

What they raise becomes a ConfigError, and what they give has to be what the builder and the labels make something of.
The catalogue's own functions are left as they are: a mistake in one of those is no mistake of the company's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import ibis.expr.types as ir

from features.errors import ConfigError, HoldfastError
from features.feature import Aggregate, EventSource, Measure, Source
from features.library.company_file import CompanyFile, line_of
from features.outcomes.kinds import OutcomeKind

Part = TypeVar("Part", Measure, Aggregate)
DAYS = ("day", "known_day")
"""The columns that are dates."""


def guarded(file: CompanyFile) -> CompanyFile:
    """The file with its functions told of by name, whoever calls them."""
    known: dict[Source, Source] = {}  # a source that others are made of stays one
    return replace(
        file,
        sources=tuple(_source(file.path, source, known) for source in file.sources),
        outcomes={name: _outcome(file.path, name, kind) for name, kind in file.outcomes.items()},
    )


@dataclass(frozen=True)
class _Record:
    """One record of a file, whose functions are called by others."""

    path: Path
    name: str
    """As it is told: `source hours`."""

    def rows(self, function: Callable[..., Any], what: str, columns: Sequence[str]) -> Callable[..., ir.Table]:
        """A function that gives rows with those columns."""

        def wrong(found: Any) -> str:
            if not isinstance(found, ir.Table):
                return f"is a table, made of the company's; it is a {type(found).__name__}. Return one"
            if missing := [name for name in columns if name not in found.columns]:
                also = "; `events_of` adds day and known_day" if {*missing} & {*DAYS} else ""
                return f"has {', '.join(columns)}; there is no {', '.join(missing)}{also}. Add what is missing"
            for name in columns:
                if name in DAYS and not found[name].type().is_date():
                    seen = found[name].type()
                    return f"has a date as {name}; it is of the type {seen}. Take the column of `events_of`"
            return ""

        return self._called(function, what, wrong)

    def value(self, function: Callable[..., Any], what: str) -> Callable[..., ir.Value]:
        """A function that gives an expression of some rows' columns."""

        def wrong(found: Any) -> str:
            if isinstance(found, ir.Value):
                return ""
            return f"is an expression of the rows' columns; it is a {type(found).__name__}: {found!r:.60}. Write it so"

        return self._called(function, what, wrong)

    def _called(self, function: Callable[..., Any], what: str, wrong: Callable[[Any], str]) -> Callable[..., Any]:
        if getattr(function, "__module__", "").startswith("features."):
            return function

        @wraps(function)
        def called(*given: Any) -> Any:
            place = f"{self.path}: {self.name}, {what}"
            try:
                found = function(*given)
            except HoldfastError:
                raise  # says what is wrong already
            except Exception as error:
                said = " ".join(str(error).split()).rstrip(".")
                seen = f"{line_of(error, self.path)}: {type(error).__name__}: {said}"
                raise ConfigError(f"{place} cannot be made, and stopped{seen}. Correct it.") from error
            if said := wrong(found):
                raise ConfigError(f"{place} {said}.")
            return found

        return called


def _source(path: Path, source: Source, known: dict[Source, Source]) -> Source:
    if source not in known:
        known[source] = _guarded_source(path, source, known)
    return known[source]


def _guarded_source(path: Path, source: Source, known: dict[Source, Source]) -> Source:
    record = _Record(path, f"source {source.name}")
    if not isinstance(source, EventSource):
        rows = record.rows(source.rows, "what its `rows` gives", [*source.keys, "as_of"])
        return replace(source, rows=rows, states=tuple(_part(record, state) for state in source.states))
    columns, fold = [*source.keys, *DAYS], source.fold
    if fold is not None:
        of = _source(path, fold.of, known)
        made = record.rows(fold.rows, "what its fold gives", columns)
        fold = replace(fold, of=of if isinstance(of, EventSource) else fold.of, rows=made)
    rows = record.rows(source.rows, "what its `rows` gives", columns)
    return replace(source, rows=rows, fold=fold, measures=tuple(_part(record, each) for each in source.measures))


def _part(record: _Record, part: Part) -> Part:
    what = "measure" if isinstance(part, Measure) else "state"
    return replace(part, expression=record.value(part.expression, f"what its {what} {part.name} gives"))


def _outcome(path: Path, name: str, kind: OutcomeKind) -> OutcomeKind:
    record = _Record(path, f"outcome {name}")
    return replace(
        kind,
        candidates=record.rows(kind.candidates, "what its `candidates` gives", [*kind.keys, "as_of"]),
        occurrences=record.rows(kind.occurrences, "what its `occurrences` gives", [*kind.keys, "day"]),
    )
