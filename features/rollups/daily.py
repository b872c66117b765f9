"""Events read once and added up per key and day: all that the windows need, and no more point-in-time than a day.

A rollup row keeps `day` (when) and `known_day` (from when it may be seen). As an as_of is the beginning of a day, a
rollup row is visible as a whole or not at all, so that sums over rollups equal sums over events exactly. They are kept
from build to build: see `features/rollups/kept.py`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.errors import ConfigError
from features.feature import EventSource, Measure
from features.tables import Tables


def daily(tables: Tables, source: EventSource) -> ir.Table:
    """Every measure that the company's columns allow, added up per day.

    One row per (keys, columns that are kept apart, day, known_day), where known_day is never before day.
    """
    return added_up(measured(tables, source), [*source.keys, *_apart(tables, source)])


def measured(tables: Tables, source: EventSource) -> ir.Table:
    """One row an event that has all keys: the keys, what is kept apart, `day`, `known_day` and a column a measure."""
    rows = keyed(source, source.rows(tables))
    measures = {m.name: _exact(source, m, rows) for m in available_measures(tables, source)}
    return rows.select(*source.keys, *_apart(tables, source), "day", "known_day", **measures)


def added_up(rows: ir.Table, by: list[str]) -> ir.Table:
    """One row per (by, day, known_day): the sums of all other columns."""
    by = [*by, "day", "known_day"]
    return rows.group_by(by).agg(**{name: _sum(rows[name]) for name in rows.columns if name not in by})


def daily_entities(tables: Tables, source: EventSource, entity: str) -> ir.Table:
    """On which days an entity was seen, and from when each of them is known.

    One row per (keys, columns that are kept apart, entity, day) with the least `known_day`.
    """
    rows = keyed(source, source.rows(tables))
    rows = rows.filter(rows[entity].notnull())
    by = [*source.keys, *_apart(tables, source), "day"]
    return rows.group_by([*by, rows[entity].name("entity")]).agg(known_day=rows.known_day.min())


def first_days(rows: ir.Table, by: list[str]) -> ir.Table:
    """Since when something was seen, as that became known, of any rows with (by, day, known_day).

    One row per (by, known_day): `day`, the first day as it is known from then on, and `before`, as it was until then.
    Almost always one row of a kind; a further one only where an earlier day became known later. The first day as of a
    day is the least `day` of the rows known by then.
    """
    # Nothing is known before its day, so that an earlier day that became known later lies before the first knowledge:
    # of the many rows only these few are looked at closely.
    started = rows.group_by(by).aggregate(since=rows["known_day"].min())
    rows = rows.inner_join(started, by)
    rows = rows.filter((rows["known_day"] == rows["since"]) | (rows["day"] < rows["since"])).drop("since")
    known = rows.group_by([*by, "known_day"]).aggregate(day=rows["day"].min())
    sooner = ibis.window(group_by=by, order_by="known_day", preceding=(None, 1))
    known = known.mutate(before=known["day"].min().over(sooner))
    return known.filter(known["before"].isnull() | (known["day"] < known["before"]))


def available_measures(tables: Tables, source: EventSource) -> tuple[Measure, ...]:
    """Those measures of a source whose columns the company brings."""
    return tuple(measure for measure in source.measures if tables.has(source.table, *measure.columns))


def keyed(source: EventSource, rows: ir.Table) -> ir.Table:
    """Those rows that have all of the source's keys, none known before its day."""
    rows = rows.filter([rows[key].notnull() for key in source.keys])
    return rows.mutate(known_day=ibis.greatest(rows.day, rows.known_day))


def _apart(tables: Tables, source: EventSource) -> tuple[str, ...]:
    return tuple(column for column in source.apart if tables.has(source.table, column))


def _exact(source: EventSource, measure: Measure, rows: ir.Table) -> ir.Value:
    """The measure of each event, in a type whose sums do not depend on the order of the rows.

    Raises:
        ConfigError: the measure is a floating-point number or no number at all.
    """
    value = measure.expression(rows)
    if value.type().is_boolean() or value.type().is_integer():
        return value.cast("int64")
    if value.type().is_decimal():
        return value
    raise ConfigError(
        f"A measure is an integer, a flag or a decimal, so that its sum is the same in any order; "
        f"{source.name}.{measure.name} is {value.type()}. Cast it to decimal(18, 6) in the source."
    )


def _sum(column: ir.Value) -> ir.Value:
    """The sum in the type in which it is kept: engines sum integers into a wider type that Parquet does not have."""
    return column.sum().cast("int64") if column.type().is_integer() else column.sum()
