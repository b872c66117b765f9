"""Features of a cohort: one query a source for all of its measures, windows and as_of, then plain arithmetic.

cohort -> members (its different keys, numbered) -> one table of leaves a source -> the cohort with its features
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import reduce
from pathlib import Path

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from features.arithmetic import evaluate
from features.asked import Asked
from features.bands import recencies, totals
from features.bits import distinct
from features.comparison import compared, parts_of
from features.engines import engine_of
from features.errors import ConfigError
from features.feature import DAYS, Distinct, EventSource, Feature, Leaf, Recency, Source, StateSource, Total
from features.kept import folded, keep
from features.members import Members, as_ofs_of, entered, number_of, ordered
from features.needs import Needs, needs_of
from features.peers import COLUMNS, with_peers
from features.recipe import Rollup
from features.rollups import added_up
from features.scratch import Bench, hold
from features.shelf import Shelf
from features.tables import Tables

Progress = Callable[[str], None]
"""Told the name of each source once its leaves are computed."""
AT_ONCE = 1_000_000
"""Rows of a cohort that are computed at once: what is held for more as_ofs than those would grow with their number."""


def build(
    tables: Tables,
    cohort: pd.DataFrame,
    features: Sequence[Feature],
    sources: Mapping[str, Source],
    rollups: Path | Shelf | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The value of every feature for every row of the cohort, as it could be known at the row's `as_of`.

    `cohort` holds `account_id`, for pairs also `product`, and `as_of`, a local day; other columns are ignored. Daily
    rollups are read from and kept in the folder `rollups`, where given.

    Returns one row a row of the cohort, sorted by its keys: the keys, then one float64 column a feature in the order
    given, NaN where it is missing. The same bits whatever the order of the rows and the number of threads.

    Raises:
        TimeError: an `as_of` is no day or lies outside the data.
        InputError: the cohort has a row twice or lacks a key.
        ConfigError: a feature needs a source, a measure or a key that is not there.
    """
    keys = ordered(cohort)
    as_ofs_of(keys, tables.calendar)
    needs = needs_of(tables, features, sources, tuple(keys.columns[:-1]))
    if keys.empty:
        return keys.assign(**{feature.name: pd.Series(dtype="float64") for feature in features})
    shelf = Shelf.at(rollups)
    pieces = _pieces(keys)
    if len(pieces) == 1:
        return pd.concat([keys, _values(tables, keys, features, needs, sources, shelf, progress)], axis=1)
    values = {feature.name: np.empty(len(keys)) for feature in features}
    for days in pieces:
        with ExitStack() as until:
            # what the pieces share for good stays where it is; what is made for one goes with it
            bench = None if tables.bench is None else tables.bench.until(until)
            rows = np.flatnonzero(keys["as_of"].isin(days))
            at_work = replace(tables, bench=bench)
            found = _values(at_work, keys.iloc[rows], features, needs, sources, shelf, progress)
            for name, column in values.items():
                column[rows] = found[name]
    return pd.concat([keys, pd.DataFrame(values, copy=False)], axis=1)


def _pieces(keys: pd.DataFrame) -> list[list[pd.Timestamp]]:
    """The as_ofs of a cohort, in order, in as few pieces of at most `AT_ONCE` rows as may be; an as_of stays whole."""
    pieces: list[list[pd.Timestamp]] = [[]]
    rows = 0
    for as_of, count in keys["as_of"].value_counts().sort_index().items():
        if pieces[-1] and rows + count > AT_ONCE:
            pieces.append([])
            rows = 0
        pieces[-1].append(as_of)  # type: ignore[arg-type]
        rows += count
    return pieces


def _values(
    tables: Tables,
    keys: pd.DataFrame,
    features: Sequence[Feature],
    needs: Sequence[Needs],
    sources: Mapping[str, Source],
    shelf: Shelf | None,
    progress: Progress | None,
) -> pd.DataFrame:
    """The features of those rows of a cohort, in their order."""
    keys = keys.reset_index(drop=True)
    as_ofs = as_ofs_of(keys, tables.calendar)
    asked = with_peers(tables, keys) if any(rank for feature in features for rank in feature.value.ranks()) else keys
    with ExitStack() as until:
        if shelf is not None:
            until.enter_context(shelf.in_use())
        if tables.bench is None:
            tables = replace(tables, bench=Bench(until, shelf, sources))
        rows, members = entered(tables, asked, {need.source.keys for need in needs}, as_ofs, until)
        found: list[tuple[str, ir.Table]] = []
        for need in needs:
            with ExitStack() as meanwhile:
                columns = _columns(tables, need, members[need.source.keys], shelf, meanwhile)
                found.append((number_of(need.source.keys), hold(tables, columns, until)))
            if progress is not None:
                progress(need.source.name)
        joined = _joined(tables, rows, found, until)
        parts = parts_of(features)
        values = {name: evaluate(joined, value, zero) for (value, zero), name in parts.items()}
        peers = [name for name in COLUMNS if name in asked.columns]
        result = tables.connection.to_pyarrow(joined.select("position", *peers, **values).order_by("position"))
    return compared(result, features, parts)


