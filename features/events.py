"""Rows of the contract as events: something that happened on a local day and could be known from a local day on."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.tables import Tables


def events_of(tables: Tables, table: str, instant: str = "occurred_at", known: str = "known_at") -> ir.Table:
    """The rows of a table whose instant is filled in, each as the event that took place then.

    One row a row of the contract, with all its columns plus `day` (the local day of `instant`) and `known_day` (the
    later of that day and the local day of `known`). Both are dates, so that a row is visible at an as_of exactly
    where `day < as_of` and `known_day < as_of`. A column that is filled in later becomes an event of its own:
    `events_of(tables, "tickets", instant="resolved_at")`. Without a column `known`, a row is known on its day.
    """
    rows = tables[table]
    rows = rows.filter(rows[instant].notnull())
    day = tables.calendar.local_day(rows[instant])
    if known not in rows.columns:
        return rows.mutate(day=day, known_day=day)
    return rows.mutate(day=day, known_day=ibis.greatest(tables.calendar.local_day(rows[known]), day))
