"""The moments of truth of an upgrade: limits hit, what a higher plan would bring, what the move asks."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.absence import complete
from features.cohort import listed
from features.days import days_of
from features.families.consumption import consumption
from features.families.terms import BEFORE_DAYS, terms_known
from features.feature import Aggregate, Feature, StateSource
from features.scratch import shared
from features.tables import Tables

LOOK_AHEAD = 364
"""Days beyond which it does not matter when a limit would be hit."""


def plans_released(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (as_of, plan released before it), with the plan's columns."""
    tables = complete(tables, "plans")
    return listed(tables, "plans", "released_at", days_of(tables, cohort))


def plans_held(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, subscription known to a plan released): its terms, and the plan's tier and limits."""

    def held() -> ir.Table:
        plans = plans_released(tables, cohort)
        plans = plans.select("plan", "as_of", "tier", "family", "list_price", "seat_limit", "quantity_limit")
        return terms_known(tables, cohort).join(plans, ["plan", "as_of"])

    return shared(tables, "plans held", held, cohort)


def open_above(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, plan above): plans of a higher tier, of the same family, that were released.

    An account on the highest plan has one row without a plan above. `nearest` says that no tier lies between.
    """
    held = plans_held(tables, cohort).filter(lambda t: t.in_force)
    held = held.select("account_id", "as_of", "plan", "tier", "family", "list_price")
    top = held.tier == held.tier.max().over(ibis.window(group_by=["account_id", "as_of"]))
    held = held.filter(top).distinct()
    offered = plans_released(tables, cohort).select(
        "as_of", to_plan="plan", to_tier="tier", to_family="family", to_price="list_price", to_since="since"
    )
    above = held.left_join(
        offered,
        [
            held.as_of == offered.as_of,
            held.tier < offered.to_tier,
            held.family.fill_null("") == offered.to_family.fill_null(""),
        ],
    ).drop("as_of_right")
    least = above.to_tier.min().over(ibis.window(group_by=["account_id", "as_of"]))
    return above.mutate(nearest=(above.to_tier == least).fill_null(False))


def _paths(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, upgrade path open from a plan in force): `nearest`, whether it leads one tier up."""
    held = terms_known(tables, cohort).filter(lambda t: t.in_force)
    held = held.select("account_id", "as_of", from_plan="plan").distinct()
    days = days_of(tables, cohort)
    open_paths = listed(complete(tables, "upgrade_paths"), "upgrade_paths", "available_at", days)
    rows = held.join(open_paths, ["from_plan", "as_of"])
    if not tables.has("plans", "tier"):
        return rows.mutate(nearest=ibis.literal(False))
    above = open_above(tables, cohort).filter(lambda t: t.nearest)
    above = above.select("account_id", "as_of", "nearest", from_plan="plan", to_plan="to_plan").distinct()
    keys = ["account_id", "as_of", "from_plan", "to_plan"]
    return rows.left_join(above, keys).drop(*(f"{key}_right" for key in keys))


def _capabilities(rows: ir.Table) -> ir.Value:
    """How many capabilities a path tells of: a number, or names parted by commas or semicolons."""
    text = rows["new_capabilities"].strip()
    number = ibis.ifelse(text.re_search("^[0-9]+$"), text, ibis.null("string")).cast("int64")
    names = text.replace(";", ",").split(",").filter(lambda name: name.strip() != "")
    return ibis.coalesce(number, names.length())


def limit_of_all(rows: ir.Table, column: str) -> ir.Value:
    """The limits of what is in force together; missing where a plan has none, as use is not told apart by plan."""
    limited = (rows[column] > 0).fill_null(False)
    total = rows[column].sum(where=rows["in_force"])
    return ibis.ifelse((rows["in_force"] & ~limited).any(), ibis.null(total.type()), total)


def _limited(rows: ir.Table, when: str) -> ir.Value:
    """The seats of what was in force then, of plans that limit them."""
    return rows["seats"].sum(where=rows[when] & (rows["seat_limit"] > 0))


def _days_to_seat_limit(rows: ir.Table) -> ir.Value:
    """Days until the seats reach the limit, if they grow on as over the last 182 days; missing where they do not."""
    seats, before = (_limited(rows, when).cast("float64") for when in ("in_force", "in_force_before"))
    return days_left(rows["seat_limit"].sum(where=rows["in_force"]).cast("float64"), seats, before, BEFORE_DAYS)


def days_left(limit: ir.Value, now: ir.Value, before: ir.Value, days: int) -> ir.Value:
    """Days, to a millionth, until a limit is reached at the growth of so many days; missing where nothing grows."""
    growth = now - before
    left = ibis.greatest(limit - now, 0.0) * float(days) / growth.nullif(0.0)
    near = ibis.least(left, float(LOOK_AHEAD)).cast("decimal(18, 6)").cast("float64")
    return ibis.ifelse((growth > 0) & limit.notnull(), near, ibis.null("float64"))


def _next_price(rows: ir.Table) -> ir.Value:
    """The least of the next prices, as a share of the price of the plan that is moved from, not of what runs beside."""
    share = rows["to_price"].cast("float64") / rows["list_price"].cast("float64").nullif(0.0)
    return share.min(where=rows["nearest"])


