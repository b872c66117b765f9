"""Features of a cohort: one query a source for all of its measures, windows and as_of, then plain arithmetic.

cohort -> members (its different keys, numbered) -> one table of leaves a source -> the cohort with its features
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import reduce
from pathlib import Path

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features.building.arithmetic import evaluate
from features.building.asked import Asked
from features.building.bands import recencies, totals
from features.building.bits import distinct
from features.building.comparison import Part, compared, parts_of
from features.building.members import KEYS, Members, by_as_of, entered, ordered, require_days
from features.building.needs import Needs, needs_of
from features.building.peers import COLUMNS, with_peers
from features.engines import engine_of
from features.errors import ConfigError
from features.feature import DAYS, Distinct, EventSource, Feature, Leaf, Recency, Source, StateSource, Total
from features.rollups.daily import added_up
from features.rollups.kept import folded, keep
from features.rollups.recipe import Rollup
from features.rollups.shelf import Shelf
from features.scratch import Bench, hold
from features.tables import Tables

Progress = Callable[[str], None]
"""Told the name of each source once its leaves are computed."""
AT_ONCE = 1_000_000
"""Rows of a cohort that are computed at once: what the engine holds for more would grow with the number of as_ofs."""
PORTION = 100_000
"""Rows that leave the engine at once."""


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
    whole = pd.concat([*portions(tables, cohort, features, sources, rollups, progress)])
    keys = [name for name in KEYS if name in whole.columns]
    return whole.sort_values(keys, ignore_index=True)


def portions(
    tables: Tables,
    cohort: pd.DataFrame,
    features: Sequence[Feature],
    sources: Mapping[str, Source],
    rollups: Path | Shelf | None = None,
    progress: Progress | None = None,
) -> Iterator[pd.DataFrame]:
    """What `build` returns, in portions of whole as_ofs, for who would rather not hold it all.

    One frame or more, those of earlier as_ofs first; in each, rows are sorted by `as_of` and their other keys.
    """
    keys = ordered(cohort)
    require_days(keys, tables.calendar)
    needs = needs_of(tables, features, sources, tuple(keys.columns[:-1]))
    if keys.empty:
        yield keys.assign(**{feature.name: pd.Series(dtype="float64") for feature in features})
    shelf = Shelf.at(rollups)
    pieces = by_as_of(keys, AT_ONCE)
    for piece in pieces:
        with ExitStack() as until:
            at_work = tables
            if tables.bench is not None and len(pieces) > 1:
                # what the pieces share for good stays where it is; what is made for one goes with it
                at_work = replace(tables, bench=tables.bench.until(until))
            yield from _portions(at_work, piece, features, needs, sources, shelf, progress)


def _portions(
    tables: Tables,
    keys: pd.DataFrame,
    features: Sequence[Feature],
    needs: Sequence[Needs],
    sources: Mapping[str, Source],
    shelf: Shelf | None,
    progress: Progress | None,
) -> Iterator[pd.DataFrame]:
    """The features of those rows of a cohort, in their order: computed at once, fetched as_of by as_of."""
    ranked = any(rank for feature in features for rank in feature.value.ranks())
    asked = with_peers(tables, keys) if ranked else keys.reset_index(drop=True)
    with ExitStack() as until:
        if shelf is not None:
            until.enter_context(shelf.in_use())
        if tables.bench is None:
            tables = replace(tables, bench=Bench(until, shelf, sources))
        rows, members = entered(tables, asked, {need.source.keys for need in needs}, until)
        found: list[tuple[Members, ir.Table]] = []
        for need in needs:
            with ExitStack() as meanwhile:
                columns = _columns(tables, need, members[need.source.keys], shelf, meanwhile)
                found.append((members[need.source.keys], hold(tables, columns, until)))
            if progress is not None:
                progress(need.source.name)
        parts, by = parts_of(features), by_as_of(asked, PORTION)
        for portion in by:
            with ExitStack() as meanwhile:
                result = _fetched(tables, rows, found, parts, portion.index if len(by) > 1 else None, meanwhile)
            mine = keys[keys["as_of"].isin(portion["as_of"])].reset_index(drop=True)
            yield pd.concat([mine, compared(result, features, parts)], axis=1)


def _fetched(
    tables: Tables,
    rows: ir.Table,
    leaves: Sequence[tuple[Members, ir.Table]],
    parts: Mapping[Part, str],
    positions: pd.Index[int] | None,
    until: ExitStack,
) -> pa.Table:
    """The rows at those positions (at all, where None) in their order: what features are made of, its arithmetic done.

    Of each table of leaves only the members of those rows are read: forty joins stand open at once, and of all members
    they would not fit into memory.
    """
    wanted = leaves
    if positions is not None:
        first, last = int(positions[0]), int(positions[-1])
        rows = rows.filter(rows["position"].between(first, last))
        wanted = [(of, table.filter(table["member"].between(*of.of_rows(first, last)))) for of, table in leaves]
    joined = _joined(tables, rows, wanted, until)
    values = {name: evaluate(joined, value, zero) for (value, zero), name in parts.items()}
    found = joined.select("position", *(name for name in COLUMNS if name in rows.columns), **values)
    return tables.connection.to_pyarrow(found.order_by("position"))


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


def _joined(tables: Tables, rows: ir.Table, leaves: Sequence[tuple[Members, ir.Table]], until: ExitStack) -> ir.Table:
    """The rows with all leaves; held between, where the engine minds many joins."""
    at_once = engine_of(tables.connection).at_once or max(len(leaves), 1)
    for start in range(0, len(leaves), at_once):
        rows = hold(tables, rows, until) if start else rows
        rows = _beside_each_other(rows, leaves[start : start + at_once])
    return rows


def _beside_each_other(rows: ir.Table, leaves: Sequence[tuple[Members, ir.Table]]) -> ir.Table:
    """The rows, and beside each the leaves of its members.

    Said as one chain of joins: Ibis looks at all columns so far with every join that is added to one.
    """
    first = ops.JoinReference(rows.op(), identifier=0)
    values, links = dict(first.fields), []
    for identifier, (members, table) in enumerate(leaves, 1):
        right = ops.JoinReference(table.op(), identifier=identifier)
        same = ops.Equals(ops.Field(first, members.name), ops.Field(right, "member"))
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
