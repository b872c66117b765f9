"""Days in words, and the days that the chances of a list are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from features.clock import Horizon

if TYPE_CHECKING:
    from serving.manifest import Record

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_text(day: date) -> str:
    """A day as people write it: `4 Mar 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def between(days: tuple[date, date]) -> str:
    """`between 15 Jan and 11 Mar 2026`: the first and the last day, the year once where it is the same."""
    first, last = days
    begins = day_text(first) if first.year != last.year else day_text(first).rpartition(" ")[0]
    return f"between {begins} and {day_text(last)}"


def asked(record: Record, as_of: date) -> Mapping[str, tuple[date, date]]:
    """By outcome of a list, the first and the last day that its chance is about.

    Nothing of one whose settings the list did not keep.
    """
    kept = record.settings.get("outcomes", {})
    found = {}
    for name in record.models:
        if name in kept:
            horizon = Horizon(kept[name]["horizon_days"], kept[name]["gap_days"])
            found[name] = (horizon.opens(as_of), horizon.closes(as_of) - timedelta(days=1))
    return found
