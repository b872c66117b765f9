"""The members of a cohort: its different keys at each as_of, numbered, in the engine.

What a source is asked about are not the rows of a cohort but the keys that it knows: an account once for all products.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.building.peers import COLUMNS
from features.clock import Calendar
from features.errors import InputError, TimeError
from features.scratch import hold
from features.tables import Tables

Keys = tuple[str, ...]
KEYS = ("account_id", "product", "as_of")
"""Of a cohort, in their order."""


@dataclass(frozen=True)
class Members:
    """Every different key and as_of of a cohort, numbered: what one source is asked about."""

    rows: ir.Table
    """One row per (keys, as_of): the keys, `as_of` (a date) and `member`, its number; those of an as_of follow each
    other."""
    as_ofs: tuple[date, ...]
    name: str
    """The column of the cohort that numbers them."""
    numbers: NDArray[np.int64]
    """By row of the cohort, which member it is."""

    def of_rows(self, first: int, last: int) -> tuple[int, int]:
        """The least and the greatest number of a member that those rows of the cohort have."""
        numbers = self.numbers[first : last + 1]
        return int(numbers.min()), int(numbers.max())


def ordered(cohort: pd.DataFrame) -> pd.DataFrame:
    """The cohort's keys, `as_of` last and as a timestamp; sorted by `as_of` first.

    Raises:
        InputError: a key is missing or a row is there twice.
    """
    names = [name for name in KEYS if name in cohort.columns]
    if names in (["as_of"], ["account_id", "product"], ["account_id"], ["product"], []):
        raise InputError(
            "A cohort has account_id, product or both, and as_of; "
            f"this one has the columns {', '.join(map(str, cohort.columns)) or '(none)'}. Add what is missing."
        )
    frame = cohort[names].assign(as_of=pd.to_datetime(cohort["as_of"]).astype("datetime64[us]"))
    frame = frame.sort_values(["as_of", *names[:-1]], ignore_index=True)
    repeated = frame.duplicated()
    if repeated.any():
        example = ", ".join(str(value) for value in frame[repeated].iloc[0])
        raise InputError(
            f"A cohort has each of its rows once; {int(repeated.sum()):,} are repeated, such as ({example}). "
            "Drop the repeated ones."
        )
    return frame


def by_as_of(rows: pd.DataFrame, most: int) -> list[pd.DataFrame]:
    """Rows that are sorted by `as_of`, in as few pieces of at most so many as may be; an as_of stays whole."""
    counts = rows.groupby("as_of", sort=True).size().to_numpy()
    cuts, size = [0], 0
    for start, count in zip(counts.cumsum() - counts, counts, strict=True):
        if size and size + count > most:
            cuts.append(int(start))
            size = 0
        size += count
    return [rows.iloc[first:last] for first, last in pairwise([*cuts, len(rows)]) if first < last]


def require_days(keys: pd.DataFrame, calendar: Calendar) -> None:
    """Each as_of of a cohort is a day within the data.

    Raises:
        TimeError: one is no day, or lies outside the data.
    """
    found = pd.DatetimeIndex(keys["as_of"].unique())
    if found.hasnans or not found.equals(found.normalize()):
        raise TimeError(
            "An as_of is a day; this cohort has one that is missing or has a time of day. Cut it to the day."
        )
    outside = sorted(day for instant in found if not calendar.start < (day := instant.date()) <= calendar.end)
    if outside:
        more = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
        raise TimeError(
            f"An as_of lies within the data, here after {calendar.start} and up to {calendar.end}; the cohort has "
            f"{outside[0]}{more}. Leave them out, or bring the data that is missing."
        )


def entered(
    tables: Tables, keys: pd.DataFrame, wanted: set[Keys], until: ExitStack
) -> tuple[ir.Table, dict[Keys, Members]]:
    """The cohort in the engine, and the members of it that each set of keys makes.

    The first table is one row a row of the cohort: `position` in it and, a set of keys, its number among the members.
    """
    as_ofs = tuple(sorted(day.date() for day in pd.DatetimeIndex(keys["as_of"].unique())))
    cohort = pa.table({"position": pa.array(range(len(keys)), pa.int64())})
    for name in (name for name in COLUMNS if name in keys.columns):
        cohort = cohort.append_column(name, pa.array(keys[name]))
    members: dict[Keys, Members] = {}
    for names in sorted(wanted):
        by, name = [*names, "as_of"], f"member of {' '.join(names)}"
        number = keys.groupby(["as_of", *names], sort=True).ngroup().to_numpy().astype(np.int64)
        cohort = cohort.append_column(name, pa.array(number, pa.int64()))
        rows = keys[by].assign(member=number).drop_duplicates("member")
        columns = {key: pa.array(rows[key], pa.string()) for key in names}
        as_of = pa.array(rows["as_of"], pa.timestamp("us")).cast(pa.date32())
        table = pa.table({**columns, "as_of": as_of, "member": pa.array(rows["member"], pa.int64())})
        members[names] = Members(hold(tables, ibis.memtable(table), until), as_ofs, name, number)
        _tell_days(tables, members[names], by)
    return hold(tables, ibis.memtable(cohort), until), members


def _tell_days(tables: Tables, members: Members, by: Sequence[str]) -> None:
    """Which days the as_of of these members are, before any source has to find it out."""
    if tables.bench is not None:
        days = ibis.memtable(pa.table({"as_of": pa.array(members.as_ofs, pa.date32())}))
        name = f"days {' '.join(map(date.isoformat, members.as_ofs))}"
        tables.bench.put(tables.bench.held(tables, name, lambda: days), "days", members.rows.select(by))
