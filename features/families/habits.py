"""Habits: an account beside its own past, as far as that was known, and how regularly it uses what it has.

What is much for one account is little for another. Here each is held against itself: the last four weeks against the
mean of its earlier ones, the pause since its last use against its usual pause.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.cohort import known_then
from features.days import days_of
from features.families.consumption import consumption
from features.families.satisfaction import satisfaction
from features.families.tickets import tickets
from features.feature import DAYS, Aggregate, Feature, StateSource, Value
from features.tables import Tables
from features.use import first_days_used

STRETCH = 28
"""Days that are held against earlier stretches of as many."""
YEAR = 364
"""Days back to which the past of an account is looked at: thirteen stretches."""
EARLIER = YEAR - STRETCH
"""The days of the year before the last stretch."""
FEWEST = 2
"""Earlier stretches without which nothing is usual."""


def _since_first_use(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of) of an account whose use was known of: `age`, the days since the first of it.

    `to_first_use` counts the days from signing up to it, of accounts that signed up when use was already recorded.
    """
    first, days = first_days_used(tables), days_of(tables, cohort)
    by_knowledge = first.group_by("known_day").aggregate(day=first["day"].min()).cross_join(days)
    by_knowledge = by_knowledge.filter(by_knowledge["known_day"] < by_knowledge["as_of"])
    begin = by_knowledge.group_by("as_of").aggregate(begin=by_knowledge["day"].min())
    rows = cohort.join(first, "account_id")
    rows = rows.filter(rows["known_day"] < rows["as_of"])
    rows = rows.group_by("account_id", "as_of").aggregate(first_day=rows["day"].min()).join(begin, "as_of")
    versions = known_then(tables, days).select("account_id", "as_of", "signed_up_day")
    rows = rows.left_join(versions, ["account_id", "as_of"])
    to_first_use = ibis.greatest(rows["first_day"].delta(rows["signed_up_day"], unit="day"), 0)
    return rows.select(
        "account_id",
        "as_of",
        age=rows["as_of"].delta(rows["first_day"], unit="day"),
        to_first_use=ibis.ifelse(rows["signed_up_day"] >= rows["begin"], to_first_use, ibis.null("int64")),
    )


def _stretches(rows: ir.Table) -> ir.Value:
    """How many stretches of the year before the last one the account was there for; missing where too few."""
    earlier = ibis.least(rows["age"], YEAR) - STRETCH
    return ibis.ifelse(earlier >= FEWEST * STRETCH, earlier, ibis.null("int64")).max().cast("float64") / STRETCH


past = StateSource(
    "past",
    _since_first_use,
    (
        Aggregate("days", lambda t: ibis.least(t.age, YEAR).max()),
        Aggregate("stretches", _stretches),
        Aggregate("to_first_use", lambda t: t.to_first_use.max()),
    ),
    table="consumption",
)


def _usual(total: Value) -> Value:
    """The mean stretch of the year before the last one, from its total."""
    return total / past.state("stretches")


_SELF: tuple[tuple[str, Value, str, str, str], ...] = (
    (
        "use",
        consumption.total("events", STRETCH) / _usual(consumption.total("events", EARLIER, lag=STRETCH)),
        "Use",
        "was",
        "use trend",
    ),
    (
        "active_days",
        consumption.total(DAYS, STRETCH) / _usual(consumption.total(DAYS, EARLIER, lag=STRETCH)),
        "Active days",
        "were",
        "use trend",
    ),
    (
        "value",
        consumption.total("value", STRETCH) / _usual(consumption.total("value", EARLIER, lag=STRETCH)),
        "Value of use",
        "was",
        "value",
    ),
)
"""Name, value, what it is, the verb, idea."""

_BESIDE_ITSELF = tuple(
    Feature(
        name=f"{name}_beside_usual_{EARLIER}d",
        value=value,
        unit="share",
        idea=idea,
        rung="consumption",
        purpose="retention",
        actionable=idea != "value",  # what use is worth follows from the use
        phrase=f"{what} in the last {STRETCH} days {was} {{value}} of its average in the {EARLIER} days before",
        missing_phrase=f"{what}: too short a past, or none, to know what is usual for it in {EARLIER} days",
        description=f"{what} in the last {STRETCH} days as a share of the account's own mean over stretches of "
        f"{STRETCH} days in the {EARLIER} days before, as far as it was known then",
    )
    for name, value, what, was, idea in _SELF
)

