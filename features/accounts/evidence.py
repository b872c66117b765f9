"""The rows of the contract behind one value of one account: what `explain` shows when somebody asks why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features.contract import columns_of, fact_of, instants_of
from features.events import late_day
from features.feature import DAYS, Distinct, EventSource, Feature, Leaf, Recency, Source, StateSource, Total
from features.tables import Tables


def evidence(
    tables: Tables,
    feature: Feature,
    account_id: str,
    as_of: date,
    limit: int = 20,
    product: str = "",
    sources: Mapping[str, Source] | None = None,
) -> pd.DataFrame:
    """The rows that an account's value of a feature is made of, as they were known at `as_of`, newest first.

    Rows that add nothing to the value are left out: of an error rate's events all are shown, of a count of errors the
    errors. `product` narrows the value of a pair; `sources` are the catalogue's where none are given.

    Returns at most `limit` rows of the contract: `source`, `day` (of the event; missing for a state) and the contract's
    columns of that row, with what was filled in later and not known before `as_of` left blank. Of a source that has
    none of these, as it counts what others did or looks at all rows at once, its own columns: how many others, how many
    left.
    """
    if sources is None:
        from features.library.catalogue import SOURCES

        sources = SOURCES
    keys = {"account_id": account_id, "product": product}
    leaves: dict[str, list[Leaf]] = {}
    for leaf in feature.value.leaves():
        leaves.setdefault(leaf.source, []).append(leaf)
    shown = [_rows(tables, sources[name], leaves[name], keys, as_of, limit) for name in sorted(leaves)]
    found = pd.concat([frame for frame in shown if not frame.empty] or shown[:1], ignore_index=True)
    found = found.sort_values("day", ascending=False, kind="stable", na_position="last", ignore_index=True)
    return found.head(limit)


def _rows(
    tables: Tables, source: Source, leaves: Sequence[Leaf], keys: Mapping[str, str], as_of: date, limit: int
) -> pd.DataFrame:
    """The newest rows of one source behind its leaves."""
    wanted: dict[str, str] = {key: keys[key] for key in source.keys}
    if isinstance(source, StateSource):
        rows = _in_force(tables, source, wanted, as_of)
    else:
        rows = _visible(source.rows(tables), wanted, as_of)
        rows = rows.filter(ibis.or_(*[_behind(source, leaf, rows, as_of) for leaf in leaves]))
    rows = _as_known(tables, source.table, rows, as_of)
    shown = [name for name in (*columns_of(source.table), *_attributes(source, leaves)) if name in rows.columns]
    if not set(shown) - set(source.keys):
        shown = [*source.keys, *(name for name in rows.columns if name not in ("as_of", "day", *source.keys))]
    rows = rows.select(source=ibis.literal(source.name), day=rows.day, **{name: rows[name] for name in shown})
    rows = rows.order_by([rows.day.desc(nulls_first=False), *(rows[name] for name in shown)])
    frame: pd.DataFrame = tables.connection.to_pyarrow(rows.limit(limit)).to_pandas()
    return frame.assign(day=pd.to_datetime(frame["day"]).astype("datetime64[us]"))


def _attributes(source: Source, leaves: Sequence[Leaf]) -> list[str]:
    """Columns beyond the contract that the leaves are made of: declared attributes."""
    names = {leaf.name for leaf in leaves}
    states = source.states if isinstance(source, StateSource) else ()
    columns = dict.fromkeys(column for state in states if state.name in names for column in state.columns)
    return [column for column in columns if "." not in column and column not in columns_of(source.table)]


def _visible(rows: ir.Table, keys: Mapping[str, str], as_of: date) -> ir.Table:
    """Those events of the keys that happened and were known before the as_of."""
    mine = [rows[key] == value for key, value in keys.items()]
    return rows.filter(*mine, rows.day < ibis.literal(as_of), rows.known_day < ibis.literal(as_of))


def _in_force(tables: Tables, source: StateSource, keys: Mapping[str, str], as_of: date) -> ir.Table:
    """The rows that a state of those keys is made of, dated by the event of the contract's row where it has one."""
    columns = {key: pa.array([value], pa.string()) for key, value in keys.items()}
    cohort = ibis.memtable(pa.table({**columns, "as_of": pa.array([as_of], pa.date32())}))
    rows = source.rows(tables, cohort)
    events = [name for name in instants_of(source.table, "event") if name in rows.columns]
    if not events:
        return rows if "day" in rows.columns else rows.mutate(day=ibis.null("date"))
    return rows.mutate(day=tables.calendar.local_day(rows[events[0]]))


def _behind(source: EventSource, leaf: Leaf, rows: ir.Table, as_of: date) -> ir.Value:
    """Whether an event adds to a leaf."""
    inside: ir.Value = ibis.literal(True)
    if isinstance(leaf, Total | Distinct):
        window = leaf.window
        inside = rows.day < ibis.literal(as_of - timedelta(days=window.lag))
        if window.reach is not None:
            inside = inside & (rows.day >= ibis.literal(as_of - timedelta(days=window.reach)))
    if isinstance(leaf, Distinct):
        return inside & rows[leaf.name].notnull()
    if leaf.name == DAYS:
        return inside
    (measure,) = (measure for measure in source.measures if measure.name == leaf.name)
    value = measure.expression(rows)
    if value.type().is_boolean():
        return inside & value.fill_null(False)
    return inside & ((value > 0) if isinstance(leaf, Recency) else (value != 0)).fill_null(False)


def _as_known(tables: Tables, table: str, rows: ir.Table, as_of: date) -> ir.Table:
    """The rows with every value blank that was not known before the as_of, nor announced by a notice known by then."""

    def before(column: str) -> ir.Value:
        return (late_day(tables, table, rows, column) < ibis.literal(as_of)).fill_null(False)

    known: dict[str, ir.Value] = {}
    for column in instants_of(table, "late"):
        if column in rows.columns:
            notice = fact_of(table, column, "notice")
            known[column] = before(column) | before(str(notice)) if notice in rows.columns else before(column)
    for column in rows.columns:
        late = fact_of(table, column, "late_with") if column in columns_of(table) else None
        if late is not None and late in rows.columns:
            known[column] = before(str(late))
    return rows.mutate(**{column: ibis.ifelse(seen, rows[column], ibis.null()) for column, seen in known.items()})
