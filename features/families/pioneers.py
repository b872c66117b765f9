"""Pioneers: whether an account is among the first or the last to take up what is new.

An account that came late cannot have been early: what counts is how long it waited from the day on which both it and
the product were there, beside everybody who has taken that product on (Rogers, Diffusion of Innovations, 1962, who
orders the members of a social system by the time at which they adopt).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.cohort import known_then
from features.days import days_of
from features.families.crowd import FEWEST, firsts
from features.feature import Aggregate, Feature, StateSource, Unit
from features.tables import Tables

EARLY = 0.25
"""The part of a product's adopters, in the order of their waiting, that counts as early."""


def _waits(tables: Tables, days: ir.Table) -> ir.Table:
    """One row (account_id, product, as_of) of a use known by then: `wait` in days; `further`: not of its first day."""
    uses = firsts(tables, days)
    rows = uses.join(known_then(tables, days).select("account_id", "as_of", "signed_up_day"), ["account_id", "as_of"])
    of_product = ibis.window(group_by=["product", "as_of"])
    of_account = ibis.window(group_by=["account_id", "as_of"])
    rows = rows.mutate(
        there=ibis.greatest(rows["signed_up_day"], rows["first_day"].min().over(of_product)),
        further=rows["first_day"] > rows["first_day"].min().over(of_account),
    )
    wait = ibis.greatest(rows["first_day"].delta(rows["there"], unit="day"), 0)
    return rows.select("account_id", "product", "as_of", "further", wait=wait)


def _places(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, further product taken on): `place` among its adopters, 0 the first and 1 the last.

    Those who waited as long share a place. A product with too few adopters says nothing and is not there.
    """
    waits = _waits(tables, days_of(tables, cohort))
    equal = waits.group_by("product", "as_of", "wait").aggregate(equal=waits.count())
    before = ibis.window(group_by=["product", "as_of"], order_by="wait", preceding=(None, 1))
    of_product = ibis.window(group_by=["product", "as_of"])
    order = equal.mutate(
        sooner=equal["equal"].sum().over(before).fill_null(0), adopters=equal["equal"].sum().over(of_product)
    )
    order = order.filter(order["adopters"] >= FEWEST)
    rows = cohort.join(waits.filter(waits["further"]), ["account_id", "as_of"]).join(
        order, ["product", "as_of", "wait"]
    )
    above = rows["sooner"].cast("float64") + (rows["equal"] - 1).cast("float64") / 2.0
    place = above / (rows["adopters"] - 1).cast("float64")
    return rows.mutate(place=place.cast("decimal(18, 6)"))


places = StateSource(
    "places",
    _places,
    (
        Aggregate("mean", lambda t: t.place.mean()),
        Aggregate("early", lambda t: t.place.count(where=t.place <= EARLY)),
    ),
    table="consumption",
    columns=("product",),
)

_ROWS: tuple[tuple[str, str, Unit, str, str], ...] = (
    (
        "place_among_adopters",
        "mean",
        "share",
        "It took on its further products later than {value} of the others who took them on",
        "Mean place among the adopters of the further products that it took on, by how long each waited: 0 the first, "
        "1 the last",
    ),
    (
        "products_taken_early",
        "early",
        "count",
        "Further products that it took on within the first quarter of their adopters: {value}",
        "Further products that it took on within the first quarter of their adopters, by how long each waited",
    ),
)

FEATURES = tuple(
    Feature(
        name=name,
        value=places.state(state),
        unit=unit,
        idea="early or late",
        rung="adoption",
        purpose="growth",
        missing="unknown",
        phrase=phrase,
        missing_phrase="No further product taken on that enough others took on",
        description=description,
    )
    for name, state, unit, phrase, description in _ROWS
)
SOURCES = (places,)
