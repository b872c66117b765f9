"""Opening a company's tables: brought, renamed, typed, checked, without rejected and repeated rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from features.clock import Calendar, zone
from features.columns import Columns
from features.contract import CONTRACT, USE_OR_TERMS, cost_of, is_required
from features.data_settings import DataSettings, TableSource
from features.engines import engine_of
from features.errors import DataError, Fault
from features.marked import Mark, Marked
from features.reading.arrivals import Arrivals, Memory
from features.reading.draft import Draft, Notice, columns_there, draft_table
from features.reading.faults import Judged, check_allowed, judge
from features.reading.marks import of_table, told
from features.reading.quarantine import accepted, write_quarantine
from features.reading.sources import Brought, bring, bring_frames, connect, unreadable
from features.reading.span import EventDays, calendar_of, event_days
from features.tables import Tables

__all__ = ["DataSettings", "Reading", "TableSource", "open_tables", "read_company", "tables_from_frames"]


@dataclass(frozen=True)
class Reading:
    """Everything that was found out while reading, whether or not it can be used."""

    connection: BaseBackend
    calendar: Calendar | None
    """None where the data has no events and no end."""
    drafts: Mapping[str, Draft]
    """Every table whose structure is sound, in the contract's order."""
    judged: Mapping[str, Judged]
    """The same, with their rows judged; empty where nobody asked."""
    days: Mapping[str, EventDays]
    faults: tuple[Fault, ...]
    """All of them, allowed or not."""
    notices: tuple[Notice, ...]
    arrivals: Mapping[str, Arrivals] = field(default_factory=dict)
    """The tables of which only some files were read."""

    @property
    def static(self) -> frozenset[str]:
        """The attributes of accounts that are declared."""
        return self.drafts["accounts"].attributes if "accounts" in self.drafts else frozenset()

    @property
    def barred(self) -> frozenset[str]:
        """Those of them that no feature may be made of."""
        return self.drafts["accounts"].barred if "accounts" in self.drafts else frozenset()

    @property
    def delays(self) -> dict[str, timedelta]:
        """By table, how late it arrives; of those alone that do."""
        return {name: draft.delay for name, draft in self.drafts.items() if draft.delay}

    @property
    def columns(self) -> Columns:
        """The columns that features may be made of."""
        return Columns.of({name: draft.columns for name, draft in self.drafts.items()}, self.static, self.barred)


def open_tables(
    data: DataSettings,
    base: Path,
    timezone: str = "UTC",
    allow: frozenset[str] = frozenset(),
    quarantine: Path | None = None,
    memory: Memory | None = None,
) -> Tables:
    """The company's tables, checked. Rows that break a rule of `allow` are left out, and kept whole in `quarantine`.

    With a `memory`, of a table that is a folder of files only those are read that came or changed since.

    Raises:
        ConfigError: `allow` names no row-level rule, or there is no such time zone.
        DataError: with every fault that is not allowed.
    """
    allow = check_allowed(allow)
    reading = read_company(data, base, timezone, allow, memory)
    if quarantine is not None:
        write_quarantine(reading.judged.values(), allow, quarantine)
    return usable_tables(reading, allow)


def tables_from_frames(
    frames: Mapping[str, pd.DataFrame],
    timezone: str = "UTC",
    end: date | None = None,
    check: bool = True,
    allow: frozenset[str] = frozenset(),
    data: DataSettings = DataSettings(),  # noqa: B008 (frozen)
) -> Tables:
    """The same tables that files with this content would give under the settings `data`, held by their engine.

    Without `check` no row is judged: whatever is there goes through, and values that cannot be converted are null.

    Raises:
        DataError: with every fault that is not allowed.
    """
    connection = connect(data)
    allow = check_allowed(allow)
    reading = _read(connection, bring_frames(connection, frames, data.tables), [], timezone, end, allow, check)
    return usable_tables(reading, allow)


