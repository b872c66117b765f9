"""The members of a cohort: its different keys at each as_of, numbered, in the engine.

What a source is asked about are not the rows of a cohort but the keys that it knows: an account once for all products.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features.clock import Calendar
from features.errors import InputError, TimeError
from features.peers import COLUMNS
from features.scratch import hold
from features.tables import Tables

Keys = tuple[str, ...]


@dataclass(frozen=True)
class Members:
    """Every different key and as_of of a cohort, numbered: what one source is asked about."""

    rows: ir.Table
    """One row per (keys, as_of): the keys, `as_of` (a date) and `member`, its number."""
    as_ofs: tuple[date, ...]


def ordered(cohort: pd.DataFrame) -> pd.DataFrame:
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


def as_ofs_of(keys: pd.DataFrame, calendar: Calendar) -> tuple[date, ...]:
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


def entered(
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
        cohort = cohort.append_column(number_of(names), pa.array(number, pa.int64()))
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


def number_of(keys: Keys) -> str:
    """The column of the cohort that numbers its members by those keys."""
    return f"member of {' '.join(keys)}"
