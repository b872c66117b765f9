"""Instants made up at random: anywhere in a span, or where mistakes about time would show."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EDGES = (0, 1, 7, 28, 56, 91, 182, 273, 364)
"""How many days before an as_of a window begins or ends."""
TIMES = (time(0), time(23, 59, 59), time(23, 59, 59, 999_999), time(0, 0, 0, 1), time(12))


class Instants:
    """Instants of `[first, last)`, spread evenly, to the minute."""

    def __init__(self, pick: random.Random, first: date, last: date) -> None:
        self.pick = pick
        self.first, self.last = datetime(first.year, first.month, first.day), datetime(last.year, last.month, last.day)

    def draw(self, after: datetime | None = None, days: int | None = None) -> datetime:
        """One not before `after`, and less than so many days later."""
        begin = after or self.first
        end = self.last if days is None else begin + timedelta(days=days)
        return begin + timedelta(minutes=self.pick.randrange(max(int((end - begin).total_seconds() // 60), 1)))

    def recorded(self, event: datetime) -> datetime:
        """When an event was recorded: within forty days."""
        return event + timedelta(minutes=self.pick.randrange(40 * 24 * 60))


class Corners(Instants):
    """Half of them at the ends of days on which a window of an as_of begins or ends; some are the same instant."""

    def __init__(self, pick: random.Random, first: date, last: date, as_ofs: Sequence[date], timezone: str) -> None:
        super().__init__(pick, first, last)
        self.as_ofs, self.zone = tuple(as_ofs), ZoneInfo(timezone)
        self.drawn: list[datetime] = []

    def draw(self, after: datetime | None = None, days: int | None = None) -> datetime:
        """One not before `after`, and less than so many days later."""
        begin = after or self.first
        end = self.last if days is None else begin + timedelta(days=days)
        kind = self.pick.random()
        if kind < 0.1 and self.drawn:
            instant = self.pick.choice(self.drawn)
        elif kind < 0.6:
            instant = self.corner()
        else:
            instant = super().draw(after, days)
        if not begin <= instant < end:
            instant = begin if kind < 0.1 else super().draw(after, days)
        self.drawn.append(instant)
        return instant

    def recorded(self, event: datetime) -> datetime:
        """At any time after the event; now and then before it, which means as soon as it happened."""
        return event - timedelta(days=3) if self.pick.random() < 0.1 else self.draw(after=event)

    def corner(self) -> datetime:
        """An instant at, or a hair before or after, a day boundary of the zone that a window of an as_of begins at."""
        day = self.pick.choice(self.as_ofs) - timedelta(days=self.pick.choice(EDGES) + self.pick.choice((-1, 0, 0, 1)))
        return self.local(day, self.pick.choice(TIMES))

    def turning(self) -> datetime:
        """An instant on the day of an as_of or on the one before."""
        day = self.pick.choice(self.as_ofs) - timedelta(days=self.pick.choice((0, 1)))
        return self.local(day, self.pick.choice(TIMES))

    def local(self, day: date, at: time = time(0)) -> datetime:
        """The instant of that local time."""
        return datetime.combine(day, at, self.zone).astimezone(UTC).replace(tzinfo=None)
