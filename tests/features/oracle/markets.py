"""Markets: a product among all accounts."""

from __future__ import annotations

from datetime import date

from tests.features.oracle.past import Asked, Past
from tests.features.oracle.use import Happening, dated

QUARTER = 91


def market_uses(past: Past, asked: Asked) -> list[Happening]:
    """Each use of the product by anybody."""
    return dated(past, past.seen("consumption", product=asked.product))


def active_accounts(past: Past, asked: Asked) -> int | None:
    """How many accounts used anything in the last 91 days; None where nobody did."""
    recent = {use["account_id"] for use in past.seen("consumption") if past.ago(use["occurred_at"]) <= QUARTER}
    return len(recent) or None


def adoptions(past: Past, asked: Asked) -> list[int]:
    """For each account that ever used the product, how many days ago it first did."""
    first: dict[str, date] = {}
    for day, use in market_uses(past, asked):
        first[use["account_id"]] = min(day, first.get(use["account_id"], day))
    return [(past.as_of - day).days for day in first.values()]


def adopters(past: Past, asked: Asked) -> int:
    """How many accounts used the product for the first time in the last 91 days."""
    return sum(age <= QUARTER for age in adoptions(past, asked))


def adopters_before(past: Past, asked: Asked) -> int:
    """How many did in the 91 days before."""
    return sum(QUARTER < age <= 2 * QUARTER for age in adoptions(past, asked))


def days_since_launch(past: Past, asked: Asked) -> int | None:
    """Days since the product was launched, where it is listed with a launch."""
    launches = [row["launched_at"] for row in past.seen("products", product=asked.product)]
    return max((past.ago(launch) for launch in launches if launch is not None), default=None)
