"""Events read once and added up per key and day: all that the windows need, and no more point-in-time than a day.

A rollup row keeps `day` (when) and `known_day` (from when it may be seen). As an as_of is the beginning of a day, a
rollup row is visible as a whole or not at all, so that sums over rollups equal sums over events exactly. They are kept
from build to build: see `features/kept.py`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.errors import ConfigError
from features.feature import DAYS, EventSource, Measure
from features.tables import Tables


def daily(tables: Tables, source: EventSource) -> ir.Table:
    """Every measure that the company's columns allow, added up per day, and the mark that counts days.

    One row per (keys, day, known_day), where known_day is never before day. Among the rows of one (keys, day) the one
    that is known first carries `days` = 1: wherever any of them is visible that one is, so that distinct days add up.
    """
    measures = available_measures(tables, source)
    rows = _keyed(source, tables)
    rows = rows.select(*source.keys, "day", "known_day", **{m.name: _exact(source, m, rows) for m in measures})
    sums = {m.name: _sum(rows[m.name]) for m in measures}
    rolled = rows.group_by([*source.keys, "day", "known_day"]).agg(rows=rows.count(), **sums)
    late = _first_of_the_late(rolled, [*source.keys, "day"])
    same = [rolled[key] == late[key] for key in (*source.keys, "day")]
    marked = rolled.left_join(late, [*same, rolled.known_day == late.first])
    first = (rolled.known_day == rolled.day) | late.first.notnull()
    return marked.select(rolled, **{DAYS: first.cast("int64")}).drop("rows")


def _first_of_the_late(rolled: ir.Table, by: list[str]) -> ir.Table:
    """Of each (keys, day) of which nothing was known on the day itself: `first`, when the first of it was.

    Nearly all rows are known on their day; a window over all of them would take as long as adding them up.
    """
    late = rolled.filter(rolled.known_day > rolled.day).group_by(by).agg(first=lambda t: t.known_day.min())
    return late.anti_join(rolled.filter(rolled.known_day == rolled.day).select(*by), by)


def daily_entities(tables: Tables, source: EventSource, entity: str) -> ir.Table:
    """On which days an entity was seen, and from when each of them is known.

    One row per (keys, entity, day) with the least `known_day`.
    """
    rows = _keyed(source, tables)
    rows = rows.filter(rows[entity].notnull())
    grouped = rows.group_by([*source.keys, "day", rows[entity].name("entity")])
    return grouped.agg(known_day=rows.known_day.min())


def available_measures(tables: Tables, source: EventSource) -> tuple[Measure, ...]:
    """Those measures of a source whose columns the company brings."""
    return tuple(measure for measure in source.measures if tables.has(source.table, *measure.columns))


def _keyed(source: EventSource, tables: Tables) -> ir.Table:
    """The source's events that have all of its keys, none known before its day."""
    rows = source.rows(tables)
    rows = rows.filter([rows[key].notnull() for key in source.keys])
    return rows.mutate(known_day=ibis.greatest(rows.day, rows.known_day))


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
    return column.sum().cast("decimal(18, 0)") if column.type().is_integer() else column.sum()
