"""Accessories: what is attached to the product, and whether what worked before would still work on a higher plan."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.events import events_of
from features.families.absence import complete
from features.families.flags import flag
from features.families.upgrades import open_above
from features.feature import Aggregate, EventSource, Feature, Measure, StateSource
from features.tables import Tables


def _attached(tables: Tables) -> ir.Table:
    """One row an instant of an accessory: `attached` and, later, `detached`."""
    tables = complete(tables, "accessories")
    attached = events_of(tables, "accessories", "attached_at").mutate(what=ibis.literal("attached"))
    detached = events_of(tables, "accessories", "detached_at").mutate(what=ibis.literal("detached"))
    return attached.union(detached)


def _fits(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, accessory attached, plan above) whose compatibility was known: `fits`."""
    rows = events_of(complete(tables, "accessories"), "accessories", "attached_at")
    rows = cohort.join(rows.mutate(detached_day=tables.calendar.local_day(rows["detached_at"])), "account_id")
    still = ~(rows["detached_day"] < rows["as_of"]).fill_null(False)
    rows = rows.filter((rows["known_day"] < rows["as_of"]) & still)
    rows = rows.select("account_id", "as_of", "accessory").distinct()
    above = open_above(tables, cohort).select("account_id", "as_of", "to_plan").distinct()
    fit = complete(tables, "compatibility")["compatibility"]
    fit = fit.select("accessory", "works", to_plan="plan", since_day=tables.calendar.local_day(fit["since"]))
    joined = rows.join(above, ["account_id", "as_of"]).join(fit, ["accessory", "to_plan"])
    joined = joined.filter(joined["since_day"].isnull() | (joined["since_day"] < joined["as_of"]))
    return joined.mutate(fits=flag(joined["works"]))


accessories = EventSource(
    "accessories",
    _attached,
    (
        Measure("attached", lambda t: flag(t.what == "attached")),
        Measure("detached", lambda t: flag(t.what == "detached")),
    ),
    table="accessories",
)

fitting = StateSource(
    "fitting",
    _fits,
    (Aggregate("known", lambda t: t.count()), Aggregate("fits", lambda t: t.fits.sum())),
    table="accessories",
    columns=("subscriptions.plan", "plans.tier", "compatibility.works"),
)


_ACCESSORIES = (
    Feature(
        name="accessories_attached",
        value=accessories.total("attached", None) - accessories.total("detached", None),
        unit="count",
        idea="accessories",
        rung="loyalty",
        moment="compatibility",
        purpose="growth",
        phrase="Accessories attached {moved} {value}",
        description="Accessories attached and not detached so far",
    ),
    Feature(
        name="accessories_detached_182d",
        value=accessories.total("detached", 182),
        unit="count",
        idea="accessories",
        rung="loyalty",
        moment="compatibility",
        purpose="retention",
        actionable=True,
        phrase="Accessories taken off {moved} {value} in the last 182 days",
        description="Accessories detached in the last 182 days",
    ),
    Feature(
        name="accessories_fitting_share",
        value=fitting.state("fits") / fitting.state("known"),
        unit="share",
        idea="accessories",
        rung="adoption",
        layer="base",
        moment="compatibility",
        purpose="growth",
        actionable=True,
        missing="unknown",
        phrase="Of its accessories, {value} keep working on a higher plan",
        missing_phrase="Not known whether its accessories fit a higher plan",
        description="Share of pairs of an attached accessory and a higher plan that are known to work",
    ),
)

FEATURES = _ACCESSORIES
SOURCES = (accessories, fitting)
