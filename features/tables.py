"""The tables of one company, opened, renamed, typed and checked: what every later step reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import ibis.backends
import ibis.expr.types as ir

from features.clock import Calendar
from features.columns import Columns


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

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __getitem__(self, name: str) -> ir.Table:
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    @cached_property
    def columns(self) -> Columns:
        """Which tables and columns there are."""
        return Columns({name: tuple(rows.columns) for name, rows in self.tables.items()})

    def has(self, table: str, *columns: str) -> bool:
        """Whether the company brings that table with all of those columns; `plans.tier` is one of another table."""
        return self.columns.has(table, *columns)
