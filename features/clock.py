"""Days, windows, gaps and horizons: the only place that knows how time is cut.

An `as_of` is a calendar day in the company's time zone and means the instant at which that day begins. Everything that
happened on an earlier local day lies before it; nothing that happened on the day itself does. Instants are naive UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ibis
import ibis.expr.types as ir

from features.errors import ConfigError, TimeError

SPAN_BEYOND_DATA = timedelta(days=5 * 366)
"""So far outside the data, any instant falls on the right local day; further out, those of the calendar's `years`."""
ACTIVE_DAYS = 91
"""Days back in which use makes an account active, where nothing else says that it is; and an outcome's `active_days`,
where a company does not choose another number."""
QUARTER = 91
"""A quarter of a year in whole weeks, so that every day of the week counts alike: what happened lately, and before. No
rule of who is active, though as long. (A feature's own window stands in its record, as it does in its name.)"""
QUARTER_HOUR = 15 * 60
"""In seconds."""


@dataclass(frozen=True)
class Window:
    """The half-open stretch of days `[as_of - lag - days, as_of - lag)`; `days=None` reaches back to the beginning."""

    days: int | None
    lag: int = 0

    def __post_init__(self) -> None:
        if self.days is not None and self.days < 1:
            raise TimeError(f"A window is at least one day long; this one has {self.days}. Give a positive number.")
        if self.lag < 0:
            raise TimeError(f"A window looks back; a lag of {self.lag} days sees the future. Give 0 or more.")

    @property
    def reach(self) -> int | None:
        """How many days before `as_of` the window begins; None where it has no beginning."""
        return None if self.days is None else self.days + self.lag


@dataclass(frozen=True)
class Horizon:
    """What a label looks at: `[as_of + gap, as_of + gap + days)`, certain only `confirm` days after that ends."""

    days: int
    gap: int = 0
    confirm: int = 0
    """Days after the horizon's end without which a label is not certain (in which a customer may still return)."""

    def __post_init__(self) -> None:
        if self.days < 1 or self.gap < 0 or self.confirm < 0:
            raise TimeError(
                "A horizon has at least one day, and its gap and confirmation are not negative; "
                f"seen: horizon {self.days}, gap {self.gap}, confirmation {self.confirm}. Correct the outcome."
            )

    @property
    def total(self) -> int:
        """Days between an as_of and the day on which its label is certain."""
        return self.gap + self.days + self.confirm

    def opens(self, as_of: date) -> date:
        """First day on which the outcome counts."""
        return as_of + timedelta(days=self.gap)

    def closes(self, as_of: date) -> date:
        """First day on which the outcome no longer counts."""
        return as_of + timedelta(days=self.gap + self.days)

    def matures(self, as_of: date) -> date:
        """The as_of at which this label is first certain."""
        return as_of + timedelta(days=self.total)


