"""What tells one state of a table from another: of the whole, and day by day, so that a changed day is found.

A mark is a count, the sum of one hash a row, and the latest `known_at`. Sums do not depend on the order of rows, and
the marks of parts (days, files) add up to that of the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from features.clock import Calendar, zone
from features.contract import event_of
from features.marked import NOTHING, Mark, Marked
from features.reading.draft import event_instant
from features.reading.span import FIRST_INSTANT, LAST_INSTANT


def of_table(connection: Backend, name: str, rows: ir.Table, calendar: Calendar) -> tuple[Marked, Mark]:
    """The table with its marks, and the mark of all of its rows, found by reading it once."""
    place = f'main."{name}"'
    if len(event_of(name)) != 1:
        (whole,) = counted(connection, rows.columns, place).values()
        return Marked(rows, digest_of(name, rows.columns, whole)), whole
    found = counted(connection, rows.columns, place, [quarter_of(event_of(name)[0])])
    parts = {quarter: mark for (quarter,), mark in found.items()}
    whole = sum(parts.values(), NOTHING)
    days = by_day(parts, calendar)

    def within(days: Sequence[date]) -> ir.Table:
        return rows_within(rows, event_instant(name, rows), days, calendar)

    return Marked(rows, digest_of(name, rows.columns, whole), days, within), whole


def counted(
    connection: Backend, columns: Iterable[str], place: str, by: Sequence[str] = ()
) -> dict[tuple[Any, ...], Mark]:
    """The mark of the rows of each combination of the expressions of `by`.

    `place` is what the engine reads, and `columns` are those of the table, whose order plays no part.
    """
    listed = ", ".join(f'"{column}"' for column in sorted(columns))
    known = f"max({_bounded('known_at')})" if "known_at" in columns else "null::timestamp"
    # the row number of equal rows plays no part: their count and the sum of hashes tell them from one
    marks = f"count(*), coalesce(sum(hash({listed})), 0), {known}"
    grouped = f"group by {', '.join(by)}" if by else ""
    found = connection.con.execute(f"select {', '.join([*by, marks])} from {place} {grouped}").fetchall()
    return {tuple(part): Mark(int(rows), int(digest), latest) for *part, rows, digest, latest in found}


def quarter_of(event: str) -> str:
    """The quarter of an hour of UTC in which an instant lies: no day of the years around the data begins within one."""
    return f"time_bucket(interval 15 minutes, {_bounded(event)}, timestamp '2000-01-01')"


def _bounded(column: str) -> str:
    """The instant, or the nearest that a calendar has room for."""
    return f"least(greatest(\"{column}\", timestamp '{FIRST_INSTANT}'), timestamp '{LAST_INSTANT}')"


def by_day(parts: Mapping[datetime | None, Mark], calendar: Calendar) -> Mapping[date, Mark] | None:
    """The marks of the quarters added up by local day, in order; rows without an event are left out.

    None where the days cannot be told apart (see `told_apart`).
    """
    tz, days = zone(calendar.timezone), dict[date, Mark]()
    for part, mark in parts.items():
        if part is not None:
            day = part.replace(tzinfo=UTC).astimezone(tz).date()
            days[day] = days.get(day, NOTHING) + mark
    return told_apart(dict(sorted(days.items())), calendar)


def told_apart(days: Mapping[date, Mark], calendar: Calendar) -> Mapping[date, Mark] | None:
    """The days, where the rows of each can be read by themselves.

    None where one lies beyond what a calendar has room for, or before its zone's days began at a quarter of an hour.
    """
    if days and not FIRST_INSTANT.date() < min(days) <= max(days) < LAST_INSTANT.date():
        return None
    return days if not days or calendar.in_quarters(min(days)) else None


def rows_within(rows: ir.Table, instant: ir.Value, days: Sequence[date], calendar: Calendar) -> ir.Table:
    """The rows whose instant falls on one of the local days; no row where there is none."""
    if not days:
        return rows.filter(ibis.literal(False))
    local, day = calendar.local_day(instant), timedelta(days=1)
    runs = [local.between(ibis.literal(first), ibis.literal(last)) for first, last in stretches(days)]
    # the engine compares a plain column with the statistics of a file, and skips what lies outside
    around = (instant >= calendar.instant(min(days) - day)) & (instant < calendar.instant(max(days) + 2 * day))
    return rows.filter(around, ibis.or_(*runs))


def stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as few stretches without a gap: first and last day of each."""
    ordered = sorted(days)
    breaks = [(one, other) for one, other in pairwise(ordered) if (other - one).days > 1]
    starts, ends = [ordered[0], *(other for _, other in breaks)], [*(one for one, _ in breaks), ordered[-1]]
    return list(zip(starts, ends, strict=True))


def digest_of(name: str, columns: Iterable[str], whole: Mark) -> str:
    """Of a table's name, columns and rows."""
    return hashlib.sha256(told(name, columns, whole).encode()).hexdigest()


def told(name: str, columns: Iterable[str], whole: Mark) -> str:
    """A table in a line, as the digest of all tables takes it in."""
    return repr((name, sorted(columns), (whole.rows, whole.digest if whole.rows else None)))
