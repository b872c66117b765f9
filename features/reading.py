"""Opening a company's tables: read, renamed, typed, checked, without repeated rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb import Backend

from features.clock import Calendar
from features.contract import CONTRACT, columns_of, dated_by, dtype_of, event_of
from features.conversion import convert
from features.span import last_connected
from features.tables import Tables


def tables_from_frames(
    frames: Mapping[str, pd.DataFrame], timezone: str = "UTC", end: date | None = None, check: bool = True
) -> Tables:
    """The same tables that files with this content would give, held in memory."""
    connection = _connect()
    typed: dict[str, ir.Table] = {}
    for name in CONTRACT:
        if name in frames:
            connection.con.register("frame", _arrow(frames[name]))
            connection.raw_sql(f'create table brought."{name}" as select * from frame')
            connection.con.unregister("frame")
            raw = connection.table(name, database="brought")
            columns = {
                c: converted.value
                for c in columns_of(name)
                if c in raw.columns and (converted := convert(raw[c], dtype_of(name, c), timezone)) is not None
            }
            table = raw.select(**columns)
            if event_of(name):
                table = table.mutate(known_at=_known_at(name, table))
            typed[name] = connection.create_table(name, _without_repeats(table))
    calendar = _calendar(typed, timezone, end)
    return Tables(connection, typed, calendar, _digest(connection, typed))


def _connect() -> Backend:
    connection: Backend = ibis.duckdb.connect()
    connection.raw_sql("set TimeZone = 'UTC'")
    connection.raw_sql("create schema brought")
    return connection


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """The frame for the engine; columns that mix types become text."""
    columns = {}
    for name in frame.columns:
        try:
            columns[str(name)] = pa.array(frame[name], from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            columns[str(name)] = pa.array([None if pd.isna(v) else str(v) for v in frame[name]], pa.string())
    return pa.table(columns)


def event_instant(name: str, table: ir.Table) -> ir.Value:
    """The instant that dates a row: its one event time, or the earliest or latest of several that it has."""
    present = [table[column] for column in event_of(name) if column in table.columns]
    if len(present) == 1:
        return present[0]
    return ibis.least(*present) if dated_by(name) == "earliest" else ibis.greatest(*present)


def _known_at(name: str, table: ir.Table, delay_hours: float = 0) -> ir.Value:
    event = event_instant(name, table)
    known = event + ibis.interval(seconds=int(delay_hours * 3600)) if delay_hours else event
    if "recorded_at" in table.columns:
        known = ibis.coalesce(table.recorded_at, known)
    return ibis.greatest(known, event)


def _without_repeats(table: ir.Table) -> ir.Table:
    """The rows whose `event_id` was not seen earlier; of several the one that was known first stays."""
    if "event_id" not in table.columns:
        return table
    order = [table.known_at, *(table[c] for c in table.columns if c not in {"known_at", "event_id"})]
    position = ibis.row_number().over(group_by=table.event_id, order_by=order)
    ranked = table.mutate(repeat=position)
    return ranked.filter(ranked.event_id.isnull() | (ranked.repeat == 0)).drop("repeat")


def _calendar(tables: Mapping[str, ir.Table], timezone: str, end: date | None) -> Calendar:
    wide = Calendar(date(1990, 1, 1), date(2060, 1, 1), timezone)
    days: dict[str, list[date]] = {}
    for name, table in tables.items():
        if event_of(name):
            day = wide.local_day(event_instant(name, table)).name("day")
            found = table.select(day).filter(lambda t: t.day.notnull()).distinct().order_by("day")
            days[name] = found.to_pyarrow()["day"].to_pylist()
    dated = {day for name, found in days.items() for day in found if name != "milestones"}
    last = end or last_connected(sorted(dated))
    first = min(days.get("consumption") or days.get("subscriptions") or sorted(dated))
    return Calendar(min(first, last - timedelta(days=1)), last, timezone)


def _digest(connection: Backend, tables: Mapping[str, ir.Table]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tables):
        columns = sorted(tables[name].columns)
        listed = ", ".join(f'"{c}"' for c in columns)
        row = connection.con.execute(f'select count(*), sum(hash({listed})) from "{name}"').fetchone()
        digest.update(repr((name, columns, row)).encode())
    return digest.hexdigest()