def read_company(
    data: DataSettings,
    base: Path,
    timezone: str = "UTC",
    allow: frozenset[str] = frozenset(),
    memory: Memory | None = None,
) -> Reading:
    """Brings, drafts and judges every table; collects faults instead of raising them."""
    connection = connect(data, base)
    brought, faults = bring(connection, data, base)
    return _read(connection, brought, faults, timezone, data.end, allow, check=True, memory=memory)


def columns_brought(data: DataSettings, base: Path) -> Columns:
    """The columns of each of the company's tables, found without a look at any row.

    A table that cannot be read is absent: `holdfast check` says why.
    """
    brought, _ = bring(connect(data, base), data, base)
    accounts = data.tables.get("accounts", TableSource())
    return Columns.of(
        {name: columns_there(table) for name, table in brought.items()}, accounts.attributes, accounts.barred
    )


def usable_tables(reading: Reading, allow: frozenset[str]) -> Tables:
    """The tables of a reading that has no fault beyond the allowed ones.

    Raises:
        DataError: with every fault that is not allowed.
    """
    standing = [fault for fault in reading.faults if fault.structural or fault.rule not in allow]
    if standing or reading.calendar is None:
        raise DataError(standing)
    tables: dict[str, ir.Table] = {}
    arrivals = dict(reading.arrivals)
    for name, draft in reading.drafts.items():
        judged = reading.judged.get(name)
        rows = draft.contract_rows if judged is None else accepted(judged, allow)
        dropped = judged is not None and any(fault.rule in allow for fault in judged.faults)
        if dropped:
            arrivals.pop(name, None)
        tables[name] = _hold(reading.connection, draft, rows, dropped)
    digest, marked = _marked(reading.connection, tables, reading.calendar, arrivals)
    return Tables(
        reading.connection,
        tables,
        reading.calendar,
        digest,
        static=reading.static,
        barred=reading.barred,
        delays=reading.delays,
        marked=marked,
    )


def _read(
    connection: BaseBackend,
    brought: Mapping[str, Brought],
    faults: list[Fault],
    timezone: str,
    end: date | None,
    allow: frozenset[str],
    check: bool,
    memory: Memory | None = None,
) -> Reading:
    zone(timezone)
    faults = [*faults, *(_missing_tables({*brought, *(fault.table for fault in faults)}) if check else [])]
    notices: list[Notice] = []
    drafts: dict[str, Draft] = {}
    days: dict[str, EventDays] = {}
    arrivals: dict[str, Arrivals] = {}
    for name, table in brought.items():
        result = draft_table(connection, table, timezone)
        faults += result.faults
        notices += result.notices
        if result.draft is None:
            continue
        try:
            if by_file := Arrivals.of(connection, table, result.draft, timezone, memory):
                arrivals[name] = by_file
            days[name] = by_file.event_days() if by_file else event_days(result.draft, timezone)
            drafts[name] = result.draft
        except engine_of(connection).errors as error:
            # a file read in place may turn out to be damaged only now
            faults.append(unreadable(engine_of(connection), name, table.source, error))
    found = calendar_of(list(days.values()), timezone, end)
    calendar = found if isinstance(found, Calendar) else None
    if isinstance(found, Fault) and not faults:
        faults.append(found)
    judged = _judge_all(connection, drafts, calendar, allow, arrivals) if check else {}
    faults += [fault for table in judged.values() for fault in table.faults]
    return Reading(connection, calendar, drafts, judged, days, tuple(faults), tuple(notices), arrivals)


def _judge_all(
    connection: BaseBackend,
    drafts: Mapping[str, Draft],
    calendar: Calendar | None,
    allow: frozenset[str],
    arrivals: Mapping[str, Arrivals],
) -> dict[str, Judged]:
    """Accounts first: what is rejected there is unknown to every other table."""
    judged: dict[str, Judged] = {}
    accounts: ir.Table | None = None
    for name in sorted(drafts, key=lambda name: name != "accounts"):
        by_file = arrivals.get(name)
        judged[name] = (by_file.judged if by_file else partial(judge, drafts[name]))(calendar, accounts)
        if name == "accounts":
            # held, as every other table asks for them
            known = accepted(judged[name], allow).select("account_id").distinct()
            accounts = engine_of(connection).keep(connection, "table", "drafted", "known accounts", known)
    return {name: judged[name] for name in drafts}


