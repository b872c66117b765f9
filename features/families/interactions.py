"""Interactions: how much attention an account gets and gives, and whether it speaks for us."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.events import events_of
from features.feature import DAYS, EventSource, Feature, Layer, Measure, Rung
from features.flags import flag
from features.tables import Tables

INBOUND = ("in", "inbound", "incoming", "from_customer")
"""Words for a contact that the customer began, in small letters."""


def _rows(tables: Tables) -> ir.Table:
    return events_of(tables, "interactions")


def _of(kind: str) -> Measure:
    return Measure(kind, lambda t: flag(t.kind == kind))


KINDS = ("meeting", "call", "email", "review", "referral", "advocacy", "community")

interactions = EventSource(
    "interactions",
    _rows,
    (
        Measure("contacts", lambda _: ibis.literal(1)),
        *(_of(kind) for kind in KINDS),
        Measure("praise", lambda t: flag(t.kind.isin(("referral", "advocacy")))),
        Measure(
            "inbound",
            lambda t: flag(t.direction.lower().strip().isin(INBOUND)),
            ("direction",),
        ),
    ),
    table="interactions",
    by_day=True,
)

_ATTENTION = tuple(
    Feature(
        name=f"{name}_{days}d",
        value=interactions.total(measure, days),
        unit="count",
        idea="attention",
        rung="satisfaction",
        purpose="service",
        actionable=True,
        better="more" if measure in ("meeting", "review") else None,  # a call may be of either kind
        phrase=f"{what} {{moved}} {{value}} in the last {days} days",
        description=f"{what} in the last {days} days",
    )
    for measure, name, what, days in (
        ("contacts", "contacts", "Contacts of any kind", 91),
        ("meeting", "meetings", "Meetings", 91),
        ("call", "calls", "Calls", 91),
        ("review", "reviews", "Business reviews", 182),
    )
)

_VOICES: tuple[tuple[str, str, str, Rung, Layer | None], ...] = (
    ("referral", "referrals", "Referrals of others", "loyalty", "joy"),
    ("advocacy", "advocacy", "Times it spoke for us in public", "trust", "joy"),
    ("community", "community", "Contributions to the community", "loyalty", None),
)

_ADVOCACY = tuple(
    Feature(
        name=f"{name}_182d",
        value=interactions.total(measure, 182),
        unit="count",
        idea="advocacy",
        rung=rung,
        layer=layer,
        purpose="growth",
        phrase=f"{what} {{moved}} {{value}} in the last 182 days",
        description=f"{what} in the last 182 days",
    )
    for measure, name, what, rung, layer in _VOICES
)

_SHARE = (
    Feature(
        name="referrals",
        value=interactions.total("referral", None),
        unit="count",
        idea="advocacy",
        rung="loyalty",
        layer="joy",
        purpose="growth",
        phrase="Referrals of others so far {moved} {value}",
        description="Referrals of others so far",
    ),
    Feature(
        name="days_since_praise",
        value=interactions.recency("praise"),
        unit="days",
        idea="advocacy",
        rung="loyalty",
        layer="joy",
        purpose="growth",
        missing="unknown",
        phrase="It last referred others or spoke for us {value} ago",
        missing_phrase="It has not referred others or spoken for us so far",
        description="Days since it last referred others or spoke for us in public",
    ),
    Feature(
        name="inbound_share_91d",
        value=interactions.total("inbound", 91) / interactions.total("contacts", 91),
        unit="share",
        idea="attention",
        rung="trust",
        purpose="service",
        phrase="Contacts that the customer began {moved} {value} of all in the last 91 days",
        missing_phrase="No contact in the last 91 days",
        description="Share of the last 91 days' contacts that the customer began",
    ),
)

_RECENCY = tuple(
    Feature(
        name=f"days_since_{name}",
        value=interactions.recency(measure),
        unit="days",
        idea="attention",
        rung="satisfaction",
        purpose="service",
        actionable=True,
        better="less",
        missing="unknown",
        phrase=f"The last {what} was {{value}} ago",
        missing_phrase=f"No {what} so far",
        description=f"Days since the last {what}",
    )
    for measure, name, what in ((DAYS, "contact", "contact"), ("meeting", "meeting", "meeting"))
)

FEATURES = (*_ATTENTION, *_ADVOCACY, *_SHARE, *_RECENCY)
SOURCES = (interactions,)
