"""Prices: what became of them while the account stayed."""

from __future__ import annotations

from features.families.subscriptions import YEAR, subscriptions
from features.families.terms import BEFORE_DAYS
from features.feature import Feature, Rung, Unit, Value

_ROWS: tuple[tuple[str, Value, Unit, str, Rung, str, str, str], ...] = (
    ("days_since_price_rise", subscriptions.state("days_since_rise"), "days", "price", "loyalty",
     "Its price last rose {value} ago", "No price rise so far",
     "Days since terms began at a higher price than those before on the same plan"),
    (f"price_rise_{YEAR}d", subscriptions.state("steepest_rise"), "share", "price", "loyalty",
     f"Its steepest price rise of the last {YEAR} days was {{value}}", f"No price rise in the last {YEAR} days",
     f"Steepest rise of the price of a seat from terms to terms on the same plan in the last {YEAR} days"),
    ("price_beside_first", subscriptions.state("beside_first"), "share", "price", "loyalty",
     "It pays {value} of its first price on the plan", "No price known, or nothing in force, to compare with the first",
     "Price of a seat in force as a share of the account's first price on the same plan"),
    (f"discount_change_{BEFORE_DAYS}d", subscriptions.state("discount") - subscriptions.state("discount_before"),
     "share", "price", "loyalty", f"In the last {BEFORE_DAYS} days its discount changed by {{value}}",
     f"Nothing in force {BEFORE_DAYS} days ago to compare the discount with",
     f"Greatest discount in force less that of {BEFORE_DAYS} days ago; below 0 where a discount ended"),
    ("full_price_renewal_share", subscriptions.state("renewals_at_full_price") / subscriptions.state("renewals"),
     "share", "loyalty", "loyalty", "Of its renewals so far, {value} were without a discount",
     "No renewal so far that could have been at full price", "Share of the renewals so far without a discount"),
)  # fmt: skip
"""Name, value, unit, idea, rung, phrase, phrase where missing, description."""

FEATURES = tuple(
    Feature(
        name=name,
        value=value,
        unit=unit,
        idea=idea,
        rung=rung,
        purpose="pricing",
        better="less" if name.startswith("price_") else None,
        missing="unknown",
        phrase=phrase,
        missing_phrase=missing_phrase,
        description=description,
    )
    for name, value, unit, idea, rung, phrase, missing_phrase, description in _ROWS
)
SOURCES = ()
