"""Use: who used what, of which family, and since when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.features.oracle.algebra import Answer, Entries
from tests.features.oracle.past import Asked, Past, Row

Happening = tuple[date, Row]
"""An event: its day, and the row that tells of it."""
Happenings = Callable[[Past, Asked], list[Happening]]


def happened(events: Happenings, worth: Callable[[Row], Any]) -> Answer:
    """The answer that gives each event's worth."""

    def entries(past: Past, asked: Asked) -> Entries:
        return [(day, worth(row)) for day, row in events(past, asked)]

    return entries


def one(_: Row) -> int:
    """What every event is worth where events are counted."""
    return 1


def dated(past: Past, rows: list[Row], column: str = "occurred_at") -> list[Happening]:
    """Those rows in which that instant is filled in, as events of its day."""
    return [(past.day(row[column]), row) for row in rows if row[column] is not None]


def uses(past: Past, asked: Asked) -> list[Happening]:
    """Each use by the account."""
    rows = past.seen("consumption", account_id=asked.account)
    return past.once(("uses", asked.account), lambda: dated(past, rows))


def product_uses(past: Past, asked: Asked) -> list[Happening]:
    """Each use of the product by the account."""
    return dated(past, past.seen("consumption", account_id=asked.account, product=asked.product))


def listed_uses(past: Past, asked: Asked) -> list[Happening]:
    """Each use of a named product by the account, with its family and its core if it is listed (launched) by now."""
    listed = {row["product"]: row for row in past.seen("products")}
    unlisted = {"family": None, "core": None}
    return [
        (day, {**use, **{name: listed.get(use["product"], unlisted)[name] for name in unlisted}})
        for day, use in uses(past, asked)
        if use["product"] is not None
    ]


def family_uses(past: Past, asked: Asked) -> list[Happening]:
    """Each use by the account of another product of the product's family, as far as both are listed by now."""
    families = {row["product"]: row["family"] for row in past.seen("products")}
    family = families.get(asked.product)
    return [
        (day, use)
        for day, use in uses(past, asked)
        if family is not None and use["product"] != asked.product and families.get(use["product"]) == family
    ]


def first_days(past: Past, account: str) -> dict[str, date]:
    """The day on which the account first used each of its products, as far as that is known."""

    def found() -> dict[str, date]:
        days: dict[str, list[date]] = {}
        for day, use in uses(past, Asked(account)):
            if use["product"] is not None:
                days.setdefault(use["product"], []).append(day)
        return {product: min(days[product]) for product in days}

    return past.once(("first days", account), found)


def further_products(past: Past, asked: Asked) -> list[int] | None:
    """How many days ago each product was taken on, those of the first day aside; None where none was ever used."""
    first = first_days(past, asked.account)
    if not first:
        return None
    return [(past.as_of - day).days for day in first.values() if day > min(first.values())]


def products_added(past: Past, asked: Asked) -> int | None:
    """How many further products were taken on in the last 91 days."""
    ages = further_products(past, asked)
    return None if ages is None else sum(age <= 91 for age in ages)


def days_since_added(past: Past, asked: Asked) -> int | None:
    """Days since the last further product was taken on."""
    return min(further_products(past, asked) or [], default=None)
