"""Limits: how near an account is to those of its plan at its peak, and when it would hit them if it went on growing."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.days import days_before, days_of
from features.families.consumption import consumption
from features.families.upgrades import LOOK_AHEAD, days_left, limit_of_all, plans, plans_held
from features.feature import Aggregate, Feature, StateSource, Unit, Value
from features.rollups.kept import rolled
from features.rollups.recipe import Rollup
from features.tables import Tables
from features.use import uses

STRETCH = 28
"""Days for which a plan limits quantity."""
STRETCHES = 3
SPAN = STRETCHES * STRETCH


def _quantities(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, stretch of 28 days with use, 0 to 2 back): its `quantity` and the plan's `most`."""
    known = rolled(tables, Rollup(uses))
    rows = known.filter(known["quantity"].notnull()).join(days_before(days_of(tables, cohort), SPAN), "day")
    rows = rows.filter(rows["known_day"] < rows["as_of"])
    stretch = ibis.cases((rows["age"] <= STRETCH, 0), (rows["age"] <= 2 * STRETCH, 1), else_=2)
    rows = rows.mutate(stretch=stretch)
    sums = rows.group_by("account_id", "as_of", "stretch").aggregate(quantity=rows["quantity"].sum())
    held = plans_held(tables, cohort)
    limits = held.group_by("account_id", "as_of").aggregate(most=limit_of_all(held, "quantity_limit"))
    return sums.join(limits.filter(limits["most"].notnull()), ["account_id", "as_of"])


def _days_left(rows: ir.Table) -> ir.Value:
    """Days until the limit of a stretch is hit, if what a stretch uses grows on as it did from the third last on."""
    last = rows["quantity"].sum(where=rows["stretch"] == 0).fill_null(0).cast("float64")
    before = rows["quantity"].sum(where=rows["stretch"] == STRETCHES - 1).fill_null(0).cast("float64")
    return days_left(rows["most"].max().cast("float64"), last, before, SPAN - STRETCH)


quantities = StateSource(
    "quantities",
    _quantities,
    (
        Aggregate("peak", lambda t: t.quantity.max().cast("float64") / t.most.max().cast("float64")),
        Aggregate("days_left", _days_left),
    ),
    table="consumption",
    columns=("quantity", "subscriptions.plan", "plans.tier", "plans.quantity_limit"),
)

_LIMITS: tuple[tuple[str, Value, Unit, str, str, str], ...] = (
    ("seats_of_limit", plans.state("limited_seats") / plans.state("seat_limit"), "share",
     "Seats paid for {moved} {value} of its plan's limit", "No limit to its seats known",
     "Seats of what is in force, on plans with a limit to them, as a share of that limit"),
    ("seat_limit_use_91d", consumption.distinct("user_id", 91) / plans.state("user_limit"), "share",
     "Everybody who used it in the last 91 days came to {value} of its plan's limit", "Its plan has no limit to users",
     "All users of the last 91 days as a share of the seat limit of its plans: the most that may have used it at a "
     "time; missing where a plan has none"),
    ("days_to_seat_limit", plans.state("days_to_seat_limit"), "days",
     "Its plan's limit to seats, at the growth of the last half-year, is {value} away",
     "Its seats do not grow towards a limit",
     f"Days until seats would reach the plan's limit at the growth of the last 182 days, at most {LOOK_AHEAD}"),
    (f"quantity_limit_peak_{SPAN}d", quantities.state("peak"), "share",
     f"Quantity used was {{value}} of its plan's limit at the peak of the last {SPAN} days",
     f"No limit to its quantity known, or none used in {SPAN} days",
     f"Quantity of the busiest of the last three stretches of 28 days ({SPAN} days) as a share of the limit of its "
     "plans; missing where one has none"),
    ("days_to_quantity_limit", quantities.state("days_left"), "days",
     "Its plan's limit to quantity, at its present growth, is {value} away",
     "Its quantity does not grow towards a limit",
     "Days until the quantity of 28 days would reach the limit of all its plans, at the growth since the stretch of "
     f"28 days that ended 56 days ago, at most {LOOK_AHEAD}"),
)  # fmt: skip
"""Name, value, unit, phrase, phrase where missing, description."""

FEATURES = tuple(
    Feature(
        name=name,
        value=value,
        unit=unit,
        idea="limits",
        rung="adoption",
        moment="advantage",
        purpose="growth",
        missing="zero" if name == "seat_limit_use_91d" else "unknown",
        phrase=phrase,
        missing_phrase=missing_phrase,
        description=description,
    )
    for name, value, unit, phrase, missing_phrase, description in _LIMITS
)
SOURCES = (quantities,)
