"""Milestones: how far and how fast an account got up and running."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.absence import complete
from features.events import events_of, missed
from features.feature import Aggregate, EventSource, Feature, Measure, StateSource
from features.flags import flag
from features.tables import Tables


def _rows(tables: Tables) -> ir.Table:
    """One row an instant of a milestone, named by `what`.

    `reached`; `missed`, on the day on which it was due, where it was not reached by then.
    """
    tables = complete(tables, "milestones")
    reached = events_of(tables, "milestones", "reached_at")
    overdue = missed(tables, "milestones", by="due_at", kept="reached_at")
    return reached.mutate(what=ibis.literal("reached")).union(overdue.mutate(what=ibis.literal("missed")))


milestones = EventSource(
    "milestones",
    _rows,
    (
        Measure("reached", lambda t: flag(t.what == "reached"), ("reached_at",)),
        Measure("missed", lambda t: flag(t.what == "missed"), ("due_at", "reached_at")),
        Measure(
            "in_time", lambda t: flag((t.what == "reached") & (t.reached_at <= t.due_at)), ("due_at", "reached_at")
        ),
        Measure(
            "caught_up", lambda t: flag((t.what == "reached") & (t.reached_at > t.due_at)), ("due_at", "reached_at")
        ),
    ),
    table="milestones",
)


def _steps(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, milestone reached before it): `day` and `signed_up_day`.

    Where versions of an account differ in when it signed up, the earliest counts; a milestone may be reached before it.
    """
    steps = events_of(complete(tables, "milestones"), "milestones", "reached_at")
    accounts = events_of(tables, "accounts", "signed_up_at")
    known = cohort.join(accounts.select("account_id", signed_up_day="day", signup_known="known_day"), "account_id")
    known = known.filter(known["signup_known"] < known["as_of"])
    known = known.group_by("account_id", "as_of").aggregate(signed_up_day=known["signed_up_day"].min())
    seen = known.join(steps.select("account_id", "day", "known_day"), "account_id")
    return seen.filter(seen["known_day"] < seen["as_of"])


onboarding = StateSource(
    "onboarding",
    _steps,
    (
        Aggregate("days_to_first", lambda t: t.day.delta(t.signed_up_day, unit="day").min()),
        Aggregate("in_first_28_days", lambda t: t.count(where=t.day.delta(t.signed_up_day, unit="day") < 28)),
    ),
    table="milestones",
    columns=("reached_at", "accounts.signed_up_at"),
)


# Those of all time are mostly steps of long ago, which nobody takes any more: they stay as they are.
_REACHED = (
    Feature(
        name="milestones_reached",
        value=milestones.total("reached", None),
        unit="count",
        idea="getting started",
        rung="adoption",
        moment="quick_start",
        purpose="service",
        phrase="Milestones of getting started that were reached {moved} {value}",
        description="Milestones reached so far",
    ),
    Feature(
        name="milestones_reached_91d",
        value=milestones.total("reached", 91),
        unit="count",
        idea="getting started",
        rung="adoption",
        moment="quick_start",
        purpose="service",
        actionable=True,
        phrase="Milestones reached {moved} {value} in the last 91 days",
        description="Milestones reached in the last 91 days",
    ),
    Feature(
        name="milestones_overdue",
        value=milestones.total("missed", None) - milestones.total("caught_up", None),
        unit="count",
        idea="getting started",
        rung="adoption",
        layer="base",
        moment="quick_start",
        purpose="service",
        actionable=True,
        phrase="Milestones past their date and not reached {moved} {value}",
        description="Milestones that fell due and are not reached so far",
    ),
    Feature(
        name="milestones_reached_share",
        value=milestones.total("reached", None)
        / (milestones.total("reached", None) + milestones.total("missed", None) - milestones.total("caught_up", None)),
        unit="share",
        idea="getting started",
        rung="adoption",
        moment="quick_start",
        purpose="service",
        better="more",
        phrase="Milestones reached {moved} {value} of those that were reached or fell due",
        missing_phrase="No milestone was reached or fell due so far",
        description="Share of the milestones reached or due so far that are reached",
    ),
    Feature(
        name="milestones_in_time_share",
        value=milestones.total("in_time", None)
        / (milestones.total("in_time", None) + milestones.total("missed", None)),
        unit="share",
        idea="getting started",
        rung="trust",
        layer="base",
        moment="quick_start",
        purpose="service",
        phrase="Milestones reached by their date {moved} {value} of all",
        missing_phrase="No milestone was due so far",
        description="Share of the milestones that were reached by their date, of those reached by it or past it",
    ),
)

_PACE = (
    Feature(
        name="days_to_first_milestone",
        value=onboarding.state("days_to_first"),
        unit="days",
        idea="getting started",
        rung="adoption",
        layer="efficiency",
        moment="quick_start",
        purpose="service",
        better="less",
        missing="unknown",
        phrase="From signing up to the first milestone it took {value}",
        missing_phrase="No milestone reached so far",
        description="Days from signing up to the first milestone reached",
    ),
    Feature(
        name="early_milestones",
        value=onboarding.state("in_first_28_days"),
        unit="count",
        idea="getting started",
        rung="adoption",
        layer="efficiency",
        moment="quick_start",
        purpose="service",
        better="more",
        missing="unknown",
        phrase="Milestones reached in the first 28 days after signing up: {value}",
        missing_phrase="No milestone reached yet",
        description="Milestones reached in the first 28 days after signing up",
    ),
    Feature(
        name="days_since_milestone",
        value=milestones.recency("reached"),
        unit="days",
        idea="getting started",
        rung="adoption",
        moment="quick_start",
        purpose="service",
        missing="unknown",
        phrase="The last milestone was reached {value} ago",
        missing_phrase="No milestone reached until now",
        description="Days since the last milestone was reached",
    ),
)

FEATURES = (*_REACHED, *_PACE)
SOURCES = (milestones, onboarding)
