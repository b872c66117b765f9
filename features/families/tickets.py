"""Tickets: how much help an account needs, how fast it gets it, and whether what was promised was kept."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.absence import complete
from features.events import events_of, missed
from features.families.consumption import consumption
from features.feature import EventSource, Feature, Layer, Measure
from features.flags import flag
from features.tables import Tables

SEVERE = ("1", "p1", "s1", "sev1", "blocker", "critical", "high", "severe", "urgent")
"""Words for a high severity, in small letters: companies have no common scale."""


QUICK = 24
"""Hours within which a resolution spares the customer from coming back to it."""


def _rows(tables: Tables) -> ir.Table:
    """One row an instant of a ticket, named by `what`, so that nothing counts before its own instant.

    `opened`; `resolved`; `broken`, on the day for which it was promised, where it was not resolved by then. (A later
    resolution does not change that it was broken, so that the past stays as it was.)
    """
    tables = complete(tables, "tickets")
    opened = events_of(tables, "tickets", "opened_at")
    resolved = events_of(tables, "tickets", "resolved_at")
    broken = missed(tables, "tickets", by="promised_by", kept="resolved_at")
    parts = {"opened": opened, "resolved": resolved, "broken": broken}
    return ibis.union(*(rows.mutate(what=ibis.literal(what)) for what, rows in parts.items()))


def _opened(kind: str) -> Measure:
    return Measure(kind, lambda t: flag((t.what == "opened") & (t.kind == kind)), ("kind",))


def _hours(rows: ir.Table) -> ir.Value:
    """From opening to resolution, in whole seconds, as hours to a millionth."""
    seconds = rows["resolved_at"].delta(rows["opened_at"], unit="second")
    hours = (seconds / 3600).cast("decimal(18, 6)")
    return ibis.ifelse(rows["what"] == "resolved", hours, ibis.literal(0).cast("decimal(18, 6)"))


KINDS = ("incident", "how_to", "billing", "complaint", "request")

tickets = EventSource(
    "tickets",
    _rows,
    (
        Measure("opened", lambda t: flag(t.what == "opened")),
        *(_opened(kind) for kind in KINDS),
        Measure(
            "severe",
            lambda t: flag((t.what == "opened") & t.severity.lower().strip().isin(SEVERE)),
            ("severity",),
        ),
        Measure("resolved", lambda t: flag(t.what == "resolved"), ("resolved_at",)),
        Measure("hours", _hours, ("resolved_at",)),
        Measure("quick", lambda t: flag((t.what == "resolved") & (_hours(t) <= QUICK)), ("resolved_at",)),
        Measure("reopened", lambda t: flag((t.what == "resolved") & t.reopened), ("resolved_at", "reopened")),
        Measure("broken", lambda t: flag(t.what == "broken"), ("promised_by", "resolved_at")),
        Measure(
            "kept",
            lambda t: flag((t.what == "resolved") & (t.resolved_at <= t.promised_by)),
            ("promised_by", "resolved_at"),
        ),
        Measure(
            "made_good",
            lambda t: flag((t.what == "resolved") & (t.resolved_at > t.promised_by)),
            ("promised_by", "resolved_at"),
        ),
    ),
    table="tickets",
)

_LOAD = tuple(
    Feature(
        name=f"tickets_{days}d",
        value=tickets.total("opened", days),
        unit="count",
        idea="support load",
        rung="satisfaction",
        layer="efficiency",
        purpose="service",
        actionable=True,
        phrase=f"Tickets opened {{moved}} {{value}} in the last {days} days",
        description=f"Requests for help in the last {days} days",
    )
    for days in (28, 91)
)

_KINDS: tuple[tuple[str, str, str, str, Layer | None], ...] = (
    ("incident", "incidents", "Incidents", "reliability", "base"),
    ("how_to", "how_to_tickets", "Questions of how to do something", "support load", "efficiency"),
    ("billing", "billing_tickets", "Tickets about bills", "price", "base"),
    ("complaint", "complaints", "Complaints", "answers", "base"),
    ("request", "requests", "Requests for something new", "support load", None),
    ("severe", "severe_tickets", "Severe tickets", "reliability", "base"),
)

_BY_KIND = tuple(
    Feature(
        name=f"{name}_91d",
        value=tickets.total(measure, 91),
        unit="count",
        idea=idea,
        rung="satisfaction",
        layer=layer,
        purpose="service",
        actionable=True,
        phrase=f"{what} {{moved}} {{value}} in the last 91 days",
        description=f"{what} opened in the last 91 days",
    )
    for measure, name, what, idea, layer in _KINDS
)

_EFFORT = (
    Feature(
        name="tickets_per_active_day_91d",
        value=tickets.total("opened", 91) / consumption.total("days", 91),
        unit="ratio",
        idea="support load",
        rung="satisfaction",
        layer="efficiency",
        purpose="service",
        actionable=True,
        phrase="Tickets for each active day {moved} {value} over the last 91 days",
        missing_phrase="No active day in the last 91",
        description="Tickets opened in the last 91 days for each day of use",
    ),
    Feature(
        name="resolution_hours_182d",
        value=tickets.total("hours", 182) / tickets.total("resolved", 182),
        unit="hours",
        idea="resolution",
        rung="satisfaction",
        layer="efficiency",
        purpose="service",
        actionable=True,
        phrase="The time to resolve a ticket {moved} {value} over the last 182 days",
        missing_phrase="No ticket resolved in the last 182 days",
        description="Mean hours from opening to resolution, of the tickets resolved in the last 182 days",
    ),
    Feature(
        name="reopened_share_182d",
        value=tickets.total("reopened", 182) / tickets.total("resolved", 182),
        unit="share",
        idea="resolution",
        rung="satisfaction",
        layer="efficiency",
        purpose="service",
        actionable=True,
        phrase="Tickets that had to be opened again {moved} {value} of those resolved in the last 182 days",
        missing_phrase="No ticket resolved in the last 182 days, hence none opened again",
        description="Share of the tickets resolved in the last 182 days that had to be opened again",
    ),
    Feature(
        name="tickets_open",
        value=tickets.total("opened", None) - tickets.total("resolved", None),
        unit="count",
        idea="resolution",
        rung="satisfaction",
        layer="efficiency",
        purpose="service",
        better="less",
        actionable=True,
        phrase="Open tickets {moved} {value}",
        description="Tickets opened and not resolved so far",
    ),
)


_PROMISES = (
    Feature(
        name="promises_kept_share_182d",
        value=tickets.total("kept", 182) / (tickets.total("kept", 182) + tickets.total("broken", 182)),
        unit="share",
        idea="promises",
        rung="trust",
        layer="base",
        purpose="service",
        actionable=True,
        phrase="Promised dates kept {moved} {value} of all in the last 182 days",
        missing_phrase="No promised date fell due in the last 182 days",
        description="Share of the promised dates of the last 182 days by which the ticket was resolved",
    ),
    Feature(
        name="promises_broken_91d",
        value=tickets.total("broken", 91),
        unit="count",
        idea="promises",
        rung="trust",
        layer="base",
        purpose="service",
        actionable=True,
        phrase="Promised dates missed {moved} {value} in the last 91 days",
        description="Promised dates that passed in the last 91 days without a resolution",
    ),
    Feature(
        name="promises_overdue",
        value=tickets.total("broken", None) - tickets.total("made_good", None),
        unit="count",
        idea="promises",
        rung="trust",
        layer="base",
        purpose="service",
        actionable=True,
        phrase="Tickets past their promised date and still open {moved} {value}",
        description="Tickets whose promised date has passed and that are not resolved so far",
    ),
)

FEATURES = (*_LOAD, *_BY_KIND, *_EFFORT, *_PROMISES)
SOURCES = (tickets,)
