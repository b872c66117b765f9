"""Which days the data covers: where it begins, where it ends, and which instants lie beyond its end.

The end, where the settings give none, is the last day boundary at or before the last event: the local day on which the
last event happened begins there, and counts as unfinished. What counts as an event are the event times of every
table and the columns that are filled in later, but for those that can be scheduled (`ended_at`). Isolated bunches of
event days after the rest (see `connected`) do not move the end: their rows are faults, `future_instant`.

The beginning is the first day of consumption (without that table: of subscriptions; without both: of anything),
isolated bunches before the rest left out. What lies before it is history: kept, but no day that the data covers.

An instant is after the end if its local day is later than the end: the unfinished day itself is no fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import ibis
import ibis.expr.types as ir

from features.clock import Calendar, zone
from features.contract import fact_of, instants_of
from features.errors import Fault
from features.reading.draft import Draft

APART_DAYS = 30
"""Event days that lie further apart than this belong to different bunches."""
FEW = 20
"""A bunch is isolated if it holds at most one event day for so many on the other side."""
FAR_DAYS = 366
"""... or if it holds fewer, and lies further away than this and than everything on the other side is long."""
FIRST_INSTANT, LAST_INSTANT = datetime(1, 1, 3), datetime(9999, 12, 29)
"""What lies beyond counts as these: a calendar has no room for it."""


@dataclass(frozen=True)
class EventDays:
    """On which local days the rows of one table happened."""

    table: str
    rows: Mapping[date, int]
    """Rows by the day of their event time."""
    later: frozenset[date]
    """Days of the columns that are filled in later."""
    years: frozenset[int] = frozenset()
    """Years of any instant of it; none of them where no time zone asks for its switches in them."""

    @property
    def first(self) -> date | None:
        """The first day on which a row of it happened."""
        return min((*self.rows, *(() if self.rows else self.later)), default=None)

    @property
    def last(self) -> date | None:
        """The last day on which a row of it happened."""
        return max((*self.rows, *(() if self.rows else self.later)), default=None)


def event_days(draft: Draft, timezone: str) -> EventDays:
    """Counts a table's rows by local day."""
    years = frozenset[int]() if timezone == "UTC" else _years(draft)
    if not draft.dated:
        return EventDays(draft.name, {}, frozenset(), years)
    # a milestone that is only due has not happened
    planned = draft.name == "milestones"
    rows = {} if planned else dict(_counted(draft.rows, draft.event(), timezone))
    later: set[date] = set()
    for column in instants_of(draft.name, "late"):
        if column in draft.columns and fact_of(draft.name, column, "notice") is None:
            later |= {day for day, _ in _counted(draft.rows, draft.rows[column], timezone)}
    return EventDays(draft.name, rows, frozenset(later), years)


def calendar_of(days: Sequence[EventDays], timezone: str, end: date | None) -> Calendar | Fault:
    """The local days that the data covers, or the fault that nothing says which."""
    everything = sorted({day for table in days for day in (*table.rows, *table.later)})
    if end is None:
        if not everything:
            return Fault(
                "accounts",
                "no_events",
                "the data's end is the day of its last event; no table has any event",
                "Bring events, or set `end` in [data].",
            )
        end = connected(everything)[-1]
    by_name = {table.table: table for table in days}
    for name in ("consumption", "subscriptions"):
        found = sorted(by_name[name].rows) if name in by_name else []
        if found:
            break
    else:
        found = everything
    before = [day for day in found if day < end]
    first = _connected_back(before)[0] if before else end
    years = sorted(frozenset[int]().union(*(table.years for table in days))) if timezone != "UTC" else []
    return Calendar(min(first, end - timedelta(days=1)), end, timezone, tuple(years))


def connected(days: Sequence[date]) -> Sequence[date]:
    """The event days without the isolated bunches at their end.

    `days` are different, and in order. Two neighbours more than 30 days apart part them into bunches. A bunch, with all
    that follows it, is isolated if it holds at most one event day for every twenty before it, or if it holds fewer of
    them and lies more than a year, and further than everything before it is long, after them (a date of 2099 in a
    handful of rows).
    """
    for position in range(1, len(days)):
        if _apart(days[position - 1], days[position], days[:position], days[position:]):
            return days[:position]
    return days


def _connected_back(days: Sequence[date]) -> Sequence[date]:
    """The event days without isolated bunches at their beginning: the same rule, seen from the other end."""
    for position in range(len(days) - 1, 0, -1):
        if _apart(days[position - 1], days[position], days[position:], days[:position]):
            return days[position:]
    return days


def _apart(before: date, after: date, main: Sequence[date], rest: Sequence[date]) -> bool:
    """Whether the rest, beyond the pause between two neighbours, is isolated from the main part."""
    pause = (after - before).days
    if pause <= APART_DAYS:
        return False
    span = (main[-1] - main[0]).days
    return len(rest) * FEW <= len(main) or (len(rest) < len(main) and pause > max(FAR_DAYS, span))


def after_end(instant: ir.Value, calendar: Calendar) -> ir.BooleanValue:
    """Whether an instant lies after the data's end: beyond the unfinished day that begins there."""
    return instant >= ibis.literal(calendar.instant(calendar.end + timedelta(days=1)))


def _years(draft: Draft) -> frozenset[int]:
    """The years of all its instants, but for those at which rows were recorded: only as_ofs are compared with them."""
    columns = [column for kind in ("event", "late", "planned") for column in instants_of(draft.name, kind)]
    there = [draft.rows[column] for column in columns if column in draft.columns]
    parts = [draft.rows.filter(instant.notnull()).select(year=_bounded(instant).year()).distinct() for instant in there]
    return frozenset(ibis.union(parts[0], *parts[1:]).to_pyarrow()["year"].to_pylist() if parts else ())


def _bounded(instant: ir.Value) -> ir.Value:
    """The instant, or the nearest that a calendar has room for."""
    return ibis.least(ibis.greatest(instant, ibis.literal(FIRST_INSTANT)), ibis.literal(LAST_INSTANT))


def _counted(rows: ir.Table, instant: ir.Value, timezone: str) -> list[tuple[date, int]]:
    """Rows by local day. The engine counts quarters of an hour, of which no day boundary lies within one."""
    kept = _bounded(instant)
    part = kept.date() if timezone == "UTC" else kept.bucket(minutes=15)
    counts = rows.filter(instant.notnull()).group_by(part=part).aggregate(n=lambda t: t.count()).to_pyarrow()
    pairs = zip(counts["part"].to_pylist(), counts["n"].to_pylist(), strict=True)
    if timezone == "UTC":
        return sorted(pairs)
    tz = zone(timezone)
    found: Counter[date] = Counter()
    for quarter, n in pairs:
        found[quarter.replace(tzinfo=UTC).astimezone(tz).date()] += n
    return sorted(found.items())
