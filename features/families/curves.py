"""Curves: how far a product has spread by an as_of, how fast, and in which stage of its market that puts it.

The stage is read off the product's own adoption curve as it was known then. `products.market` would say it too, but
it is a present value that nothing dates: a product that is on Main Street today was not always there, and its stage on
old rows would tell how it went on (docs/decisions/0014-stages-from-the-curve.md).
"""

from __future__ import annotations

import ibis.expr.types as ir

from features.clock import QUARTER
from features.days import days_of
from features.families.crowd import active, firsts
from features.feature import Aggregate, Feature, StateSource
from features.flags import flag
from features.tables import Tables

MAJORITY = 0.16
"""Share of accounts from which a product has reached the majority: innovators and early adopters are 2.5 % and 13.5 %
(Rogers, Diffusion of Innovations, 1962); before it lies the chasm (Moore, Crossing the Chasm, 1991)."""
HALF = 0.5
"""Share from which it is what most have."""
FEW_NEW = 0.1
"""Share of a product's accounts that are new in a quarter of a year, below which the rush is over."""


def _curve(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (product, as_of): the `share` of active accounts that have used it, those `gained` lately, and its stage.

    One of `early`, `chasm`, `tornado` and `main_street` is 1.
    """
    days = days_of(tables, cohort)
    there = active(tables, days)
    accounts = there.group_by("as_of").aggregate(accounts=there.count())
    uses = firsts(tables, days).semi_join(there, ["account_id", "as_of"])
    counted = uses.group_by("product", "as_of").aggregate(
        adopters=uses.count(),
        recent=uses.count(where=uses["age"] <= QUARTER),
        before=uses.count(where=(uses["age"] > QUARTER) & (uses["age"] <= 2 * QUARTER)),
    )
    rows = cohort.join(accounts, "as_of").left_join(counted, ["product", "as_of"])
    rows = rows.drop("product_right", "as_of_right")
    rows = rows.mutate(**{name: rows[name].fill_null(0) for name in ("adopters", "recent", "before")})
    whole = rows["accounts"].cast("float64")
    rows = rows.mutate(
        share=rows["adopters"].cast("float64") / whole,
        gained=rows["recent"].cast("float64") / whole,
        new=rows["recent"].cast("float64") / rows["adopters"].nullif(0).cast("float64"),
    )
    majority = rows["share"] >= MAJORITY
    settled = majority & ((rows["share"] >= HALF) | (rows["new"] < FEW_NEW))
    growing = rows["recent"] >= rows["before"]
    return rows.mutate(
        early=flag(~majority & growing),
        chasm=flag(~majority & ~growing),
        tornado=flag(majority & ~settled),
        main_street=flag(settled),
    )


STAGES = ("early", "chasm", "tornado", "main_street")

curves = StateSource(
    "curves",
    _curve,
    (
        Aggregate("share", lambda t: t.share.max()),
        Aggregate("gained", lambda t: t.gained.max()),
        Aggregate("early", lambda t: t.early.max()),
        Aggregate("chasm", lambda t: t.chasm.max()),
        Aggregate("tornado", lambda t: t.tornado.max()),
        Aggregate("main_street", lambda t: t.main_street.max()),
    ),
    table="consumption",
    columns=("product",),
    keys=("product",),
)

_SPREAD = tuple(
    Feature(
        name=name,
        value=curves.state(state),
        unit="share",
        idea="product spread",
        rung="adoption",
        purpose="growth",
        about="pair",
        missing="unknown",
        phrase=phrase,
        missing_phrase="No account is active that could use the product",
        description=description,
    )
    for name, state, phrase, description in (
        (
            "product_reach",
            "share",
            "Of the active accounts {value} have used the product",
            "Share of the active accounts that have used the product, lately or not: how far up the curve it is",
        ),
        (
            f"product_reach_gained_{QUARTER}d",
            "gained",
            f"Of the active accounts {{value}} took the product on in the last {QUARTER} days",
            f"Share of the active accounts that first used the product in the last {QUARTER} days: how steep the "
            "curve is",
        ),
    )
)

_PLACES: tuple[tuple[str, str, str], ...] = (
    ("early", "in its early market", f"fewer than {MAJORITY:.0%} of the active accounts have used it, and in the last "
     f"{QUARTER} days no fewer took it on than in the {QUARTER} before"),
    ("chasm", "in the chasm", f"fewer than {MAJORITY:.0%} of the active accounts have used it, and in the last "
     f"{QUARTER} days fewer took it on than in the {QUARTER} before"),
    ("tornado", "in the tornado", f"{MAJORITY:.0%} to {HALF:.0%} of the active accounts have used it, and at least "
     f"{FEW_NEW:.0%} of these took it on in the last {QUARTER} days"),
    ("main_street", "on Main Street", f"{HALF:.0%} or more of the active accounts have used it, or {MAJORITY:.0%} or "
     f"more of which under {FEW_NEW:.0%} took it on in the last {QUARTER} days"),
)  # fmt: skip
"""Stage, in words, what it means."""

_STAGES = tuple(
    Feature(
        name=f"product_{stage}",
        value=curves.state(stage),
        unit="flag",
        idea="product stage",
        rung="adoption",
        purpose="growth",
        about="pair",
        missing="unknown",
        phrase=f"The product is {words}: {{value}}",
        missing_phrase="No account is active by which to tell the stage of the product",
        description=f"Whether the product is {words}: {meaning}",
    )
    for stage, words, meaning in _PLACES
)

FEATURES = (*_SPREAD, *_STAGES)
SOURCES = (curves,)
