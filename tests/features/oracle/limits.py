"""Limits, moves and the next plan."""

from __future__ import annotations

from fractions import Fraction

from tests.features.oracle.past import Asked, Past, Row
from tests.features.oracle.plans import above, held, limit_of_all, tier
from tests.features.oracle.terms import BEFORE, in_force, known, terms, total
from tests.features.oracle.use import first_days, uses

YEAR = 364
STRETCH = 28


def limited_seats(past: Past, asked: Asked, days: int = 0) -> int | None:
    """The seats of what is in force (or was, so many days ago) on plans that limit them."""
    limited = {plan["plan"] for plan in past.seen("plans") if (plan["seat_limit"] or 0) > 0}
    return total([term for term in in_force(past, asked, days) if term["plan"] in limited], "seats")


def days_to_seat_limit(past: Past, asked: Asked) -> Fraction | None:
    """Days until the seats reach the limit at the growth of half a year; None where they do not grow towards one."""
    now, before = limited_seats(past, asked), limited_seats(past, asked, BEFORE)
    return _days_left(total(held(past, asked), "seat_limit"), now, before, BEFORE)


def _days_left(
    limit: Fraction | None, now: Fraction | int | None, before: Fraction | int | None, days: int
) -> Fraction | None:
    if limit is None or now is None or before is None or now <= before:
        return None
    left = max(Fraction(limit) - Fraction(now), Fraction(0)) / (Fraction(now) - Fraction(before)) * days
    return min(round(left, 6), Fraction(YEAR))


def _quantities(past: Past, asked: Asked) -> list[Fraction] | None:
    """The quantities of the last three stretches of 28 days, the last first; None where all are without any."""
    found: dict[int, Fraction] = {}
    for day, use in uses(past, asked):
        stretch = ((past.as_of - day).days - 1) // STRETCH
        if use["quantity"] is not None and stretch < 3:
            found[stretch] = found.get(stretch, Fraction(0)) + Fraction(use["quantity"])
    return [found.get(stretch) for stretch in range(3)] if found else None  # type: ignore[misc]


def quantity_peak(past: Past, asked: Asked) -> Fraction | None:
    """The largest of them as a share of the plan's limit."""
    used, limit = _quantities(past, asked), limit_of_all(past, asked, "quantity_limit")
    if used is None or limit is None:
        return None
    return max(quantity for quantity in used if quantity is not None) / limit


def days_to_quantity_limit(past: Past, asked: Asked) -> Fraction | None:
    """Days until a stretch's quantity reaches the limit, at the growth from the third last stretch on."""
    used, limit = _quantities(past, asked), limit_of_all(past, asked, "quantity_limit")
    if used is None or limit is None:
        return None
    return _days_left(limit, used[0] or Fraction(0), used[2] or Fraction(0), 2 * STRETCH)


def moves(past: Past, asked: Asked) -> list[tuple[int, int]] | None:
    """Days ago of each beginning on a listed plan, and by how many tiers it lay above the one before of its family.

    Of several beginnings on one day the highest counts. None where nothing listed was ever held.
    """
    begun: dict[str, dict[int, int]] = {}
    for term in terms(past, asked):
        for plan in past.seen("plans", plan=term["plan"]):
            days = begun.setdefault(plan["family"] or "", {})
            ago = past.ago(term["started_at"])
            days[ago] = max(days.get(ago, plan["tier"]), plan["tier"])
    found = []
    for days in begun.values():
        order = sorted(days, reverse=True)
        found += [(ago, days[ago] - days[before]) for before, ago in zip([order[0], *order], order, strict=False)]
    return found or None


def moves_up(past: Past, asked: Asked) -> int | None:
    """How often it moved up."""
    found = moves(past, asked)
    return None if found is None else sum(by > 0 for _, by in found)


def moves_down(past: Past, asked: Asked) -> int | None:
    """How often it moved down."""
    found = moves(past, asked)
    return None if found is None else sum(by < 0 for _, by in found)