def _columns(tables: Tables, need: Needs, members: Members, shelf: Shelf | None, until: ExitStack) -> ir.Table:
    """All leaves of one source: one row per member that has any, `member` and a double a leaf."""
    source, leaves = need.source, need.leaves
    if isinstance(source, StateSource):
        return _states(tables, source, leaves, members)
    parts = []
    asked = Asked.of_members(tables, source.keys, members, lambda rows: hold(tables, rows, until))
    sums = [leaf for leaf in leaves if isinstance(leaf, Total)]
    lasts = [leaf for leaf in leaves if isinstance(leaf, Recency)]
    if sums or lasts:
        rows = _days(tables, source, None, shelf, until)
        parts += [totals(rows, sums, asked)] if sums else []
        if any(leaf.name != DAYS and rows[leaf.name].type().is_decimal() for leaf in lasts):
            rows = added_up(rows, [*source.keys])  # parts of a day may be below 0, and its sum above
        parts += [recencies(rows, lasts, asked)] if lasts else []
    for entity in sorted({leaf.name for leaf in leaves if isinstance(leaf, Distinct)}):
        counted = [leaf for leaf in leaves if isinstance(leaf, Distinct) and leaf.name == entity]
        parts.append(distinct(_days(tables, source, entity, shelf, until), counted, asked))
    return reduce(_beside, parts)


def _days(tables: Tables, source: EventSource, entity: str | None, shelf: Shelf | None, until: ExitStack) -> ir.Table:
    """The days of a source, or those on which an entity was seen, as finely as they are kept."""
    if source.fold is not None:
        return folded(tables, source, source.fold, entity)
    return keep(tables, Rollup(source, entity), shelf, until)


def _beside(left: ir.Table, right: ir.Table) -> ir.Table:
    joined = left.outer_join(right, "member")
    return joined.mutate(member=ibis.coalesce(joined.member, joined.member_right)).drop("member_right")


def _joined(tables: Tables, rows: ir.Table, leaves: Sequence[tuple[str, ir.Table]], until: ExitStack) -> ir.Table:
    """The rows with all leaves; held between, where the engine minds many joins."""
    at_once = engine_of(tables.connection).at_once or max(len(leaves), 1)
    for start in range(0, len(leaves), at_once):
        rows = hold(tables, rows, until) if start else rows
        rows = _beside_each_other(rows, leaves[start : start + at_once])
    return rows


def _beside_each_other(rows: ir.Table, leaves: Sequence[tuple[str, ir.Table]]) -> ir.Table:
    """The rows, and beside each the leaves of its members; with each table the column that numbers its members.

    Said as one chain of joins: Ibis looks at all columns so far with every join that is added to one.
    """
    first = ops.JoinReference(rows.op(), identifier=0)
    values, links = dict(first.fields), []
    for identifier, (number, table) in enumerate(leaves, 1):
        right = ops.JoinReference(table.op(), identifier=identifier)
        same = ops.Equals(ops.Field(first, number), ops.Field(right, "member"))
        links.append(ops.JoinLink("left", right, [same]))
        values |= {name: field for name, field in right.fields.items() if name != "member"}
    joined: ir.Table = ir.Table(ops.JoinChain(first=first, rest=links, values=values))
    return joined


def _states(tables: Tables, source: StateSource, leaves: Sequence[Leaf], members: Members) -> ir.Table:
    """The states of one source: one row per member with any row in force."""
    expressions = {state.name: state.expression for state in source.states}
    by = [*source.keys, "as_of"]
    rows = source.rows(tables, members.rows.select(by))
    states = rows.group_by(by).agg(
        **{leaf.column: _exact(source, leaf, expressions[leaf.name](rows)) for leaf in leaves}
    )
    return states.join(members.rows, by).select("member", *(leaf.column for leaf in leaves))


def _exact(source: StateSource, leaf: Leaf, value: ir.Value) -> ir.Value:
    """The state as a double, from sums and means of integers and decimals only.

    Raises:
        ConfigError: it adds up floating-point numbers, whose sum depends on the order of the rows.
    """
    for node in value.op().find((ops.Sum, ops.Mean)):
        if node.arg.dtype.is_floating():
            raise ConfigError(
                f"A state adds up integers or decimals, so that its sum is the same in any order; {source.name}."
                f"{leaf.name} adds up {node.arg.dtype}. Cast it to decimal(18, 6) first."
            )
    return value.cast("int64").cast("float64") if value.type().is_boolean() else value.cast("float64")
