"""Which days the data covers: where it begins, where it ends, and which instants lie beyond its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

APART_DAYS = 30
"""Event days that lie further apart than this belong to different bunches."""
FEW = 20
"""A later bunch is isolated if it holds at most one event day for so many earlier ones."""
FAR_DAYS = 366
"""... or if it lies further away than this and than everything before it is long."""


def last_connected(days: Sequence[date]) -> date:
    """The last event day that is not part of an isolated bunch.

    `days` are the different event days, in order. Two neighbours more than 30 days apart part them into bunches. A
    bunch, with all that follows it, is isolated if it holds at most one event day for every twenty before it, or if it
    lies more than a year and further away than everything before it is long (a date of 2099 in a handful of rows).
    """
    for position in range(1, len(days)):
        apart = (days[position] - days[position - 1]).days
        if apart <= APART_DAYS:
            continue
        few = (len(days) - position) * FEW <= position
        span_before = (days[position - 1] - days[0]).days
        if few or apart > max(FAR_DAYS, span_before):
            return days[position - 1]
    return days[-1]