_EXPERIENCE = (
    Feature(
        name=f"errors_beside_usual_{EARLIER}d",
        value=(consumption.total("errors", STRETCH) / consumption.total("events", STRETCH))
        / (consumption.total("errors", EARLIER, lag=STRETCH) / consumption.total("events", EARLIER, lag=STRETCH)),
        unit="share",
        idea="reliability",
        rung="satisfaction",
        layer="base",
        purpose="service",
        actionable=True,
        phrase=f"The share of uses that failed was, in the last {STRETCH} days, {{value}} of its average in the "
        f"{EARLIER} days before",
        missing_phrase=f"No use lately, or no errors in the {EARLIER} days before, to compare errors with",
        description=f"Share of errors in the last {STRETCH} days beside the account's own in the {EARLIER} days before",
    ),
    Feature(
        name=f"tickets_beside_usual_{EARLIER}d",
        value=tickets.total("opened", STRETCH) / _usual(tickets.total("opened", EARLIER, lag=STRETCH)),
        unit="share",
        idea="support load",
        rung="satisfaction",
        layer="efficiency",
        purpose="service",
        actionable=True,
        phrase=f"Tickets opened in the last {STRETCH} days were {{value}} of its average in the {EARLIER} days before",
        missing_phrase=f"No tickets in the {EARLIER} days before the last {STRETCH} to compare with",
        description=f"Tickets opened in the last {STRETCH} days as a share of the account's own mean over stretches "
        f"of {STRETCH} days in the {EARLIER} days before",
    ),
    Feature(
        name="satisfaction_beside_usual_273d",
        value=satisfaction.total("points", 91) / satisfaction.total("answers", 91)
        - satisfaction.total("points", 273, lag=91) / satisfaction.total("answers", 273, lag=91),
        unit="points",
        idea="answers",
        rung="satisfaction",
        purpose="retention",
        actionable=True,
        phrase="Between the 273 days before and the last 91, satisfaction changed by {value} of 100 points",
        missing_phrase="No satisfaction answers of the last 91 days and of those before to compare",
        description="Mean points of the last 91 days less the account's own mean of the 273 days before",
    ),
)

_RHYTHM = (
    Feature(
        name=f"pause_beside_usual_{YEAR}d",
        value=consumption.recency(DAYS) / (past.state("days") / consumption.total(DAYS, YEAR)),
        unit="ratio",
        idea="rhythm",
        rung="consumption",
        purpose="retention",
        actionable=True,
        phrase=f"The pause since its last use is {{value}} times its mean pause of the last {YEAR} days",
        missing_phrase=f"No use in the last {YEAR} days, hence no usual pause",
        description=f"Days since the last use beside the account's own mean number of days from one active day to the "
        f"next over the last {YEAR} (recency by inter-purchase time)",
    ),
    Feature(
        name="active_weeks_91d",
        value=consumption.distinct("week", 91),
        unit="count",
        idea="rhythm",
        rung="consumption",
        purpose="retention",
        better="more",
        actionable=True,
        phrase="Weeks with any use {moved} {value} in the last 91 days",
        description="Weeks, from Monday on, with any use in the last 91 days",
    ),
)

_VALUE = (
    Feature(
        name="days_to_first_use",
        value=past.state("to_first_use"),
        unit="days",
        idea="getting started",
        rung="adoption",
        layer="efficiency",
        moment="quick_start",
        purpose="service",
        better="less",
        missing="unknown",
        phrase="From signing up to its first use it took {value}",
        missing_phrase="Not used so far, or signed up before use was recorded",
        description="Days from signing up to the first use: time to value",
    ),
)

FEATURES = (*_BESIDE_ITSELF, *_EXPERIENCE, *_RHYTHM, *_VALUE)
SOURCES = (past,)
