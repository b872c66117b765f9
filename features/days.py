"""The days that are asked about, as tables: the as_ofs, what their rules count from, and the days before them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.clock import Horizon
from features.scratch import shared
from features.tables import Tables


def day_table(days: Iterable[date], horizon: Horizon, active_days: int) -> ir.Table:
    """Some as_ofs with the days that the rules of cohorts and outcomes count from.

    One row an as_of: `as_of`; `opens` and `closes`, the half-open horizon; `active_from` and `before_from`, the first
    days of `[as_of - active_days, as_of)` and of the horizon's length before the as_of.
    """
    rows = [
        {
            "as_of": day,
            "opens": horizon.opens(day),
            "closes": horizon.closes(day),
            "active_from": day - timedelta(days=active_days),
            "before_from": day - timedelta(days=horizon.days),
        }
        for day in sorted(set(days))
    ]
    return ibis.memtable(pd.DataFrame(rows), schema=dict.fromkeys(rows[0], "date"))


def days_of(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row an as_of of a cohort."""
    return shared(tables, "days", lambda: cohort.select("as_of").distinct(), cohort)


def days_before(days: ir.Table, most: int) -> ir.Table:
    """The days of `[as_of - most, as_of)`: one row per (as_of, day) with `age`, 1 for the day before.

    Joined to what happened by its day, so that the engine looks it up instead of comparing it with every as_of.
    """
    ages = ibis.memtable({"age": list(range(1, most + 1))}, schema={"age": "int64"})
    rows = days.select("as_of").cross_join(ages)
    return rows.mutate(day=(rows["as_of"] - rows["age"].cast("int32").as_interval("D")).cast("date"))
