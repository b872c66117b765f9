"""Effort: what it takes to get help, how long the oldest request has waited, and how long ago things last failed."""

from __future__ import annotations

import ibis.expr.types as ir

from features.absence import complete
from features.events import events_of, late_day
from features.families.consumption import consumption
from features.families.interactions import interactions
from features.families.tickets import QUICK, tickets
from features.feature import Aggregate, Feature, Layer, Rung, StateSource, Unit, Value
from features.tables import Tables


def _waiting(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, ticket opened and not known to be resolved): `age`, the days since it was opened."""
    opened = events_of(complete(tables, "tickets"), "tickets", "opened_at")
    rows = cohort.join(opened.mutate(resolved_day=late_day(tables, "tickets", opened, "resolved_at")), "account_id")
    waits = ~(rows["resolved_day"] < rows["as_of"]).fill_null(False)
    rows = rows.filter((rows["known_day"] < rows["as_of"]) & waits)
    return rows.mutate(age=rows["as_of"].delta(rows["day"], unit="day"))


waiting = StateSource(
    "waiting", _waiting, (Aggregate("oldest", lambda t: t.age.max()),), table="tickets", columns=("resolved_at",)
)

_CONTACTS = interactions.total("call", 182) + interactions.total("email", 182)

_ROWS: tuple[tuple[str, Value, Unit, str, Rung, Layer, str, str, str], ...] = (
    ("contacts_per_resolved_182d", _CONTACTS / tickets.total("resolved", 182), "ratio", "support load",
     "satisfaction", "efficiency", "Calls and mails for each ticket resolved {moved} {value} over the last 182 days",
     "No ticket was resolved in the last 182 days to count calls and mails by",
     "Calls and mails of the last 182 days for each ticket resolved in them: contacts per solved issue"),
    ("quick_resolutions_share_182d", tickets.total("quick", 182) / tickets.total("resolved", 182), "share",
     "resolution", "satisfaction", "efficiency",
     "Tickets resolved within a day {moved} {value} of those resolved in the last 182 days",
     "No ticket resolved in the last 182 days, hence none within a day",
     f"Share of the tickets resolved in the last 182 days that took {QUICK} hours at most"),
    ("resolution_trend_91d",
     (tickets.total("hours", 91) / tickets.total("resolved", 91))
     / (tickets.total("hours", 91, lag=91) / tickets.total("resolved", 91, lag=91)), "share",
     "resolution", "satisfaction", "efficiency",
     "The time to resolve a ticket in the last 91 days was {value} of that in the 91 days before",
     "Too few tickets resolved in the last 91 days, or in the 91 before, to compare",
     "Mean hours to resolve a ticket in the last 91 days as a share of those in the 91 days before"),
    ("oldest_open_ticket_days", waiting.state("oldest"), "days", "resolution", "satisfaction", "efficiency",
     "Its oldest open ticket has waited for {value}", "No ticket open at present",
     "Days since the oldest ticket was opened that is not resolved"),
    ("days_since_incident", tickets.recency("incident"), "days", "reliability", "satisfaction", "base",
     "The last incident was {value} ago", "No incident so far", "Days since the last incident was opened"),
    ("days_since_error", consumption.recency("errors"), "days", "reliability", "satisfaction", "base",
     "A use last failed {value} ago", "No use failed so far", "Days since a use last ended in an error"),
    ("days_since_promise_broken", tickets.recency("broken"), "days", "promises", "trust", "base",
     "A promised date was last missed {value} ago", "No promised date missed so far",
     "Days since a promised date last passed without a resolution: trust grows in small steps from there on"),
)  # fmt: skip
"""Name, value, unit, idea, rung, layer, phrase, phrase where missing, description."""

FEATURES = tuple(
    Feature(
        name=name,
        value=value,
        unit=unit,
        idea=idea,
        rung=rung,
        layer=layer,
        purpose="service",
        actionable=not name.startswith("days_since_"),  # what is past is past
        better=None if name.startswith("days_since_") else "more" if name.startswith("quick_") else "less",
        missing="unknown" if unit == "days" else "zero",
        phrase=phrase,
        missing_phrase=missing_phrase,
        description=description,
    )
    for name, value, unit, idea, rung, layer, phrase, missing_phrase, description in _ROWS
)
SOURCES = (waiting,)
