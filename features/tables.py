"""The tables of one company, opened, renamed, typed and checked: what every later step reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import ibis.backends
import ibis.expr.types as ir

from features.clock import Calendar
from features.columns import Columns

if TYPE_CHECKING:
    from features.marked import Marked
    from features.scratch import Bench


@dataclass(frozen=True)
class Tables:
    """The contract's tables that a company has, as Ibis tables of one connection.

    Each holds the contract's columns only (an optional column that the company does not bring is absent), in the
    contract's types, rejected and repeated rows already gone. Instants are naive UTC. Every table with an event time
    has `known_at`, the instant from which its row may be used, never before the event itself.
    """

    connection: ibis.backends.BaseBackend
    tables: Mapping[str, ir.Table]
    calendar: Calendar
    digest: str
    """Of the content that was read: the same bytes in any row order give the same digest."""
    static: frozenset[str] = frozenset()
    """Attributes of accounts that the company declares: they never change, or have versions."""
    barred: frozenset[str] = frozenset()
    """Those of them that no feature may be made of."""
    delays: Mapping[str, timedelta] = field(default_factory=dict)
    """By table, how long after its instant something of it is known, where its row does not say when it was recorded;
    without an entry, at once. `known_at` has it already; `features.events.late_day` gives it to what is filled in
    later."""
    marked: Mapping[str, Marked] = field(default_factory=dict, repr=False, compare=False)
    """By table, what tells one state of it from another; a table without marks is told by `digest` alone."""
    bench: Bench | None = field(default=None, repr=False, compare=False)
    """Holds what the sources of one build share; None where nothing is being built."""

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __getitem__(self, name: str) -> ir.Table:
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    @cached_property
    def columns(self) -> Columns:
        """Which tables and columns there are for features to be made of."""
        return Columns.of({name: rows.columns for name, rows in self.tables.items()}, self.static, self.barred)

    def has(self, table: str, *columns: str) -> bool:
        """Whether features may use that table with all of those columns; `plans.tier` is one of another table."""
        return self.columns.has(table, *columns)