def _missing_tables(present: set[str]) -> list[Fault]:
    faults = []
    for name in CONTRACT:
        if is_required(name) and name not in present:
            faults.append(_missing_table(name, "every company needs it, and it is not there", cost_of(name)))
    if not present & set(USE_OR_TERMS):
        either = " or ".join(USE_OR_TERMS)
        faults.append(_missing_table(USE_OR_TERMS[0], f"one of {either} is needed, and neither is there", ""))
    return faults


def _missing_table(name: str, message: str, cost: str) -> Fault:
    remedy = (
        f"Put {name}.parquet or {name}.csv into the data folder, or say where it is with `file` or `query` in "
        f"[data.tables.{name}]."
    )
    return Fault(name, "missing_table", message, f"{cost} {remedy}".strip())


def _hold(connection: BaseBackend, draft: Draft, rows: ir.Table, dropped: bool) -> ir.Table:
    """The table under its own name: a view, or a copy where rows were left out that rules had to find."""
    if "event_id" in rows.columns:
        rows = _without_repeats(connection, draft.name, rows)
    return engine_of(connection).keep(connection, "table" if dropped else "view", "main", draft.name, rows)


def _without_repeats(connection: BaseBackend, name: str, rows: ir.Table) -> ir.Table:
    """One row an `event_id`, the one that was known first, so that a later repeat does not change the past.

    Only rows that may be repeated are copied, to be compared: a hash of 64 bits picks them, so never too few.
    """
    engine = engine_of(connection)
    event_hash = engine.hashed(rows["event_id"])
    hashed = rows.mutate(hashed=ibis.ifelse(rows["event_id"].notnull(), event_hash, ibis.null(event_hash.type())))
    counted = hashed.filter(hashed["hashed"].notnull()).group_by("hashed").aggregate(n=lambda t: t.count())
    repeats = counted.filter(counted["n"] > 1).select("hashed")
    several = engine.keep(connection, "table", "drafted", f"{name} hashes", repeats)
    if not several.count().to_pyarrow().as_py():
        return rows
    repeated = hashed.semi_join(several, "hashed").drop("hashed")
    order = ["known_at", *(column for column in rows.columns if column != "known_at")]
    over = ibis.window(group_by="event_id", order_by=[repeated[column] for column in order])
    repeated = repeated.mutate(position=ibis.row_number().over(over))
    first = repeated.filter(repeated["position"] == 0).drop("position")
    kept = engine.keep(connection, "table", "drafted", f"{name} first", first)
    return ibis.union(hashed.anti_join(several, "hashed").drop("hashed"), kept)


def _marked(
    connection: BaseBackend, tables: Mapping[str, ir.Table], calendar: Calendar, arrivals: Mapping[str, Arrivals]
) -> tuple[str, dict[str, Marked]]:
    """The digest of names, columns and rows, whatever the order of the rows, and the tables with their marks."""
    digest, marked, engine = hashlib.sha256(), dict[str, Marked](), engine_of(connection)
    for name in sorted(tables):
        if connection.name != "duckdb":  # keeps no rollups that a day's mark could save
            listed = engine.row_hash(sorted(tables[name].columns))
            sql = f"select count(*), coalesce(sum({listed}), 0) from {engine.place_of('main', name)}"
            rows, hashes = engine.row(connection, sql)
            whole = Mark(rows, hashes, None)
        elif name in arrivals:
            marked[name], whole = arrivals[name].marked(tables[name], calendar)
        else:
            marked[name], whole = of_table(connection, name, tables[name], calendar)
        digest.update(told(name, tables[name].columns, whole).encode())
    return digest.hexdigest(), marked
