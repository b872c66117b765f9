"""What a kept rollup is made of: its query, a digest of its definition, and the days that its source has now."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from features.feature import EventSource
from features.marked import Mark, Marked
from features.rollups.daily import daily, daily_entities
from features.rollups.ledger import WHOLE
from features.tables import Tables

LAYOUT = "3"
"""Changes whenever the columns of a rollup change their meaning, so that files of an earlier one are not read."""
AT_ONCE = 10_000_000
"""Events that go into one part at most (a day's stay together): what a killed build has to do again."""


@dataclass(frozen=True)
class Rollup:
    """What is kept of a source: its measures by day or, where one is named, the days on which an entity was seen."""

    source: EventSource
    entity: str | None = None

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.source.name}.{self.entity}" if self.entity else self.source.name

    @property
    def told(self) -> tuple[Hashable, ...]:
        """All that tells it from other rollups of the same tables."""
        return (self.name, self.source.rows, self.source.keys, () if self.entity else self.source.measures)

    def rows(self, tables: Tables) -> ir.Table:
        """The rollup of these tables, not computed yet."""
        return daily_entities(tables, self.source, self.entity) if self.entity else daily(tables, self.source)


class Recipe:
    """What a rollup is made of, and in which pieces."""

    def __init__(self, tables: Tables, rollup: Rollup) -> None:
        self.tables, self.rollup = tables, rollup
        self.by_day = bool(rollup.source.by_day and self._marked(rollup.source.table) and self._days is not None)
        if self.by_day:
            # The days' boundaries, written into each query for years around the data, would make another definition of
            # it whenever the data grows; the time zone says as much.
            calendar = replace(tables.calendar, timezone="UTC")
            self.expression = rollup.rows(replace(tables, calendar=calendar, bench=None))
            self.by_day = all(self._known(table) for table in self._physical)
        if not self.by_day:
            self.expression = rollup.rows(tables)

    @property
    def fleeting(self) -> bool:
        """Whether it is made of rows that stand in no table, of which its definition tells nothing."""
        return any(isinstance(table, ops.InMemoryTable) for table in self._physical)

    @cached_property
    def definition(self) -> str:
        """A digest of all that decides what a day's rows become, but for those rows."""
        told = [LAYOUT, self.rollup.name, self.tables.calendar.timezone, _numbered(self.sql, self._physical)]
        if self.by_day:
            own = self.tables[self.rollup.source.table].op()
            told += [self._digest(table) for table in self._physical if table != own]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

    @cached_property
    def sql(self) -> str:
        """The query of the whole rollup; where it is made day by day, with days cut as in UTC."""
        return str(ibis.to_sql(self.expression))

    @cached_property
    def wanted(self) -> Mapping[str, Mark]:
        """By day (or `all`), what went in if it is up to date."""
        if self.by_day:
            return {day.isoformat(): mark for day, mark in (self._days or {}).items()}
        known = all(self._known(table) for table in self._physical)
        told = "\n".join(self._digest(table) for table in self._physical) if known else self.tables.digest
        return {WHOLE: Mark(1, int(hashlib.sha256(told.encode()).hexdigest()[:30], 16), None)}

    def pieces(self, days: Sequence[str]) -> Iterator[list[str]]:
        """The days in parts of so many events, in order."""
        piece: list[str] = []
        events = 0
        for day in days:
            if piece and events + self.wanted[day].rows > AT_ONCE:
                yield piece
                piece, events = [], 0
            piece.append(day)
            events += self.wanted[day].rows
        yield piece

    def query(self, days: Sequence[str]) -> str:
        """The query of the rollup of those days."""
        table, whole = self.rollup.source.table, len(days) == len(self.wanted)
        if not self.by_day or (whole and self.tables.calendar.timezone == "UTC"):
            return self.sql
        if whole:
            return str(ibis.to_sql(self.rollup.rows(self.tables)))
        within = self.tables.marked[table].within
        if within is None:
            return self.sql
        rows = within([date.fromisoformat(day) for day in days])
        return str(ibis.to_sql(self.rollup.rows(replace(self.tables, tables={**self.tables.tables, table: rows}))))

    @property
    def _days(self) -> Mapping[date, Mark] | None:
        return self.tables.marked[self.rollup.source.table].days

    @cached_property
    def _physical(self) -> list[ops.PhysicalTable]:
        """The tables of the engine that the query reads, in an order of its own."""
        return list(dict.fromkeys(self.expression.op().find(ops.PhysicalTable)))

    def _marked(self, table: str) -> Marked | None:
        """The table's marks, if it is still the table that was marked."""
        marked = self.tables.marked.get(table)
        return marked if marked is not None and marked.rows.op() == self.tables[table].op() else None

    def _known(self, table: ops.PhysicalTable) -> bool:
        return any(marked.rows.op() == table for marked in self.tables.marked.values())

    def _digest(self, table: ops.PhysicalTable) -> str:
        return next(marked.digest for marked in self.tables.marked.values() if marked.rows.op() == table)


def _numbered(sql: str, tables: Sequence[ops.PhysicalTable]) -> str:
    """A query with the tables that it reads numbered, as an engine may call them differently each time."""
    for number, name in enumerate(dict.fromkeys(table.name for table in tables)):
        sql = sql.replace(f'"{name}"', f'"table {number}"')
    return sql