def days_on_tier(past: Past, asked: Asked) -> int | None:
    """Days since the last move or, without one, the first plan; None where no listed plan is in force."""
    found = moves(past, asked)
    if not found or not held(past, asked):
        return None
    return min((ago for ago, by in found if by), default=max(ago for ago, _ in found))


def _nearest(past: Past, asked: Asked) -> list[Row]:
    """The plans of the next tier."""
    higher = above(past, asked)
    return [plan for plan in higher if plan["tier"] == min(known(higher, "tier"))]


def _opened(past: Past, asked: Asked) -> list[Row] | None:
    """The products that the next tier would open; None without a next tier, or without any product listed."""
    nearest, mine = _nearest(past, asked), tier(past, asked)
    if not nearest or mine is None or not past.seen("products"):
        return None
    return [
        row
        for row in past.seen("products")
        if row["min_tier"] is not None and mine < row["min_tier"] <= nearest[0]["tier"]
    ]


def opened(past: Past, asked: Asked) -> int | None:
    """How many they are."""
    found = _opened(past, asked)
    return None if found is None else len(found)


def opened_near(past: Past, asked: Asked) -> int | None:
    """How many of them are of a family that it has used."""
    used = first_days(past, asked.account)
    families = {row["family"] for row in past.seen("products") if row["product"] in used} - {None}
    found = _opened(past, asked)
    return None if found is None else sum(row["family"] in families for row in found)


def unused(past: Past, asked: Asked) -> int | None:
    """How many products its tier allows and it has not used; None without a listed plan in force, or any product."""
    mine, used = tier(past, asked), first_days(past, asked.account)
    if mine is None or not past.seen("products"):
        return None
    return sum((row["min_tier"] or mine) <= mine and row["product"] not in used for row in past.seen("products"))


def next_hours(past: Past, asked: Asked) -> Fraction | None:
    """The least hours of an open path from the highest plan that it holds to the next tier of its family."""
    top = [plan for plan in held(past, asked) if plan["tier"] == tier(past, asked)]
    steps = {(own["plan"], to["plan"]) for own in top for to in _nearest(past, asked) if own["family"] == to["family"]}
    paths = [path for path in past.seen("upgrade_paths") if (path["from_plan"], path["to_plan"]) in steps]
    return min(known(paths, "migration_hours"), default=None)


def next_age(past: Past, asked: Asked) -> int | None:
    """Days since the first plan of the next tier was released."""
    return max((past.ago(released) for released in known(_nearest(past, asked), "released_at")), default=None)


def _fits(past: Past, asked: Asked, plans: list[Row]) -> dict[tuple[str, str], bool]:
    """By accessory attached and plan, whether it works there, where that is known."""
    rows = past.seen("accessories", account_id=asked.account)
    attached = {row["accessory"] for row in rows if row["detached_at"] is None}
    names = {plan["plan"] for plan in plans}
    return {
        (row["accessory"], row["plan"]): row["works"]
        for row in past.seen("compatibility")
        if row["accessory"] in attached and row["plan"] in names
    }


def breaking(past: Past, asked: Asked) -> int | None:
    """How many accessories would not work on a plan of the next tier; None where nothing is known of any."""
    fits = _fits(past, asked, _nearest(past, asked))
    return len({accessory for (accessory, _), works in fits.items() if not works}) if fits else None


def broken(past: Past, asked: Asked) -> int | None:
    """How many do not work on a plan that it holds; None where nothing is known of these plans nor of higher ones."""
    fits = _fits(past, asked, held(past, asked))
    count = len({accessory for (accessory, _), works in fits.items() if not works})
    return count if fits or _fits(past, asked, above(past, asked)) else None


def tiers_short(past: Past, asked: Asked) -> int | None:
    """How many tiers the best plan in force lacks for the product; None without such a plan or such a product."""
    return min(
        (
            max((product["min_tier"] or 0) - plan["tier"], 0)
            for product in past.seen("products", product=asked.product)
            for plan in held(past, asked)
        ),
        default=None,
    )
