"""What could be seen of a company at an as_of: its rows, with everything that was not known yet taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from features.contract import CONTRACT, columns_of, dated_by, event_of, fact_of, instants_of

Row = dict[str, Any]


class Asked(NamedTuple):
    """Whom a value is asked of; what is about accounts alone looks at no product."""

    account: str
    product: str = ""


class Past:
    """The rows of every table that were known before the as_of, each as it stood there then.

    `delays` says of a table how much later than what it tells of it arrives.
    """

    def __init__(
        self,
        rows: Mapping[str, Sequence[Row]],
        timezone: str,
        as_of: date,
        delays: Mapping[str, timedelta] = MappingProxyType({}),
    ) -> None:
        self.rows, self.timezone, self.as_of = rows, timezone, as_of
        self.delays = {table: delays.get(table, timedelta(0)) for table in CONTRACT}
        self._known = {table: self._as_seen(table, rows.get(table, ())) for table in CONTRACT}
        self._found: dict[Any, Any] = {}

    def seen(self, table: str, **where: str) -> list[Row]:
        """The rows of a table that bear those values."""
        rows = self._known[table]
        for name, value in where.items():
            rows = self.once((table, name, value, id(rows)), partial(_bearing, rows, name, value))
        return rows

    def once(self, question: Any, answer: Callable[[], Any]) -> Any:
        """The answer, worked out the first time that it is asked for."""
        if question not in self._found:
            self._found[question] = answer()
        return self._found[question]

    def day(self, instant: datetime) -> date:
        """The company's own day on which an instant falls."""
        return local_day(instant, self.timezone)

    def gone(self, instant: datetime | None, days: int = 0) -> bool:
        """Whether an instant lies before the as_of (or the day so many days before it); what never came does not."""
        return instant is not None and self.day(instant) < self.as_of - timedelta(days=days)

    def heard(self, table: str, row: Row, column: str) -> bool:
        """Whether word of an instant has come."""
        return row.get(column) is not None and self.heard_day(table, row, column) < self.as_of

    def heard_day(self, table: str, row: Row, column: str) -> date:
        """The day on which word of it comes: after the table's delay, unless the row says when it was recorded."""
        instant: datetime = row[column]
        return self.day(instant if row.get("recorded_at") is not None else instant + self.delays[table])

    def ago(self, instant: datetime) -> int:
        """The days from an instant's day to the as_of: 1 for the day before."""
        return (self.as_of - self.day(instant)).days

    def known_day(self, table: str, row: Row) -> date:
        """The day on which a row that is seen became known."""
        known = known_at(table, row, self.delays[table])
        if known is None:
            raise ValueError(f"Only what is dated becomes known on a day; nothing dates this row of {table}.")
        return self.day(known)

    def _as_seen(self, table: str, rows: Sequence[Row]) -> list[Row]:
        known = [row for row in _without_repeats(table, rows, self.delays[table]) if self._is_known(table, row)]
        return [self._without_later_values(table, row) for row in known]

    def _is_known(self, table: str, row: Row) -> bool:
        """An event that happened, and was known, before the as_of; in a list, what was listed before it (or always)."""
        if event_of(table):
            return self.gone(known_at(table, row, self.delays[table]))
        listed = [row[column] for column in instants_of(table, "planned") if row.get(column) is not None]
        return all(self.gone(instant) for instant in listed)

    def _without_later_values(self, table: str, row: Row) -> Row:
        """A column that is filled in later shows only once word of it, or of the notice of it, came before the as_of.

        What is filled in together with it shows together with it.
        """
        shown: Row = dict.fromkeys(columns_of(table)) | row
        for column in instants_of(table, "late"):
            notice = fact_of(table, column, "notice")
            if not self.heard(table, row, column) and not (notice and self.heard(table, row, notice)):
                shown[column] = None
        for column in columns_of(table):
            with_it = fact_of(table, column, "late_with")
            if with_it and shown[with_it] is None:
                shown[column] = None
        return shown


def _bearing(rows: list[Row], name: str, value: str) -> list[Row]:
    return [row for row in rows if row[name] == value]


@cache
def local_day(instant: datetime, timezone: str) -> date:
    """The day on which an instant (naive, UTC) falls in a time zone."""
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()


def known_at(table: str, row: Row, delay: timedelta) -> datetime | None:
    """When a row could be known: when it was recorded (or after the table's delay), never before it happened.

    None where nothing dates it.
    """
    dates = [row[column] for column in event_of(table) if row.get(column) is not None]
    if not dates:
        return None
    event: datetime = min(dates) if dated_by(table) == "earliest" else max(dates)
    return max(event, row.get("recorded_at") or event + delay)


def _without_repeats(table: str, rows: Sequence[Row], delay: timedelta) -> list[Row]:
    """Of the rows that bear the same `event_id` only the one known first; of those known at once the least."""

    def order(row: Row) -> tuple[Any, ...]:
        values = (known_at(table, row, delay), *(row.get(column) for column in columns_of(table)))
        return tuple((value is None, value) for value in values)

    first: dict[Any, Row] = {}
    for number, row in enumerate(rows):
        name = row.get("event_id") or number
        first[name] = min(first.get(name, row), row, key=order)
    return list(first.values())
