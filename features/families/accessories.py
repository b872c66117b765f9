"""Accessories: what is attached to the product, and whether what worked before would still work on a higher plan."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.absence import complete
from features.events import events_of, late_day
from features.families.upgrades import open_above, plans_held
from features.feature import Aggregate, EventSource, Feature, Measure, StateSource
from features.flags import flag
from features.tables import Tables


def _attached(tables: Tables) -> ir.Table:
    """One row an instant of an accessory: `attached` and, later, `detached`."""
    tables = complete(tables, "accessories")
    attached = events_of(tables, "accessories", "attached_at").mutate(what=ibis.literal("attached"))
    detached = events_of(tables, "accessories", "detached_at").mutate(what=ibis.literal("detached"))
    return attached.union(detached)


def _fits(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, accessory attached, plan) whose compatibility was known: `fits`.

    The plan is one that it holds (`own`), or one that stands above (`nearest`: with no tier between).
    """
    rows = events_of(complete(tables, "accessories"), "accessories", "attached_at")
    rows = cohort.join(rows.mutate(detached_day=late_day(tables, "accessories", rows, "detached_at")), "account_id")
    still = ~(rows["detached_day"] < rows["as_of"]).fill_null(False)
    rows = rows.filter((rows["known_day"] < rows["as_of"]) & still)
    rows = rows.select("account_id", "as_of", "accessory").distinct()
    fit = complete(tables, "compatibility")["compatibility"]
    fit = fit.select("accessory", "plan", "works", since_day=tables.calendar.local_day(fit["since"]))
    joined = rows.join(_plans(tables, cohort), ["account_id", "as_of"]).join(fit, ["accessory", "plan"])
    joined = joined.filter(joined["since_day"].isnull() | (joined["since_day"] < joined["as_of"]))
    return joined.mutate(fits=flag(joined["works"]))


def _plans(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, plan held or above it): `own` and `nearest`."""
    above = open_above(tables, cohort).filter(lambda t: t.to_plan.notnull())
    above = above.select("account_id", "as_of", "nearest", plan="to_plan", own=ibis.literal(False))
    held = plans_held(tables, cohort).filter(lambda t: t.in_force)
    held = held.select("account_id", "as_of", "plan", nearest=ibis.literal(False), own=ibis.literal(True))
    return above.union(held.select(above.columns), distinct=True)


def _breaking(rows: ir.Table) -> ir.Value:
    """How many accessories are known not to work on the next plan; missing where nothing is known of it."""
    broken = rows["accessory"].nunique(where=rows["nearest"] & ~rows["works"])
    return ibis.ifelse(rows["nearest"].any(), broken, ibis.null("int64"))


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
    (
        Aggregate("known", lambda t: t.accessory.count(where=~t.own)),
        Aggregate("fits", lambda t: t.fits.sum(where=~t.own)),
        Aggregate("breaking", _breaking),
        Aggregate("broken", lambda t: t.accessory.nunique(where=t.own & ~t.works)),
    ),
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
        better="less",
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
    Feature(
        name="accessories_breaking",
        value=fitting.state("breaking"),
        unit="count",
        idea="accessories",
        rung="adoption",
        layer="base",
        moment="compatibility",
        purpose="growth",
        better="less",
        actionable=True,
        missing="unknown",
        phrase="Accessories attached that would not work on the next plan: {value}",
        missing_phrase="Not known whether what is attached would work on a next plan",
        description="Attached accessories that are known not to work on the plan of the next tier",
    ),
    Feature(
        name="accessories_broken",
        value=fitting.state("broken"),
        unit="count",
        idea="accessories",
        rung="satisfaction",
        layer="base",
        purpose="service",
        better="less",
        actionable=True,
        missing="unknown",
        phrase="Accessories attached that do not work on its own plan: {value}",
        missing_phrase="Not known whether what is attached works on its plan",
        description="Attached accessories that are known not to work on the plan held, as after a release",
    ),
)

FEATURES = _ACCESSORIES
SOURCES = (accessories, fitting)
