"""Offers: what an account was approached with, and what it made of it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.absence import complete
from features.events import events_of
from features.feature import EventSource, Feature, Key, Measure, Purpose, Rung
from features.flags import flag
from features.tables import Tables


def offer_instants(tables: Tables) -> ir.Table:
    """One row an instant of an offer, named by `what`: `made` and, once there was an answer, `answered`.

    `product` is the offer's target, missing where it has none.
    """
    tables = complete(tables, "offers")
    made = events_of(tables, "offers", "offered_at").mutate(what=ibis.literal("made"))
    answered = events_of(tables, "offers", "responded_at").mutate(what=ibis.literal("answered"))
    return made.union(answered).rename(product="target")


def _kind(kind: str) -> Measure:
    return Measure(f"made_{kind}", lambda t: flag((t.what == "made") & (t.kind == kind)))


KINDS = ("upgrade", "adoption", "retention")


def offer_source(name: str, keys: tuple[Key, ...]) -> EventSource:
    """The offers of an account, of a product, or of an account for a product."""
    return EventSource(
        name,
        offer_instants,
        (
            Measure("made", lambda t: flag(t.what == "made")),
            *(_kind(kind) for kind in KINDS),
            Measure("answered", lambda t: flag(t.what == "answered"), ("responded_at",)),
            Measure("accepted", lambda t: flag((t.what == "answered") & t.accepted), ("responded_at", "accepted")),
            Measure("declined", lambda t: flag((t.what == "answered") & ~t.accepted), ("responded_at", "accepted")),
        ),
        table="offers",
        columns=("target",) if "product" in keys else (),
        keys=keys,
    )


offers = offer_source("offers", ("account_id",))

_TOLD: tuple[tuple[str, str, str, Rung, Purpose], ...] = (
    ("made", "offers", "Offers received", "adoption", "growth"),
    ("made_retention", "retention_offers", "Offers meant to keep it", "loyalty", "retention"),
    ("accepted", "offers_accepted", "Offers accepted", "adoption", "growth"),
    ("declined", "offers_declined", "Offers declined", "trust", "growth"),
)

_MADE = tuple(
    Feature(
        name=f"{name}_182d",
        value=offers.total(measure, 182),
        unit="count",
        idea="offers",
        rung=rung,
        purpose=purpose,
        actionable=measure.startswith("made"),  # what it answered is its own
        phrase=f"{what} {{moved}} {{value}} in the last 182 days",
        description=f"{what} in the last 182 days",
    )
    for measure, name, what, rung, purpose in _TOLD
)

_ANSWERS = (
    Feature(
        name="offers_accepted_share",
        value=offers.total("accepted", None) / offers.total("made", None),
        unit="share",
        idea="offers",
        rung="trust",
        purpose="growth",
        phrase="Offers accepted {moved} {value} of all that it received",
        missing_phrase="No offer received so far",
        description="Share of all offers received so far that were accepted",
    ),
    Feature(
        name="days_since_offer",
        value=offers.recency("made"),
        unit="days",
        idea="offers",
        rung="adoption",
        purpose="growth",
        actionable=True,
        missing="unknown",
        phrase="The last offer was made {value} ago",
        missing_phrase="No offer made so far",
        description="Days since the last offer",
    ),
)

FEATURES = (*_MADE, *_ANSWERS)
SOURCES = (offers,)
