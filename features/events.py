"""Rows of the contract as events: something that happened on a local day and could be known from a local day on.

A table may arrive late (`delay_hours`). What is filled into its rows later (`resolved_at`, `ended_at`) then is known
that much after its own instant: `late_day` says from which day on, to whoever asks whether it was known at an as_of.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.clock import delayed
from features.contract import columns_of, fact_of, instants_of
from features.tables import Tables


def events_of(tables: Tables, table: str, instant: str = "occurred_at", known: str = "known_at") -> ir.Table:
    """The rows of a table whose instant is filled in, each as the event that took place then.

    One row a row of the contract, with all its columns plus `day` (the local day of `instant`) and `known_day` (the
    later of that day and the local day of `known`; of a column that is filled in later, not before its `late_day`).
    Both are dates, so that a row is visible at an as_of exactly where `day < as_of` and `known_day < as_of`. A column
    that is filled in later becomes an event of its own: `events_of(tables, "tickets", instant="resolved_at")`. Without
    a column `known`, a row is known on its day.
    """
    rows = tables[table]
    rows = rows.filter(rows[instant].notnull())
    day = tables.calendar.local_day(rows[instant])
    if known not in rows.columns:
        return rows.mutate(day=day, known_day=day)
    told = late_day(tables, table, rows, instant) if instant in instants_of(table, "late") else day
    return rows.mutate(day=day, known_day=ibis.greatest(tables.calendar.local_day(rows[known]), told))


def missed(tables: Tables, table: str, by: str, kept: str) -> ir.Table:
    """The rows whose date `by` passed before `kept`, each as an event of that date's day.

    That it was missed is known once word of its having been kept in time would have come: a promise that was kept at
    the last minute never counts as broken, however late its table arrives, and the past stays as it was.
    """
    rows = events_of(tables, table, by)
    rows = rows.filter(rows[kept].isnull() | (rows[kept] > rows[by]))
    if table not in tables.delays:
        return rows
    return rows.mutate(known_day=ibis.greatest(rows["known_day"], late_day(tables, table, rows, by)))


def late_day(tables: Tables, table: str, rows: ir.Table, column: str) -> ir.DateValue:
    """The local day on which it is known that an instant has come: its own, put off by the table's delay.

    An instant of a row that says when it was recorded (`recorded_at`) is not put off. One that was announced (an end by
    a notice) is known on its own day where the notice was known by then. Missing where the instant is.
    """
    day = tables.calendar.local_day(rows[column])
    if table not in tables.delays:
        return day
    known = _put_off(tables, table, rows, column)
    notice = fact_of(table, column, "notice") if column in columns_of(table) else None
    if notice in rows.columns:
        noticed = _put_off(tables, table, rows, str(notice))
        known = ibis.ifelse(noticed < known, noticed, known)
    return ibis.ifelse(known < day, day, known)


def _put_off(tables: Tables, table: str, rows: ir.Table, column: str) -> ir.DateValue:
    later = delayed(rows[column], tables.delays[table])
    if "recorded_at" in rows.columns:
        later = ibis.ifelse(rows["recorded_at"].isnull(), later, rows[column])
    return tables.calendar.local_day(later)
