"""What a value is, over the columns of its leaves: plain arithmetic, row by row, and ranks among all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from features.engines import engine_of
from features.errors import ConfigError
from features.feature import Combined, Distinct, Leaf, Part, Rank, Score, Total, Value
from features.peers import GROUPS, rank
from features.scratch import hold
from features.tables import Tables

Places = Mapping[Rank, str]
"""The column that holds each rank."""


def ranked(
    tables: Tables, rows: ir.Table, compared: Sequence[Rank], until: ExitStack
) -> tuple[ir.Table, dict[Rank, str]]:
    """Those rows that are `asked` about with a column for each rank among all rows, and what the columns are called.

    `rows` has one row per member (`position`), the columns of `features.peers.with_peers` and those of all leaves.
    """
    places = {one: f"rank {number}" for number, one in enumerate(compared)}
    inner = {f"{place} of": evaluate(rows, one.value, one.zero, {}) for one, place in places.items()}
    values = hold(tables, rows.select("position", "peer", *GROUPS, **inner), until)
    found = {place: rank(values, one.among, values[f"{place} of"]) for one, place in places.items()}
    asked = rows.filter(rows["asked"])
    at_once = engine_of(tables.connection).at_once
    if not at_once:
        return asked.join(values.select("position", **found), "position"), places
    names = list(found)
    for start in range(0, len(names), at_once):
        some = values.select("position", **{name: found[name] for name in names[start : start + at_once]})
        asked = asked.join(hold(tables, some, until), "position")
    return asked, places


def evaluate(rows: ir.Table, value: Value, zero: bool, places: Places) -> ir.Value:
    """A value over the leaves' columns; `zero`: totals and counts of nothing are 0. Division by zero is missing.

    Raises:
        ConfigError: it is made of something else than the algebra of `features/feature.py`.
    """
    if isinstance(value, Combined):
        left, right = evaluate(rows, value.left, zero, places), evaluate(rows, value.right, zero, places)
        if value.operator == "/":
            return left / right.nullif(0.0)
        return left + right if value.operator == "+" else left - right
    if isinstance(value, Rank):
        return rows[places[value]]
    if isinstance(value, Score):
        return _score([_points(rows, part, places) for part in value.parts])
    if not isinstance(value, Leaf):
        raise ConfigError(f"A feature's value is made of leaves and + - /; this one has {value!r}. Write it so.")
    column = rows[value.column]
    return column.fill_null(0.0) if zero and isinstance(value, Total | Distinct) else column


def _points(rows: ir.Table, part: Part, places: Places) -> ir.Value:
    """0 to 1, more being better."""
    share = rows[places[part.rank]]
    return share if part.higher_is_better else 1.0 - share


def _score(points: Sequence[ir.Value]) -> ir.Value:
    """The mean of those that are known, times 100."""
    known = reduce(add, (ibis.ifelse(one.notnull(), 1.0, 0.0) for one in points))
    return 100.0 * reduce(add, (one.fill_null(0.0) for one in points)) / known.nullif(0.0)
