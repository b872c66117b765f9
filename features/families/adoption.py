"""Adoption: how far an account reaches beyond its first product and its first people."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.absence import complete
from features.clock import QUARTER
from features.events import events_of
from features.families.consumption import consumption
from features.feature import Aggregate, EventSource, Feature, Fold, Measure, StateSource
from features.flags import flag
from features.tables import Tables
from features.use import first_uses, of_those, uses


def listed_products(tables: Tables) -> ir.Table:
    """One row a product of the list: its columns and `launched_day`, from which on the list can be known to hold it."""
    products = complete(tables, "products")["products"]
    return products.mutate(launched_day=tables.calendar.local_day(products["launched_at"]))


def _assortment(tables: Tables) -> ir.Table:
    """Use with what the products table says of the product; a product that it does not list has nulls.

    Known from the launch on, as nobody can tell of a family or of the core before there is such a product. Where use
    is only counted, `consumption` counts it: what is not launched yet is used all the same.
    """
    return _listed(tables, events_of(tables, "consumption"))


def _listed(tables: Tables, rows: ir.Table) -> ir.Table:
    listed = listed_products(tables).select("product", "family", "core", "launched_day")
    rows = rows.filter(rows["product"].notnull()).left_join(listed, "product").drop("product_right")
    return rows.mutate(known_day=ibis.greatest(rows["known_day"], ibis.coalesce(rows["launched_day"], rows["day"])))


def _folded(tables: Tables, days: ir.Table) -> ir.Table:
    """The days of use with what the products table says of the product, and the events `beyond_core`."""
    rows = _listed(tables, days)
    return rows.mutate(beyond_core=of_those((~rows["core"]).fill_null(False), rows))


def taken_on(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, product): `first_day`, and `began`, the account's first day with any product."""
    rows = cohort.join(first_uses(tables), "account_id")
    rows = rows.filter(rows["known_day"] < rows["as_of"])
    rows = rows.group_by("account_id", "as_of", "product").aggregate(first_day=rows["day"].min())
    return rows.mutate(began=rows["first_day"].min().over(ibis.window(group_by=["account_id", "as_of"])))


assortment = EventSource(
    "assortment",
    _assortment,
    (Measure("beyond_core", lambda t: flag(~t.core), ("products.core",)),),
    table="consumption",
    columns=("product", "products.product"),
    entities=("family",),
    fold=Fold(uses, _folded),
)

adoptions = StateSource(
    "adoptions",
    taken_on,
    (
        Aggregate(
            "added_91d",
            lambda t: t.product.count(
                where=(t.first_day > t.began) & (t.as_of.delta(t.first_day, unit="day") <= QUARTER),
            ),
        ),
        Aggregate(
            "days_since_added",
            lambda t: t.as_of.delta(t.first_day, unit="day").min(where=t.first_day > t.began),
        ),
    ),
    table="consumption",
    columns=("product",),
)

_REACH = tuple(
    Feature(
        name=f"{name}_{days}d",
        value=source.distinct(entity, days),
        unit="count",
        idea=idea,
        rung="adoption",
        purpose="growth",
        better="more",
        actionable=True,
        phrase=f"{what} {{moved}} {{value}} in the last {days} days",
        description=f"How many different {of} in the last {days} days",
    )
    for source, name, entity, what, of, idea, windows in (
        (consumption, "products", "product", "Products in use", "products were used", "breadth", (28, 91)),
        (
            assortment,
            "families",
            "family",
            "Product families in use",
            "families of products were used",
            "breadth",
            (91,),
        ),
        (consumption, "users", "user_id", "Active users", "people used it", "people", (28, 91)),
    )
    for days in windows
)

_SHARES = (
    Feature(
        name="users_kept_91d",
        value=consumption.distinct("user_id", 28) / consumption.distinct("user_id", 91),
        unit="share",
        idea="people",
        rung="adoption",
        purpose="retention",
        actionable=True,
        phrase="Of the users of the last 91 days, {value} were active in the last 28",
        missing_phrase="No user in the last 91 days",
        description="Share of the last 91 days' users who were active in the last 28",
    ),
    Feature(
        name="beyond_core_share_91d",
        value=assortment.total("beyond_core", 91) / consumption.total("of_products", 91),
        unit="share",
        idea="breadth",
        rung="adoption",
        purpose="growth",
        actionable=True,
        phrase="Use beyond the core product {moved} {value} of all use in the last 91 days",
        missing_phrase="No use of a product in the last 91 days",
        description="Share of the last 91 days' use that went to products beyond the core",
    ),
)

_ADDED = (
    Feature(
        name="products_added_91d",
        value=adoptions.state("added_91d"),
        unit="count",
        idea="taking on",
        rung="adoption",
        purpose="growth",
        missing="unknown",
        phrase="Further products taken on in the last 91 days: {value}",
        missing_phrase="No product used so far",
        description="Products used for the first time in the last 91 days, those of the first day aside",
    ),
    Feature(
        name="days_since_product_added",
        value=adoptions.state("days_since_added"),
        unit="days",
        idea="taking on",
        rung="adoption",
        purpose="growth",
        phrase="The latest further product was taken on {value} ago",
        missing_phrase="No further product taken on so far",
        description="Days since a further product was used for the first time",
    ),
)

FEATURES = (*_REACH, *_SHARES, *_ADDED)
SOURCES = (assortment, adoptions)
