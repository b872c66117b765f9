"""Products: of an account and a product that it may take on, what joins the two of them."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.clock import QUARTER
from features.cohort import listed
from features.days import days_of
from features.events import events_of
from features.families.adoption import listed_products
from features.families.offers import offer_source
from features.families.upgrades import plans_held
from features.feature import DAYS, Aggregate, EventSource, Feature, Fold, Measure, StateSource
from features.tables import Tables
from features.use import USED, uses


def product_uses(tables: Tables) -> ir.Table:
    """One row a use of a product that is named."""
    rows = events_of(tables, "consumption")
    return rows.filter(rows["product"].notnull())


def _family_use(tables: Tables) -> ir.Table:
    """One row (account_id, product, day, known_day, another product of its family used that day), with `events`.

    Known from the later of the launches of both products on, as a family can be known only then.
    """
    rows = product_uses(tables)
    used = rows.group_by("account_id", "day", "known_day", "product").aggregate(events=rows.count())
    return _beside(tables, used)


def _beside(tables: Tables, used: ir.Table) -> ir.Table:
    """The days of use of products, each as often as there are other products of its family: `product` is that other."""
    products = listed_products(tables).filter(lambda t: t.family.notnull())
    used = used.rename(used="product").join(
        products.select("family", used="product", used_launched="launched_day"), "used"
    )
    pairs = used.join(products.select("family", "product", "launched_day"), "family")
    pairs = pairs.filter(pairs["used"] != pairs["product"])
    launches = (ibis.coalesce(pairs[launched], pairs["day"]) for launched in ("used_launched", "launched_day"))
    pairs = pairs.mutate(known_day=ibis.greatest(pairs["known_day"], *launches))
    return pairs.drop("used", "family", "used_launched", "launched_day")


def _allowed(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, product, as_of, plan in force): `allowed`, whether its tier is what the product asks for.

    `short` says how many tiers it lacks.
    """
    held = plans_held(tables, cohort.select("account_id", "as_of").distinct())
    held = held.filter(held["in_force"]).select("account_id", "as_of", "tier")
    asked = listed(tables, "products", "launched_at", days_of(tables, cohort))
    rows = cohort.join(held, ["account_id", "as_of"]).join(
        asked.select("product", "as_of", "min_tier"), ["product", "as_of"]
    )
    short = ibis.greatest(rows["min_tier"].fill_null(0) - rows["tier"], 0)
    return rows.mutate(allowed=rows["min_tier"].isnull() | (rows["tier"] >= rows["min_tier"]), short=short)


product_use = EventSource(
    "product_use",
    product_uses,
    USED,
    table="consumption",
    columns=("product",),
    entities=("user_id",),
    keys=("account_id", "product"),
    fold=Fold(uses, lambda _, days: days),
)

family_use = EventSource(
    "family_use",
    _family_use,
    (Measure("events", lambda t: t.events),),
    table="consumption",
    columns=("product", "products.family"),
    keys=("account_id", "product"),
    fold=Fold(uses, lambda tables, days: _beside(tables, days.filter(days["product"].notnull()))),
)

allowed = StateSource(
    "allowed",
    _allowed,
    (Aggregate("allowed", lambda t: t.allowed.any()), Aggregate("short", lambda t: t.short.min())),
    table="subscriptions",
    columns=("plans.tier", "products.min_tier"),
    keys=("account_id", "product"),
)

product_offers = offer_source("product_offers", ("account_id", "product"))

_FIT = (
    Feature(
        name="product_active_days_91d",
        value=product_use.total(DAYS, QUARTER),
        unit="count",
        idea="product tried",
        rung="adoption",
        purpose="growth",
        better="more",
        actionable=True,
        about="pair",
        phrase="Days on which it tried the product {moved} {value} in the last 91",
        description="Days in the last 91 on which the account used the product itself",
    ),
    Feature(
        name="days_since_product_use",
        value=product_use.recency(DAYS),
        unit="days",
        idea="product tried",
        rung="adoption",
        purpose="growth",
        about="pair",
        missing="unknown",
        phrase="It last tried the product {value} ago",
        missing_phrase="It has not tried the product so far",
        description="Days since the account used the product itself",
    ),
    Feature(
        name="family_active_days_91d",
        value=family_use.total(DAYS, QUARTER),
        unit="count",
        idea="product fit",
        rung="adoption",
        moment="advantage",
        purpose="growth",
        about="pair",
        phrase="Days on which it used other products of the family {moved} {value} in the last 91",
        description="Days in the last 91 on which the account used other products of the product's family",
    ),
    Feature(
        name="family_trend_91d",
        value=family_use.total("events", QUARTER) / family_use.total("events", QUARTER, lag=QUARTER),
        unit="share",
        idea="product fit",
        rung="adoption",
        purpose="growth",
        about="pair",
        phrase="Use of other products of the family in the last 91 days was {value} of that in the 91 days before",
        missing_phrase="No use of other products of the family in the 91 days before the last 91",
        description="Use of other products of the family in the last 91 days as a share of that in the 91 before",
    ),
    Feature(
        name="plan_allows_product",
        value=allowed.state("allowed"),
        unit="flag",
        idea="product fit",
        rung="adoption",
        moment="ease",
        purpose="growth",
        about="pair",
        missing="unknown",
        phrase="Its plan is high enough for the product: {value}",
        missing_phrase="No plan in force that the product could ask for",
        description="Whether a plan in force has the tier that the product asks for",
    ),
)

_OFFERED = (
    Feature(
        name="product_offers",
        value=product_offers.total("made", None),
        unit="count",
        idea="offers",
        rung="adoption",
        purpose="growth",
        actionable=True,
        about="pair",
        phrase="Earlier offers of it to this account {moved} {value}",
        description="Offers of the product to the account so far",
    ),
    Feature(
        name="product_offers_accepted",
        value=product_offers.total("accepted", None),
        unit="count",
        idea="offers",
        rung="adoption",
        purpose="growth",
        about="pair",
        phrase="Earlier offers of it that this account accepted {moved} {value}",
        description="Offers of the product that the account accepted so far",
    ),
    Feature(
        name="days_since_product_offer",
        value=product_offers.recency("made"),
        unit="days",
        idea="offers",
        rung="adoption",
        purpose="growth",
        actionable=True,
        about="pair",
        missing="unknown",
        phrase="It was last offered to this account {value} ago",
        missing_phrase="Not offered to this account so far",
        description="Days since the product was last offered to the account",
    ),
)

FEATURES = (*_FIT, *_OFFERED)
SOURCES = (product_use, family_use, allowed, product_offers)
