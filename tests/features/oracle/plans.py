"""Plans: what is held, what stands above it, what a move asks, and what would still fit."""

from __future__ import annotations

from fractions import Fraction

from tests.features.oracle.past import Asked, Past, Row
from tests.features.oracle.terms import BEFORE, in_force, known


def held(past: Past, asked: Asked, days: int = 0) -> list[Row]:
    """The plan of each subscription in force (or in force so many days ago), where the plan is listed by now."""
    return [plan for term in in_force(past, asked, days) for plan in past.seen("plans", plan=term["plan"])]


def tier(past: Past, asked: Asked) -> int | None:
    """The highest tier in force."""
    return max(known(held(past, asked), "tier"), default=None)


def tier_before(past: Past, asked: Asked) -> int | None:
    """The highest tier in force half a year ago."""
    return max(known(held(past, asked, BEFORE), "tier"), default=None)


def limit_of_all(past: Past, asked: Asked, column: str) -> Fraction | None:
    """The limits of all that it holds together; None where a plan has none."""
    limits = [plan[column] or 0 for plan in held(past, asked)]
    return sum(map(Fraction, limits), Fraction(0)) if limits and min(limits) > 0 else None


def above(past: Past, asked: Asked) -> list[Row]:
    """The plans on offer of a higher tier and of the same family as (one of) the highest that it holds."""
    mine = held(past, asked)
    families = {plan["family"] for plan in mine if plan["tier"] == tier(past, asked)}
    return [
        plan for plan in past.seen("plans") if mine and plan["tier"] > tier(past, asked) and plan["family"] in families
    ]


def tiers_above(past: Past, asked: Asked) -> int | None:
    """How many higher tiers there are; None where it holds no plan that has one."""
    return len({plan["tier"] for plan in above(past, asked)}) if held(past, asked) else None


def next_price(past: Past, asked: Asked) -> Fraction | None:
    """The lowest list price in the next tier, as a share of that of the plan of the same family that it holds."""
    higher = above(past, asked)
    following = [plan for plan in higher if plan["tier"] == min(known(higher, "tier"))]
    top = [plan for plan in held(past, asked) if plan["tier"] == tier(past, asked) and plan["list_price"]]
    return min(
        (
            Fraction(plan["list_price"]) / Fraction(own["list_price"])
            for own in top
            for plan in following
            if plan["family"] == own["family"] and plan["list_price"] is not None
        ),
        default=None,
    )


def paths(past: Past, asked: Asked) -> list[Row]:
    """The upgrade paths that are open from a plan that it holds."""
    plans = {term["plan"] for term in in_force(past, asked)}
    return [path for path in past.seen("upgrade_paths") if path["from_plan"] in plans]


def capabilities(path: Row) -> int:
    """How many capabilities a path tells of: a number, or names parted by commas or semicolons."""
    text = path["new_capabilities"].strip()
    if text.isascii() and text.isdigit():
        return int(text)
    return sum(bool(name.strip()) for name in text.replace(";", ",").split(","))


def most_capabilities(past: Past, asked: Asked) -> int | None:
    """The most capabilities that an open path brings."""
    told = [path for path in paths(past, asked) if path["new_capabilities"] is not None]
    return max((capabilities(path) for path in told), default=None)


def fits(past: Past, asked: Asked) -> list[bool]:
    """For each pair of an accessory that is attached and a higher plan of which it is known: whether it works there."""
    rows = past.seen("accessories", account_id=asked.account)
    attached = {row["accessory"] for row in rows if row["detached_at"] is None}
    higher = {plan["plan"] for plan in above(past, asked)}
    told = past.seen("compatibility")
    return [row["works"] for row in told if row["accessory"] in attached and row["plan"] in higher]


def is_allowed(past: Past, asked: Asked) -> bool | None:
    """Whether a plan in force has the tier that the product asks for; None without such a plan or such a product."""
    answers = [
        product["min_tier"] is None or plan["tier"] >= product["min_tier"]
        for product in past.seen("products", product=asked.product)
        for plan in held(past, asked)
    ]
    return any(answers) if answers else None