plans = StateSource(
    "plans",
    plans_held,
    (
        Aggregate("tier", lambda t: t.tier.max(where=t.in_force)),
        Aggregate("tier_before", lambda t: t.tier.max(where=t.in_force_before)),
        Aggregate("seat_limit", lambda t: t.seat_limit.sum(where=t.in_force), ("plans.seat_limit",)),
        Aggregate("user_limit", lambda t: limit_of_all(t, "seat_limit"), ("plans.seat_limit",)),
        Aggregate("limited_seats", lambda t: _limited(t, "in_force"), ("seats", "plans.seat_limit")),
        Aggregate("days_to_seat_limit", _days_to_seat_limit, ("seats", "plans.seat_limit")),
        Aggregate("quantity_limit", lambda t: limit_of_all(t, "quantity_limit"), ("plans.quantity_limit",)),
    ),
    table="subscriptions",
    columns=("plans.tier",),
)

plans_above = StateSource(
    "plans_above",
    open_above,
    (
        Aggregate("tiers", lambda t: t.to_tier.nunique()),
        Aggregate("next_price", _next_price, ("plans.list_price",)),
        Aggregate(
            "next_age", lambda t: t.as_of.delta(t.to_since, unit="day").max(where=t.nearest), ("plans.released_at",)
        ),
    ),
    table="subscriptions",
    columns=("plans.tier",),
)

upgrade_paths = StateSource(
    "upgrade_paths",
    _paths,
    (
        Aggregate("capabilities", lambda t: _capabilities(t).max(), ("upgrade_paths.new_capabilities",)),
        Aggregate("hours", lambda t: t.migration_hours.min(), ("upgrade_paths.migration_hours",)),
        Aggregate(
            "next_hours",
            lambda t: t.migration_hours.min(where=t.nearest),
            ("upgrade_paths.migration_hours", "plans.tier"),
        ),
    ),
    table="subscriptions",
    columns=("upgrade_paths.to_plan",),
)

_PLAN = (
    Feature(
        name="plan_tier",
        value=plans.state("tier"),
        unit="count",
        idea="plan",
        rung="adoption",
        purpose="growth",
        missing="unknown",
        phrase="Its plan is of tier {value}",
        missing_phrase="No plan with a tier in force",
        description="Highest tier of what is in force",
    ),
    Feature(
        name="tier_change_182d",
        value=plans.state("tier") - plans.state("tier_before"),
        unit="count",
        idea="plan",
        rung="loyalty",
        purpose="growth",
        missing="unknown",
        phrase="Over the last 182 days the tier of its plan changed by {value}",
        missing_phrase="No plan 182 days ago to compare with",
        description="Highest tier in force less that of 182 days ago",
    ),
    Feature(
        name="tiers_above",
        value=plans_above.state("tiers"),
        unit="count",
        idea="room to move up",
        rung="adoption",
        moment="advantage",
        purpose="growth",
        missing="unknown",
        phrase="Tiers above its plan: {value}",
        missing_phrase="No plan in force above which another could stand",
        description="How many higher tiers of the same family were on offer",
    ),
    Feature(
        name="next_tier_price",
        value=plans_above.state("next_price"),
        unit="share",
        idea="price",
        rung="adoption",
        moment="advantage",
        purpose="pricing",
        missing="unknown",
        phrase="The next plan's list price is {value} of that of its own",
        missing_phrase="No next plan with a list price",
        description="List price of the next tier as a share of that of the plan that is moved from, at its least",
    ),
)

_LIMITS = (
    Feature(
        name="seat_limit_use_28d",
        value=consumption.distinct("user_id", 28) / plans.state("user_limit"),
        unit="share",
        idea="limits",
        rung="adoption",
        moment="advantage",
        purpose="growth",
        phrase="Users {moved} {value} of its plan's limit over the last 28 days",
        missing_phrase="No limit to its users known",
        description="Users of the last 28 days as a share of the seat limit of its plans; missing where one has none",
    ),
    Feature(
        name="quantity_limit_use_28d",
        value=consumption.total("quantity", 28) / plans.state("quantity_limit"),
        unit="share",
        idea="limits",
        rung="adoption",
        moment="advantage",
        purpose="growth",
        phrase="Quantity used {moved} {value} of its plan's limit over the last 28 days",
        missing_phrase="No limit to its use known",
        description="Quantity of the last 28 days as a share of the limit (for four weeks) of its plans; missing where "
        "one has none",
    ),
)

_MOVE = (
    Feature(
        name="new_capabilities",
        value=upgrade_paths.state("capabilities"),
        unit="count",
        idea="room to move up",
        rung="adoption",
        moment="advantage",
        purpose="growth",
        missing="unknown",
        phrase="Capabilities that a move up would bring: {value}",
        missing_phrase="No move up known that would bring capabilities",
        description="Most capabilities that an open upgrade path brings: a number, or names parted by commas",
    ),
    Feature(
        name="migration_hours",
        value=upgrade_paths.state("hours"),
        unit="hours",
        idea="ease of moving up",
        rung="adoption",
        moment="ease",
        purpose="growth",
        actionable=True,
        missing="unknown",
        phrase="The easiest move up takes {value}",
        missing_phrase="Not known how long a move up takes",
        description="Hours of the open upgrade path that takes the fewest",
    ),
)

FEATURES = (*_PLAN, *_LIMITS, *_MOVE)
SOURCES = (plans, plans_above, upgrade_paths)
