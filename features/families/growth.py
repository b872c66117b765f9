"""Growth on Main Street, of three kinds: more users, extensions of what is used, and uses of another kind."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.families.adoption import listed_products, taken_on
from features.families.consumption import consumption
from features.feature import Aggregate, EventSource, Feature, Measure, Purpose, StateSource, Unit, Value
from features.rollups.kept import first_seen
from features.tables import Tables
from features.use import uses

HALF_YEAR = 182
"""Days in which taking on something further counts as growth: it is rare."""


def _newcomers(tables: Tables) -> ir.Table:
    """One row a person: the day of the first use, from when on it was known.

    Where an earlier use becomes known later, a further row puts the person there, and one more takes them (-1) from
    the day on which they seemed to be new until then.
    """
    first = first_seen(tables, uses, "user_id")
    moved = first.filter(first["before"].notnull())
    put = first.select("account_id", "day", "known_day", person="entity", people=ibis.literal(1))
    taken = moved.select("account_id", "known_day", day="before", person="entity", people=ibis.literal(-1))
    return put.union(taken.select(put.columns))


def _reach(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, product of a family taken on): `ago` and, of its family, `family_ago`, in days.

    `further`: the product came after its family. `adjacent`: the family came after the account's first day.
    """
    listed = listed_products(tables).select("product", "family", "launched_day")
    rows = taken_on(tables, cohort).join(listed, "product")
    seen = rows["launched_day"].isnull() | (rows["launched_day"] < rows["as_of"])
    rows = rows.filter(seen & rows["family"].notnull())
    of_family = ibis.window(group_by=["account_id", "as_of", "family"])
    rows = rows.mutate(family_day=rows["first_day"].min().over(of_family))
    return rows.mutate(
        ago=rows["as_of"].delta(rows["first_day"], unit="day"),
        family_ago=rows["as_of"].delta(rows["family_day"], unit="day"),
        further=rows["first_day"] > rows["family_day"],
        adjacent=rows["family_day"] > rows["began"],
    )


newcomers = EventSource(
    "newcomers", _newcomers, (Measure("people", lambda rows: rows.people),), table="consumption", columns=("user_id",)
)

reach = StateSource(
    "reach",
    _reach,
    (
        Aggregate("extensions", lambda t: t.product.count(where=t.further & (t.ago <= HALF_YEAR))),
        Aggregate("adjacent", lambda t: t.family.nunique(where=t.adjacent & (t.family_ago <= HALF_YEAR))),
    ),
    table="consumption",
    columns=("product", "products.family"),
)

_PEOPLE: tuple[tuple[str, Value, Unit, Purpose, str, str, str], ...] = (
    ("new_users_28d", newcomers.total("people", 28), "count", "growth",
     "People who used it for the first time {moved} {value} in the last 28 days", "",
     "People who first used it in the last 28 days, as far as was known then"),
    ("users_lost_91d", consumption.distinct("user_id", 91) - consumption.distinct("user_id", 28), "count", "retention",
     "Users of the last 91 days who stayed away in the last 28 {moved} {value}", "",
     "People who used it in the last 91 days and not in the last 28"),
    ("new_users_share_91d", newcomers.total("people", 91) / consumption.distinct("user_id", 91), "share", "growth",
     "Of the users of the last 91 days, {value} were new", "Nobody used it in the last 91 days",
     "People who first used it in the last 91 days, as far as was known then, as a share of the users of those days"),
)  # fmt: skip
"""Name, value, unit, purpose, phrase, phrase where missing, description."""

_USERS = tuple(
    Feature(
        name=name,
        value=value,
        unit=unit,
        idea="people",
        rung="adoption",
        purpose=purpose,
        actionable=True,
        phrase=phrase,
        missing_phrase=missing_phrase,
        description=description,
    )
    for name, value, unit, purpose, phrase, missing_phrase, description in _PEOPLE
)

_FURTHER = tuple(
    Feature(
        name=f"{name}_{HALF_YEAR}d",
        value=reach.state(state),
        unit="count",
        idea="taking on",
        rung="adoption",
        purpose="growth",
        missing="unknown",
        better="more",
        phrase=f"{what} in the last {HALF_YEAR} days: {{value}}",
        missing_phrase="No product of a known family used so far",
        description=f"{description} in the last {HALF_YEAR} days",
    )
    for name, state, what, description in (
        (
            "extensions",
            "extensions",
            "Further products taken on of families that it knew",
            "Products used for the first time, of a family of which it used another before,",
        ),
        (
            "adjacent_uses",
            "adjacent",
            "Families of products taken on that were new to it",
            "Families of products used for the first time, those of the account's first day aside,",
        ),
    )
)

FEATURES = (*_USERS, *_FURTHER)
SOURCES = (newcomers, reach)
