"""Terms: what an account is subscribed to, at what price, and how it went on from term to term."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from itertools import takewhile
from typing import Any

from tests.features.oracle.past import Asked, Past, Row

BEFORE = 182
"""Days ago with which today's terms are compared."""


def terms(past: Past, asked: Asked) -> list[Row]:
    """Everything that the account subscribed to so far."""
    return past.seen("subscriptions", account_id=asked.account)


def in_force(past: Past, asked: Asked, days: int = 0) -> list[Row]:
    """What had begun and had not ended before the as_of (or so many days earlier), as far as that is known."""
    return [
        term
        for term in terms(past, asked)
        if past.gone(term["started_at"], days) and not past.gone(term["ended_at"], days)
    ]


def before(past: Past, asked: Asked) -> list[Row]:
    """What was in force half a year ago."""
    return in_force(past, asked, BEFORE)


def known(rows: Iterable[Row], column: str) -> list[Any]:
    """The values of a column, where it has any."""
    return [row[column] for row in rows if row[column] is not None]


def total(rows: Iterable[Row], column: str) -> Any:
    """Their sum; None where there is none."""
    values = known(rows, column)
    return sum(values) if values else None


def noticed(term: Row) -> bool:
    """Whether notice was given, as far as that is known."""
    return term["cancelled_at"] is not None


def counted(past: Past, asked: Asked, among: Iterable[Row]) -> int | None:
    """How many of its subscriptions those are; None where it has none at all, not even a past one."""
    return len(list(among)) if terms(past, asked) else None


def discount(past: Past, asked: Asked) -> Any:
    """The greatest discount in force; where nothing is said there is none."""
    return max((term["discount"] or 0 for term in in_force(past, asked)), default=None)


def discount_before(past: Past, asked: Asked) -> Any:
    """The same of half a year ago."""
    return max((term["discount"] or 0 for term in before(past, asked)), default=None)


def auto_renew(past: Past, asked: Asked) -> int | None:
    """How many of those in force renew by themselves; None where none is in force."""
    held = in_force(past, asked)
    return sum(bool(term["auto_renew"]) for term in held) if held else None


def days_to_renewal(past: Past, asked: Asked) -> int | None:
    """Days to the next renewal of what is in force and not under notice."""
    ahead = [next_renewal(past, term) for term in in_force(past, asked) if not noticed(term)]
    return min(((day - past.as_of).days for day in ahead if day is not None), default=None)


def renewals(past: Past, asked: Asked, of: Iterable[Row] | None = None) -> int | None:
    """Renewal dates that passed with the contract going on: on the same terms, or on new ones from that day on."""
    held = terms(past, asked)
    if not held:
        return None
    renewed = {past.day(term["ended_at"]) for term in held if _ended_on_renewal(past, term)}
    return sum(
        len(list(_passed(past, term))) + (past.day(term["started_at"]) in renewed)
        for term in (held if of is None else of)
    )


def renewals_at_full_price(past: Past, asked: Asked) -> int | None:
    """Those of them under terms without a discount."""
    return renewals(past, asked, [term for term in terms(past, asked) if not term["discount"]])


def price_rises(past: Past, asked: Asked) -> int | None:
    """How often a plan went on at a higher price: that of a seat, or the whole where seats are not counted."""
    held = terms(past, asked)
    return sum(_is_dearer(past, term, held) for term in held) if held else None


def days_since_rise(past: Past, asked: Asked) -> int | None:
    """Days since terms began at a higher price than those before."""
    held = terms(past, asked)
    return min((past.ago(term["started_at"]) for term in held if _is_dearer(past, term, held)), default=None)


def steepest_rise(past: Past, asked: Asked) -> Fraction | None:
    """The greatest share by which the price of terms that began in the last 364 days was higher than that before."""
    held = terms(past, asked)
    fresh = [term for term in held if past.ago(term["started_at"]) <= 364 and _is_dearer(past, term, held)]
    before = [(_unit_price(term), price_before(past, term, held)) for term in fresh]
    return max((now / then - 1 for now, then in before if now is not None and then), default=None)


def beside_first(past: Past, asked: Asked) -> Fraction | None:
    """The price in force beside the first on the same plan, where that is most."""
    shares = [
        now / first
        for term in in_force(past, asked)
        if (now := _unit_price(term)) is not None and (first := _first_price(past, asked, term["plan"]))
    ]
    return max(shares, default=None)


def _first_price(past: Past, asked: Asked, plan: str) -> Fraction | None:
    """What the plan cost first: the highest price of the terms of it that began on the first day."""
    held = [term for term in terms(past, asked) if term["plan"] == plan]
    first = min(past.day(term["started_at"]) for term in held)
    prices = [_unit_price(term) for term in held if past.day(term["started_at"]) == first]
    return max((price for price in prices if price is not None), default=None)


def price_before(past: Past, term: Row, held: list[Row]) -> Fraction | None:
    """The price of the terms of the same plan that ended last by the day these began; of several the highest."""
    start = past.day(term["started_at"])
    priced = [
        (other, _unit_price(other)) for other in held if other["plan"] == term["plan"] and _had_lasted(past, other)
    ]
    ended = [(past.day(other["ended_at"]), price) for other, price in priced if price is not None]
    return max(((day, price) for day, price in ended if day <= start), default=(None, None))[1]


def _is_dearer(past: Past, term: Row, held: list[Row]) -> bool:
    """Whether terms cost more than those before them on the same plan."""
    now, before = _unit_price(term), price_before(past, term, held)
    return now is not None and before is not None and now > before


def _had_lasted(past: Past, term: Row) -> bool:
    """Whether terms have ended that lasted a day at least."""
    return past.gone(term["ended_at"]) and past.day(term["started_at"]) < past.day(term["ended_at"])


def _unit_price(term: Row) -> Fraction | None:
    return None if term["mrr"] is None else round(Fraction(term["mrr"]) / (term["seats"] or 1), 6)


def next_renewal(past: Past, term: Row) -> date | None:
    """The first renewal on or after the as_of or, of what has ended, on or after the end."""
    return next((day for day in _renewal_days(past, term) if day >= _until(past, term)), None)


def _ended_on_renewal(past: Past, term: Row) -> bool:
    return _had_lasted(past, term) and next_renewal(past, term) == past.day(term["ended_at"])


def _passed(past: Past, term: Row) -> Iterator[date]:
    return takewhile(lambda day: day < _until(past, term), _renewal_days(past, term))


def _until(past: Past, term: Row) -> date:
    return min(past.as_of, past.day(term["ended_at"])) if term["ended_at"] is not None else past.as_of


def _renewal_days(past: Past, term: Row) -> Iterator[date]:
    """The renewals one after the other: the first where it is said, else a term after the start; then every term.

    They end at the first on or after the as_of, as nobody asks for later ones.
    """
    months = term["term_months"]
    if term["renews_at"] is None and not months:
        return
    first = past.day(term["renews_at"] or term["started_at"])
    steps = 0 if term["renews_at"] is not None else 1
    while True:
        day = months_later(first, steps * (months or 0))
        yield day
        if day >= past.as_of or not months:
            return
        steps += 1


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last where it has none."""
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
