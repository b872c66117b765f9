"""The next plan: what of it this account would use, how long it has been on offer, and what moving to it asks."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.absence import complete
from features.cohort import listed
from features.days import days_of
from features.families.upgrades import open_above, plans_above, upgrade_paths
from features.feature import Aggregate, Feature, Moment, StateSource, Unit, Value
from features.flags import flag
from features.tables import Tables
from features.use import first_uses


def _known_uses(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, product that it was known to have used); none where uses name no product."""
    if not tables.has("consumption", "product"):
        return cohort.mutate(product=ibis.null("string")).limit(0)
    uses = cohort.join(first_uses(tables), "account_id")
    return uses.filter(uses["known_day"] < uses["as_of"]).select("account_id", "as_of", "product").distinct()


def _openings(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, product listed): whether its own plan allows it and the next one would open it.

    `used` says that the account has used it; `near` that it has used its family.
    """
    above = open_above(tables, cohort)
    tiers = above.group_by("account_id", "as_of").aggregate(
        tier=above["tier"].max(), next_tier=above["to_tier"].min(where=above["nearest"])
    )
    products = listed(complete(tables, "products"), "products", "launched_at", days_of(tables, cohort))
    products = products.select("as_of", "product", "family", "min_tier")
    uses = _known_uses(tables, cohort)
    families = uses.join(products, ["as_of", "product"]).select("account_id", "as_of", "family")
    families = families.filter(families["family"].notnull()).distinct().mutate(near=ibis.literal(True))
    rows = tiers.join(products, "as_of")
    rows = rows.left_join(uses.mutate(used=ibis.literal(True)), ["account_id", "as_of", "product"])
    rows = rows.drop("account_id_right", "as_of_right", "product_right")
    rows = rows.left_join(families, ["account_id", "as_of", "family"])
    allowed = rows["min_tier"].isnull() | (rows["min_tier"] <= rows["tier"])
    return rows.select(
        "account_id",
        "as_of",
        "product",
        "next_tier",
        allowed=allowed,
        opens=flag(~allowed & (rows["min_tier"] <= rows["next_tier"])),
        used=rows["used"].fill_null(False),
        near=rows["near"].fill_null(False),
    )


def _opened(rows: ir.Table, among: ir.BooleanValue | None = None) -> ir.Value:
    """How many products the next plan would open; missing where there is no next plan."""
    opens = rows["opens"] if among is None else ibis.ifelse(among, rows["opens"], 0)
    return ibis.ifelse(rows["next_tier"].max().notnull(), opens.sum(), ibis.null("int64"))


openings = StateSource(
    "openings",
    _openings,
    (
        Aggregate("opened", _opened),
        Aggregate("opened_near", lambda t: _opened(t, t.near), ("products.family", "consumption.product")),
        Aggregate("unused", lambda t: t.product.count(where=t.allowed & ~t.used), ("consumption.product",)),
    ),
    table="subscriptions",
    columns=("plans.tier", "products.min_tier"),
)

_ROWS: tuple[tuple[str, Value, Unit, str, Moment | None, str, str, str], ...] = (
    ("next_plan_products", openings.state("opened"), "count", "room to move up", "advantage",
     "Products that the next plan would open: {value}", "No next plan that would open products",
     "Products on offer that ask for the next tier and not for less"),
    ("next_plan_products_near", openings.state("opened_near"), "count", "room to move up", "advantage",
     "Products that the next plan would open, of families that it uses: {value}",
     "No next plan to open products of families that it uses",
     "Products that the next tier would open of families that the account has used: what it would use"),
    ("unused_products", openings.state("unused"), "count", "taking on", None,
     "Products that its plan allows and it has not used: {value}", "No plan in force that would allow products",
     "Products on offer that its tier allows and that it has not used so far"),
    ("next_plan_hours", upgrade_paths.state("next_hours"), "hours", "ease of moving up", "ease",
     "Moving to the next plan takes {value}", "Not known how long a move to the next plan takes",
     "Hours of the open upgrade path to the next tier"),
    ("next_plan_age_days", plans_above.state("next_age"), "days", "room to move up", "advantage",
     "The next plan has been on offer for {value}", "No next plan, or not known since when there is one",
     "Days since the plan of the next tier was released"),
)  # fmt: skip
"""Name, value, unit, idea, moment, phrase, phrase where missing, description."""

FEATURES = tuple(
    Feature(
        name=name,
        value=value,
        unit=unit,
        idea=idea,
        rung="adoption",
        moment=moment,
        purpose="growth",
        actionable=idea != "room to move up",
        missing="unknown",
        phrase=phrase,
        missing_phrase=missing_phrase,
        description=description,
    )
    for name, value, unit, idea, moment, phrase, missing_phrase, description in _ROWS
)
SOURCES = (openings,)