@dataclass(frozen=True)
class Calendar:
    """The local days that the data covers, `[start, end)`; `end` is the last day boundary at or before its end."""

    start: date
    end: date
    timezone: str = "UTC"
    years: tuple[int, ...] = ()
    """Years in which anything of the data lies, in order: a contract may be older than all use, and end much later.
    Each costs every query two comparisons a row, so that years of which the data says nothing are not among them."""

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise TimeError(
                f"The data covers at least one whole day; this runs from {self.start} to {self.end}. Bring more."
            )

    def local_day(self, instant: ir.Value) -> ir.DateValue:
        """The local day on which a naive UTC instant falls, as an expression that every engine understands."""
        if self.timezone == "UTC":
            return instant.cast("date")
        (_, first), *later = self._offsets
        if not later:
            return (instant + ibis.interval(seconds=first)).cast("date")
        offsets = [first, *(offset for _, offset in later)]
        cases = [(instant < ibis.literal(moment), offsets[i]) for i, (moment, _) in enumerate(later)]
        seconds = ibis.cases(*cases, else_=offsets[-1]).cast("int32")
        return (instant + seconds.as_interval("s")).cast("date")

    def in_quarters(self, since: date) -> bool:
        """Whether each day from then on begins at a full quarter of an hour of UTC; by the sun, few did."""
        ends = [*(moment.date() for moment, _ in self._offsets[1:]), date.max]
        lasting = (seconds for (_, seconds), end in zip(self._offsets, ends, strict=True) if end >= since)
        return all(seconds % QUARTER_HOUR == 0 for seconds in lasting)

    @property
    def _offsets(self) -> tuple[tuple[datetime, int], ...]:
        """From when on local time is so many seconds ahead of UTC, as far as the data has instants."""
        return _transitions(self.timezone, self.start - SPAN_BEYOND_DATA, self.end + SPAN_BEYOND_DATA, self.years)

    def instant(self, day: date) -> datetime:
        """The naive UTC instant at which a local day begins."""
        local = datetime(day.year, day.month, day.day, tzinfo=zone(self.timezone))
        return local.astimezone(UTC).replace(tzinfo=None)

    def grid(self, as_of: date, step_days: int, history_days: int) -> tuple[date, ...]:
        """The as_of at which we stand and those every `step_days` before it that have `history_days` of data, in order.

        Raises:
            TimeError: `as_of` lies outside the data, the step is not forward or the history negative.
        """
        if step_days < 1 or history_days < 0:
            raise TimeError(
                "A grid of as_ofs has a step of at least one day and no negative history; "
                f"seen: step {step_days}, history {history_days}. Correct training.step_days or training.history_days."
            )
        if not self.start < as_of <= self.end:
            raise TimeError(
                f"An as_of lies within the data, here after {self.start} and up to {self.end}; asked for {as_of}. "
                "Choose a day in that span, or bring the data that is missing."
            )
        earliest = self.start + timedelta(days=history_days)
        days = [as_of]
        while days[-1] - timedelta(days=step_days) >= earliest:
            days.append(days[-1] - timedelta(days=step_days))
        return tuple(reversed(days))


def delayed(instant: ir.Value, delay: timedelta) -> ir.Value:
    """The instant put off by a delay of whole seconds; the very same expression where there is none."""
    seconds = int(delay.total_seconds())
    return instant + ibis.interval(seconds=seconds) if seconds else instant


def zone(name: str) -> ZoneInfo:
    """The time zone of that name.

    Raises:
        ConfigError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(
            f"company.timezone is the name of a time zone such as Europe/Berlin; {name!r} is none. Correct it."
        ) from error


@lru_cache(maxsize=32)
def _transitions(timezone: str, start: date, end: date, years: tuple[int, ...]) -> tuple[tuple[datetime, int], ...]:
    """The UTC instants at which the zone's offset changes, each with the offset in seconds from then on.

    Exact from `start` to `end` and in those years. Between them, where nothing is asked for, the changes of decades
    are one.
    """
    tz = zone(timezone)

    def offset(instant: datetime) -> int:
        delta = instant.replace(tzinfo=UTC).astimezone(tz).utcoffset()
        return 0 if delta is None else int(delta.total_seconds())

    at, *later = sorted({*_midnights(start, end), *chain.from_iterable(map(_midnights_around, years))})
    found = [(at, offset(at))]
    for after in later:
        if offset(after) != found[-1][1]:
            low, high = at, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if offset(middle) == found[-1][1] else (low, middle)
            found.append((high.replace(microsecond=0), offset(after)))
        at = after
    return tuple(found)


def _midnights_around(year: int) -> Iterator[datetime]:
    """Those of a year and of two days on either side, as far as a calendar has room."""
    first, last = date(max(year, 2), 1, 1), date(min(year, 9998), 12, 31)
    return _midnights(first - timedelta(days=2), last + timedelta(days=2))


def _midnights(first: date, last: date) -> Iterator[datetime]:
    """The beginning of each UTC day from the first to the last."""
    return (datetime.combine(first, time()) + timedelta(days=n) for n in range((last - first).days + 1))
