"""Consumption: how much, how often, how lately and with what success an account uses what it pays for."""

from __future__ import annotations

import ibis.expr.types as ir

from features.events import events_of
from features.feature import DAYS, EventSource, Feature, Fold, Measure, Unit
from features.flags import flag
from features.tables import Tables
from features.use import of_those, uses

WINDOWS = (7, 28, 91, 182, 364)
"""The looking-back windows in days: a week, four, a quarter, half a year, and a year, without which everybody who uses
rarely looks the same."""


def _rows(tables: Tables) -> ir.Table:
    """One row a use, with `week`, the Monday on or before its day."""
    rows = events_of(tables, "consumption")
    return rows.mutate(week=rows["day"].truncate("W"))


def _folded(_: Tables, days: ir.Table) -> ir.Table:
    """The days of use with `week` and, where products are named, the events `of_products`."""
    days = days.mutate(week=days["day"].truncate("W"))
    return days.mutate(of_products=of_those(days["product"].notnull(), days)) if "product" in days.columns else days


consumption = EventSource(
    "consumption",
    _rows,
    (*uses.measures, Measure("of_products", lambda t: flag(t.product.notnull()), ("product",))),
    table="consumption",
    entities=("user_id", "product", "week"),
    fold=Fold(uses, _folded),
)

_HOW_OFTEN = tuple(
    Feature(
        name=f"active_days_{days}d",
        value=consumption.total(DAYS, days),
        unit="count",
        idea="use",
        rung="consumption",
        purpose="retention",
        actionable=days <= 91,  # what was half a year ago stays as it was
        phrase=f"Active days {{moved}} {{value}} in the last {days}",
        description=f"Days with any use in the last {days}",
    )
    for days in WINDOWS
)

_HOW_MUCH = tuple(
    Feature(
        name=f"events_{days}d",
        value=consumption.total("events", days),
        unit="count",
        idea="use",
        rung="consumption",
        purpose="retention",
        actionable=True,
        phrase=f"Uses {{moved}} {{value}} in the last {days} days",
        description=f"Events of use in the last {days} days",
    )
    for days in (28, 91)
)

_DIRECTION = tuple(
    Feature(
        name=f"{name}_trend_{days}d",
        value=consumption.total(measure, days) / consumption.total(measure, days, lag=days),
        unit="share",
        idea=idea,
        rung="consumption",
        purpose="retention",
        actionable=idea != "value",  # what use is worth follows from the use
        phrase=f"{what} in the last {days} days {was} in the {days} days before",
        missing_phrase=f"No {what.lower()} in the {days} days before the last {days} to compare with",
        description=f"{what} in the last {days} days beside the {days} days before",
    )
    for name, measure, what, was, idea, days in (
        ("active_days", DAYS, "Active days", "were {value} of those", "use trend", 28),
        ("active_days", DAYS, "Active days", "were {value} of those", "use trend", 91),
        ("events", "events", "Use", "was {value} of that", "use trend", 28),
        ("quantity", "quantity", "Quantity used", "was {value} of that", "value", 28),
        ("value", "value", "Value of use", "was {value} of that", "value", 91),
    )
)

_HOW_LATELY = (
    Feature(
        name="days_since_use",
        value=consumption.recency(DAYS),
        unit="days",
        idea="use",
        rung="consumption",
        purpose="retention",
        actionable=True,
        phrase="Last used {value} ago",
        missing_phrase="Not used so far",
        description="Days since the last use",
    ),
    Feature(
        name="events_per_active_day_28d",
        value=consumption.total("events", 28) / consumption.total(DAYS, 28),
        unit="ratio",
        idea="use",
        rung="consumption",
        purpose="retention",
        better="more",
        phrase="Uses on an active day {moved} {value} over the last 28 days",
        missing_phrase="No use in the last 28 days",
        description="Events of use per active day, over the last 28 days",
    ),
)

_WITH_WHAT_SUCCESS = tuple(
    Feature(
        name=f"error_share_{days}d",
        value=consumption.total("errors", days) / consumption.total("events", days),
        unit="share",
        idea="reliability",
        rung="satisfaction",
        layer="base",
        purpose="service",
        actionable=True,
        phrase=f"Errors {{moved}} {{value}} of all uses in the last {days} days",
        missing_phrase=f"No use in the last {days} days, hence no error rate",
        description=f"Share of uses that ended in an error, in the last {days} days",
    )
    for days in (28, 91)
)

_SUCCESS_TREND = (
    Feature(
        name="error_trend_28d",
        value=consumption.total("errors", 28) / consumption.total("errors", 28, lag=28),
        unit="share",
        idea="reliability",
        rung="satisfaction",
        layer="base",
        purpose="service",
        actionable=True,
        phrase="Errors in the last 28 days were {value} of those in the 28 days before",
        missing_phrase="No errors in the 28 days before the last 28 to compare with",
        description="Errors in the last 28 days as a share of those in the 28 days before",
    ),
)

_WORTHS: tuple[tuple[str, Unit, str, tuple[int, ...]], ...] = (
    ("value", "money", "Value of use", (28, 91, 364)),
    ("quantity", "quantity", "Quantity used", (28,)),
)

_WORTH = tuple(
    Feature(
        name=f"{measure}_{days}d",
        value=consumption.total(measure, days),
        unit=unit,
        idea="value",
        rung="consumption",
        purpose="retention",
        phrase=f"{what} {{moved}} {{value}} in the last {days} days",
        description=f"{what} in the last {days} days",
    )
    for measure, unit, what, windows in _WORTHS
    for days in windows
)

FEATURES = (*_HOW_OFTEN, *_HOW_MUCH, *_DIRECTION, *_HOW_LATELY, *_WITH_WHAT_SUCCESS, *_SUCCESS_TREND, *_WORTH)
SOURCES = (consumption,)
