"""Moves: how an account came to the tier that it is on."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.families.upgrades import plans_held
from features.feature import Aggregate, Feature, Rung, StateSource, Unit
from features.tables import Tables


def _moves(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, subscription known to a plan released): `up` or `down` from the one before.

    The one before is that of the same family that began before; where several began on one day, the highest counts.
    """
    held = plans_held(tables, cohort)
    family = held["family"].fill_null("")
    begun = (
        held.mutate(family=family)
        .group_by("account_id", "as_of", "family", "day")
        .aggregate(tier=held["tier"].max(), age=held["age"].min(), in_force=held["in_force"].any())
    )
    in_order = ibis.window(group_by=["account_id", "as_of", "family"], order_by="day")
    before = begun["tier"].lag().over(in_order)
    return begun.mutate(up=(begun["tier"] > before).fill_null(False), down=(begun["tier"] < before).fill_null(False))


def _days_on_tier(rows: ir.Table) -> ir.Value:
    """Days since the last move or, without one, since the first plan; missing where nothing is in force."""
    since = ibis.coalesce(rows["age"].min(where=rows["up"] | rows["down"]), rows["age"].max())
    return ibis.ifelse(rows["in_force"].any(), since, ibis.null("int64"))


moves = StateSource(
    "moves",
    _moves,
    (
        Aggregate("up", lambda t: t.up.sum()),
        Aggregate("down", lambda t: t.down.sum()),
        Aggregate("days_on_tier", _days_on_tier),
    ),
    table="subscriptions",
    columns=("plans.tier",),
)

_ROWS: tuple[tuple[str, str, Unit, Rung, str, str, str], ...] = (
    ("moves_up", "up", "count", "adoption", "Moves to a higher tier so far: {value}", "No plan with a tier so far",
     "How often the account went from a plan to one of a higher tier of the same family"),
    ("moves_down", "down", "count", "loyalty", "Moves to a lower tier so far: {value}", "No plan with a tier until now",
     "How often the account went from a plan to one of a lower tier of the same family"),
    ("days_on_tier", "days_on_tier", "days", "loyalty", "It has been on its tier for {value}",
     "No plan with a tier in force now", "Days since the last move between tiers or, without one, the first plan"),
)  # fmt: skip
"""Name, state, unit, rung, phrase, phrase where missing, description."""

FEATURES = tuple(
    Feature(
        name=name,
        value=moves.state(state),
        unit=unit,
        idea="plan",
        rung=rung,
        purpose="growth" if name == "moves_up" else "retention",
        missing="unknown",
        phrase=phrase,
        missing_phrase=missing_phrase,
        description=description,
    )
    for name, state, unit, rung, phrase, missing_phrase, description in _ROWS
)
SOURCES = (moves,)
