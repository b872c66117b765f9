"""Features of a cohort: one query a source for all of its measures, windows and as_of, then plain arithmetic.

cohort -> members (its different keys, numbered) -> one table of leaves a source -> the cohort with its features
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from pathlib import Path

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features.arithmetic import evaluate
from features.bands import distinct, recencies, totals
from features.clock import Calendar
from features.comparison import compared, parts_of
from features.engines import engine_of
from features.errors import ConfigError, InputError, TimeError
from features.feature import Distinct, Feature, Leaf, Recency, Source, StateSource, Total
from features.kept import keep
from features.needs import Needs, needs_of
from features.peers import COLUMNS, with_peers
from features.recipe import Rollup
from features.scratch import Bench, hold
from features.shelf import Shelf
from features.tables import Tables

Progress = Callable[[str], None]
"""Told the name of each source once its leaves are computed."""

Keys = tuple[str, ...]


@dataclass(frozen=True)
class Members:
    """Every different key and as_of of a cohort, numbered: what one source is asked about."""

    rows: ir.Table
    """One row per (keys, as_of): the keys, `as_of` (a date) and `member`, its number."""
    as_ofs: tuple[date, ...]


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
    keys = _ordered(cohort)
    as_ofs = _as_ofs(keys, tables.calendar)
    needs = needs_of(tables, features, sources, tuple(keys.columns[:-1]))
    if keys.empty:
        return keys.assign(**{feature.name: pd.Series(dtype="float64") for feature in features})
    asked = with_peers(tables, keys) if any(rank for feature in features for rank in feature.value.ranks()) else keys
    shelf = Shelf.at(rollups)
    with ExitStack() as until:
        if shelf is not None:
            until.enter_context(shelf.in_use())
        if tables.bench is None:
            tables = replace(tables, bench=Bench(until, shelf))
        rows, members = _enter(tables, asked, {need.source.keys for need in needs}, as_ofs, until)
        found: list[tuple[str, ir.Table]] = []
        for need in needs:
            with ExitStack() as meanwhile:
                columns = _columns(tables, need, members[need.source.keys], shelf, meanwhile)
                found.append((_number(need.source.keys), hold(tables, columns, until)))
            if progress is not None:
                progress(need.source.name)
        joined, at_once = rows, engine_of(tables.connection).at_once or len(found)
        for start in range(0, len(found), max(at_once, 1)):
            joined = _beside_each_other(joined, found[start : start + at_once])
            if start + at_once < len(found):
                joined = hold(tables, joined, until)
        parts = parts_of(features)
        values = {name: evaluate(joined, value, zero) for (value, zero), name in parts.items()}
        peers = [name for name in COLUMNS if name in asked.columns]
        result = tables.connection.to_pyarrow(joined.select("position", *peers, **values).order_by("position"))
    return pd.concat([keys, compared(result, features, parts)], axis=1)


def _ordered(cohort: pd.DataFrame) -> pd.DataFrame:
    """The cohort's keys, sorted, `as_of` last and as a timestamp.

    Raises:
        InputError: a key is missing or a row is there twice.
    """
    names = [name for name in ("account_id", "product", "as_of") if name in cohort.columns]
    if names in (["as_of"], ["account_id", "product"], ["account_id"], ["product"], []):
        raise InputError(
            "A cohort has account_id, product or both, and as_of; "
            f"this one has the columns {', '.join(map(str, cohort.columns)) or '(none)'}. Add what is missing."
        )
    frame = cohort[names].assign(as_of=pd.to_datetime(cohort["as_of"]).astype("datetime64[us]"))
    frame = frame.sort_values(names, ignore_index=True)
    repeated = frame.duplicated()
    if repeated.any():
        example = ", ".join(str(value) for value in frame[repeated].iloc[0])
        raise InputError(
            f"A cohort has each of its rows once; {int(repeated.sum()):,} are repeated, such as ({example}). "
            "Drop the repeated ones."
        )
    return frame


def _as_ofs(keys: pd.DataFrame, calendar: Calendar) -> tuple[date, ...]:
    """The different as_of of a cohort, in order.

    Raises:
        TimeError: one is no day, or lies outside the data.
    """
    found = pd.DatetimeIndex(keys["as_of"].unique())
    if found.hasnans or not found.equals(found.normalize()):
        raise TimeError(
            "An as_of is a day; this cohort has one that is missing or has a time of day. Cut it to the day."
        )
    days = sorted(instant.date() for instant in found)
    outside = [day for day in days if not calendar.start < day <= calendar.end]
    if outside:
        more = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
        raise TimeError(
            f"An as_of lies within the data, here after {calendar.start} and up to {calendar.end}; the cohort has "
            f"{outside[0]}{more}. Leave them out, or bring the data that is missing."
        )
    return tuple(days)


def _enter(
    tables: Tables, keys: pd.DataFrame, wanted: set[Keys], as_ofs: tuple[date, ...], until: ExitStack
) -> tuple[ir.Table, dict[Keys, Members]]:
    """The cohort in the engine, and the members of it that each set of keys makes.

    The first table is one row a row of the cohort: `position` in it and, a set of keys, its number among the members.
    """
    cohort = pa.table({"position": pa.array(range(len(keys)), pa.int64())})
    for name in (name for name in COLUMNS if name in keys.columns):
        cohort = cohort.append_column(name, pa.array(keys[name]))
    members: dict[Keys, Members] = {}
    for names in sorted(wanted):
        by = [*names, "as_of"]
        number = keys.groupby(by, sort=True).ngroup().to_numpy()
        cohort = cohort.append_column(_number(names), pa.array(number, pa.int64()))
        rows = keys[by].assign(member=number).drop_duplicates("member")
        columns = {name: pa.array(rows[name], pa.string()) for name in names}
        as_of = pa.array(rows["as_of"], pa.timestamp("us")).cast(pa.date32())
        table = pa.table({**columns, "as_of": as_of, "member": pa.array(rows["member"], pa.int64())})
        members[names] = Members(hold(tables, ibis.memtable(table), until), as_ofs)
        _tell_days(tables, members[names], by)
    return hold(tables, ibis.memtable(cohort), until), members


def _tell_days(tables: Tables, members: Members, by: Sequence[str]) -> None:
    """Which days the as_of of these members are, before any source has to find it out."""
    if tables.bench is not None:
        days = ibis.memtable(pa.table({"as_of": pa.array(members.as_ofs, pa.date32())}))
        name = f"days {' '.join(map(date.isoformat, members.as_ofs))}"
        tables.bench.put(tables.bench.held(tables, name, lambda: days), "days", members.rows.select(by))


def _columns(tables: Tables, need: Needs, members: Members, shelf: Shelf | None, until: ExitStack) -> ir.Table:
    """All leaves of one source: one row per member that has any, `member` and a double a leaf."""
    source, leaves = need.source, need.leaves
    if isinstance(source, StateSource):
        return _states(tables, source, leaves, members)
    parts, asked = [], (source.keys, members.rows, members.as_ofs)
    sums = [leaf for leaf in leaves if isinstance(leaf, Total)]
    lasts = [leaf for leaf in leaves if isinstance(leaf, Recency)]
    if sums or lasts:
        rollup = keep(tables, Rollup(source), shelf, until)
        parts += [totals(rollup, sums, *asked)] if sums else []
        parts += [recencies(rollup, lasts, *asked)] if lasts else []
    for entity in sorted({leaf.name for leaf in leaves if isinstance(leaf, Distinct)}):
        counted = [leaf for leaf in leaves if isinstance(leaf, Distinct) and leaf.name == entity]
        rollup = keep(tables, Rollup(source, entity), shelf, until)
        parts.append(distinct(rollup, counted, *asked))
    return reduce(_beside, parts)


def _beside(left: ir.Table, right: ir.Table) -> ir.Table:
    joined = left.outer_join(right, "member")
    return joined.mutate(member=ibis.coalesce(joined.member, joined.member_right)).drop("member_right")


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


def _number(keys: Keys) -> str:
    return f"member of {' '.join(keys)}"
