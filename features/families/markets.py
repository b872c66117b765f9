"""Markets: how a product that an account may take on fares among all accounts."""

from __future__ import annotations

import ibis.expr.types as ir

from features.clock import QUARTER
from features.cohort import listed
from features.days import days_of
from features.families.offers import offer_source
from features.families.products import product_uses
from features.feature import Aggregate, EventSource, Feature, Fold, StateSource
from features.tables import Tables
from features.use import USED, first_uses, used_lately, uses


def _active(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (product, as_of): `accounts`, how many accounts used anything in the 91 days before."""
    days = days_of(tables, cohort)
    there = used_lately(tables, days)
    counted = there.group_by("as_of").aggregate(accounts=there.count())
    return cohort.join(counted, "as_of")


def _adopters(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (product, as_of, account that had used it): `age`, the days since its first use.

    A product that nobody had used has one row, whose `age` is missing.
    """
    seen = cohort.join(first_uses(tables), "product")
    seen = seen.filter(seen["known_day"] < seen["as_of"])
    firsts = seen.group_by("product", "as_of", "account_id").aggregate(first_day=seen["day"].min())
    rows = cohort.left_join(firsts, ["product", "as_of"]).drop("product_right", "as_of_right")
    return rows.mutate(age=rows["as_of"].delta(rows["first_day"], unit="day"))


def _launched(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (product, as_of after its launch): `age` in days."""
    known = listed(tables, "products", "launched_at", days_of(tables, cohort))
    known = known.select("product", "as_of", "since")
    rows = cohort.join(known, ["product", "as_of"])
    return rows.mutate(age=rows["as_of"].delta(rows["since"], unit="day"))


market = EventSource(
    "market",
    product_uses,
    USED,
    table="consumption",
    columns=("product",),
    entities=("account_id",),
    keys=("product",),
    fold=Fold(uses, lambda _, days: days),
)

active_accounts = StateSource(
    "active_accounts",
    _active,
    (Aggregate("accounts", lambda t: t.accounts.max()),),
    table="consumption",
    columns=("product",),
    keys=("product",),
)

adopters = StateSource(
    "adopters",
    _adopters,
    (
        Aggregate("recent", lambda t: t.count(where=t.age <= QUARTER)),
        Aggregate("before", lambda t: t.count(where=(t.age > QUARTER) & (t.age <= 2 * QUARTER))),
    ),
    table="consumption",
    columns=("product",),
    keys=("product",),
)

launched = StateSource(
    "launched",
    _launched,
    (Aggregate("age", lambda t: t.age.max()),),
    table="products",
    columns=("launched_at",),
    keys=("product",),
)

target_offers = offer_source("target_offers", ("product",))

_SPREAD = (
    Feature(
        name="product_accounts_91d",
        value=market.distinct("account_id", QUARTER),
        unit="count",
        idea="product spread",
        rung="adoption",
        purpose="growth",
        about="pair",
        phrase="Accounts that use the product {moved} {value} in the last 91 days",
        description="How many accounts used the product in the last 91 days",
    ),
    Feature(
        name="product_penetration_91d",
        value=market.distinct("account_id", QUARTER) / active_accounts.state("accounts"),
        unit="share",
        idea="product spread",
        rung="adoption",
        purpose="growth",
        about="pair",
        phrase="The product is used by {value} of the accounts active in the last 91 days",
        missing_phrase="No account was active in the last 91 days",
        description="Share of the accounts active in the last 91 days that used the product",
    ),
    Feature(
        name="product_adopters_91d",
        value=adopters.state("recent"),
        unit="count",
        idea="product spread",
        rung="adoption",
        purpose="growth",
        about="pair",
        missing="unknown",
        phrase="Accounts that took the product on in the last 91 days: {value}",
        missing_phrase="Nothing known of who took the product on",
        description="How many accounts used the product for the first time in the last 91 days",
    ),
    Feature(
        name="product_adopters_trend_91d",
        value=adopters.state("recent") / adopters.state("before"),
        unit="share",
        idea="product spread",
        rung="adoption",
        purpose="growth",
        about="pair",
        missing="unknown",
        phrase="Accounts that took the product on in the last 91 days were {value} of those in the 91 days before",
        missing_phrase="No account took the product on in the 91 days before the last 91",
        description="First uses of the product in the last 91 days as a share of those in the 91 days before",
    ),
    Feature(
        name="product_use_trend_91d",
        value=market.total("events", QUARTER) / market.total("events", QUARTER, lag=QUARTER),
        unit="share",
        idea="product spread",
        rung="adoption",
        purpose="growth",
        about="pair",
        phrase="Everybody's use of the product in the last 91 days was {value} of that in the 91 days before",
        missing_phrase="Nobody used the product in the 91 days before the last 91",
        description="All accounts' use of the product in the last 91 days as a share of that in the 91 before",
    ),
    Feature(
        name="product_error_share_91d",
        value=market.total("errors", QUARTER) / market.total("events", QUARTER),
        unit="share",
        idea="product quality",
        rung="satisfaction",
        layer="base",
        purpose="service",
        better="less",
        about="pair",
        phrase="Errors {moved} {value} of everybody's uses of the product in the last 91 days",
        missing_phrase="Nobody used the product in the last 91 days",
        description="Share of all accounts' uses of the product in the last 91 days that ended in an error",
    ),
    Feature(
        name="product_age_days",
        value=launched.state("age"),
        unit="days",
        idea="product age",
        rung="adoption",
        purpose="growth",
        about="pair",
        missing="unknown",
        phrase="The product was launched {value} ago",
        missing_phrase="Not known when the product was launched",
        description="Days since the product was launched",
    ),
    Feature(
        name="target_accepted_share_182d",
        value=target_offers.total("accepted", 182) / target_offers.total("made", 182),
        unit="share",
        idea="product spread",
        rung="adoption",
        purpose="growth",
        about="pair",
        phrase="Of all offers of it in the last 182 days {value} were accepted",
        missing_phrase="Not offered to anybody in the last 182 days",
        description="Accepted offers of the product as a share of those made, all accounts, in the last 182 days",
    ),
)

FEATURES = _SPREAD
SOURCES = (market, active_accounts, adopters, launched, target_offers)
