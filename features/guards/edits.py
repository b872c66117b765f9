"""Another future of a company: the same tables up to an as_of, and other rows and values from it on.

A row is not known yet where its `known_at`, or in a list (plans, products) the instant from which it is listed, lies on
or after the as_of. Of those a third is deleted, some stand there twice, and the rest is altered column by column. A
column that is filled in later is filled in otherwise wherever neither it nor the notice of it was known. An
attribute of accounts that nothing dates might have been written at any time: unless declared static it is altered
everywhere. Where rows come and go, all are shuffled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import ibis
import ibis.expr.types as ir

from features.contract import CONTRACT, columns_of, event_of, fact_of, instants_of, key_of, values_of
from features.events import late_day
from features.guards.undated import undated_attributes
from features.scratch import hold
from features.tables import Tables

Part = tuple[str, str]
"""A table and the column that is altered; the column `ROWS` stands for rows deleted and repeated."""
ROWS = ""
HASHED = "edit hash"
UNKNOWN = "edit unknown"
LATER_DAYS = 5
"""An instant that is not known yet is put off by so many days."""
DELETED_IN = 3
"""One in so many unknown rows is deleted."""


@dataclass(frozen=True)
class Future:
    """What of a company is still to come at an as_of."""

    tables: Tables
    as_of: date
    until: ExitStack
    """While it stands open the engine keeps the rows with their marks."""
    seed: int = 7
    marked: dict[str, ir.Table] = field(default_factory=dict)
    """By table, its rows with a hash of their content and whether they are unknown."""
    whole: dict[str, ir.Table] = field(default_factory=dict)
    """By table, its rows with all of its parts edited."""

    def parts(self, table: str) -> tuple[Part, ...]:
        """Everything of a table that can be edited: `ROWS`, then column by column."""
        rows = self.tables[table]
        late, undated = set(instants_of(table, "late")), set(self.undated(table))
        if not self._dates(table):
            return tuple((table, column) for column in rows.columns if column in undated)
        kept = {*key_of(table), "known_at", "event_id", "recorded_at"} - late - undated
        return ((table, ROWS), *((table, column) for column in rows.columns if column not in kept))

    def undated(self, table: str) -> tuple[str, ...]:
        """The columns of a table that nothing dates and that are not declared static; only accounts have such."""
        return tuple(name for name in self._undated if name not in self.tables.static) if table == "accounts" else ()

    @cached_property
    def _undated(self) -> tuple[str, ...]:
        return undated_attributes(self.tables)

    def unknown_rows(self, table: str) -> int:
        """How many rows of a table are not known yet."""
        rows = self.tables[table]
        return int(rows.filter(self._unknown(table, rows)).count().to_pyarrow().as_py())

    def unknown_values(self, table: str) -> bool:
        """Whether rows that are known have columns that nothing dates, or that are filled in on or after the as_of."""
        rows = self.tables[table]
        later = [self._late(table, rows, name) for name in instants_of(table, "late") if name in rows.columns]
        return bool(self.undated(table)) or any(rows.filter(day).count().to_pyarrow().as_py() for day in later)

    def otherwise(self, parts: Collection[Part], until: ExitStack) -> Tables:
        """The company with those parts of its future edited, held by the engine until `until` closes."""
        edited = dict(self.tables.tables)
        for table in dict.fromkeys(table for table, _ in parts):
            columns = {column for name, column in parts if name == table}
            if len(columns) < len(self.parts(table)):
                edited[table] = self._edited(table, columns, until)
                continue
            if table not in self.whole:
                self.whole[table] = self._edited(table, columns, self.until)
            edited[table] = self.whole[table]
        return replace(self.tables, tables=edited, digest=f"{self.tables.digest} edited from {self.as_of} on")

    def _dates(self, table: str) -> tuple[str, ...]:
        """The columns by which a row is known to come later."""
        columns = self.tables[table].columns
        if event_of(table):
            return ("known_at",)
        return tuple(column for column in instants_of(table, "planned") if column in columns)[:1]

    def _unknown(self, table: str, rows: ir.Table) -> ir.BooleanValue:
        dates = self._dates(table)
        return self._ahead(rows[dates[0]]).fill_null(False) if dates else ibis.literal(False)

    def _ahead(self, instant: ir.Value) -> ir.BooleanValue:
        """Whether an instant falls on the as_of's day or later; null where there is none."""
        return self.tables.calendar.local_day(instant) >= ibis.literal(self.as_of)

    def _late(self, table: str, rows: ir.Table, column: str) -> ir.BooleanValue:
        """Whether a value that is filled in later is known on the as_of's day or later; null where there is none."""
        return late_day(self.tables, table, rows, column) >= ibis.literal(self.as_of)

    def _edited(self, table: str, columns: set[str], until: ExitStack) -> ir.Table:
        rows, every = self._marked(table), self.tables[table].columns
        changed = {column: self._otherwise(table, rows, column) for column in columns - {ROWS}}
        if columns & set(event_of(table)):
            changed["known_at"] = ibis.ifelse(rows[UNKNOWN], _later(rows["known_at"]), rows["known_at"])
        edited = rows.mutate(**changed)
        if ROWS in columns:
            remains = ~edited[UNKNOWN] | (edited[HASHED] % DELETED_IN != 0)
            twice = edited.filter(edited[UNKNOWN] & (edited[HASHED] % DELETED_IN == 1))
            edited = edited.filter(remains)
            if not CONTRACT[table].unique:
                edited = ibis.union(edited, twice)
            edited = edited.order_by(HASHED)
        return hold(self.tables, edited.select(*every), until)

    def _marked(self, table: str) -> ir.Table:
        if table not in self.marked:
            rows = self.tables[table]
            texts = {name: rows[name].cast("string").fill_null("") for name in rows.columns}
            # elsewhere records have no hash, or one that passes over what is missing
            record = (
                ibis.struct(texts)
                if self.tables.connection.name == "duckdb"
                else ibis.literal("|").join(texts.values())
            )
            hashed = ((record.hash().cast("string") + str(self.seed)).hash() % 1_000_003).abs().cast("int64")
            marks = {HASHED: hashed, UNKNOWN: self._unknown(table, rows)}
            self.marked[table] = hold(self.tables, rows.mutate(**marks), self.until)
        return self.marked[table]

    def _otherwise(self, table: str, rows: ir.Table, column: str) -> ir.Value:
        """The column with another value wherever its own was not known yet."""
        old, contract = rows[column], columns_of(table)
        if column in self.undated(table):
            return _another(rows, column, values_of(table, column) if column in contract else (), ibis.literal(True))
        late_with = fact_of(table, column, "late_with") if column in contract else None
        if column in instants_of(table, "late"):
            return ibis.ifelse(self._hidden(table, rows, column), self._filled_otherwise(table, rows, column), old)
        unknown = rows[UNKNOWN]
        if late_with in rows.columns:
            unknown = self._hidden(table, rows, str(late_with))
        values = values_of(table, column) if column in contract else ()
        return ibis.ifelse(unknown, _another(rows, column, values, unknown), old)

    def _hidden(self, table: str, rows: ir.Table, column: str) -> ir.BooleanValue:
        """Where a column that is filled in later shows nothing yet: neither it nor the notice of it is known."""
        hidden = self._late(table, rows, column).fill_null(True)
        notice = fact_of(table, column, "notice")
        return hidden & self._late(table, rows, str(notice)).fill_null(True) if notice in rows.columns else hidden

    def _filled_otherwise(self, table: str, rows: ir.Table, column: str) -> ir.Value:
        """Emptied in half of the rows, in the others some day after the as_of and after the row's own event."""
        begin = ibis.literal(self.tables.calendar.instant(self.as_of)).cast(rows[column].type())
        floor = [begin, *(rows[name] for name in event_of(table) if name in rows.columns and name != column)]
        latest = ibis.greatest(*(ibis.coalesce(instant, begin) for instant in floor)) if len(floor) > 1 else begin
        hours = (36 + rows[HASHED] % 900).cast("int32")
        later = latest + ibis.interval(days=LATER_DAYS) + hours.as_interval("h")
        return ibis.ifelse(rows[HASHED] % 2 == 0, ibis.null(rows[column].type()), later)


def _another(rows: ir.Table, column: str, values: tuple[str, ...], among: ir.BooleanValue) -> ir.Value:
    """Another value of the column's type; text is that of another of the rows `among` which values are exchanged."""
    old, dtype = rows[column], rows[column].type()
    if dtype.is_timestamp():
        return _later(old)
    if dtype.is_boolean():
        return ~old.fill_null(False)
    if dtype.is_numeric():
        other = ibis.ifelse(old > 1, old / 2, old + 1)
        return ibis.coalesce(other, 1).cast(dtype)
    if values:
        following = dict(zip(values, (*values[1:], values[0]), strict=True))
        return old.substitute(following)
    over: Callable[[ir.Value], ir.Value] = lambda value: value.over(group_by=among, order_by=rows[HASHED])  # noqa: E731
    return ibis.coalesce(over(old.lead()), over(old.first()))


def _later(instant: ir.Value) -> ir.Value:
    return instant + ibis.interval(days=LATER_DAYS)
