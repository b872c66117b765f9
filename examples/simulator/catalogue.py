"""What is sold, as tables: plans, products, the ways from plan to plan, and what works with what.

These tables have no history, so that each of their values stands for all the time: prices and the stages of markets are
those of the first day, and what a release breaks later on is told from that day on, by `since`.
"""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from examples.simulator.scenario import Scenario


def plans(scenario: Scenario) -> pd.DataFrame:
    """One row a plan; `list_price` is a month and seat on the first day, `quantity_limit` is of 28 days."""
    return pd.DataFrame(
        {
            "plan": [plan.name for plan in scenario.plans],
            "tier": range(1, len(scenario.plans) + 1),
            "family": "suite",
            "list_price": [plan.price for plan in scenario.plans],
            "released_at": [_midnight(plan.released) for plan in scenario.plans],
            "seat_limit": pd.array([plan.seat_limit for plan in scenario.plans], dtype="Int64"),
            "quantity_limit": [plan.quantity_limit for plan in scenario.plans],
        }
    )


def products(scenario: Scenario) -> pd.DataFrame:
    """One row a product; `market` is the stage of its market on the first day."""
    return pd.DataFrame(
        {
            "product": [product.name for product in scenario.products],
            "family": [product.family for product in scenario.products],
            "core": [product.core for product in scenario.products],
            "launched_at": [_midnight(product.launched) for product in scenario.products],
            "min_tier": [product.min_tier for product in scenario.products],
            "market": [product.stage for product in scenario.products],
        }
    )


def upgrade_paths(scenario: Scenario) -> pd.DataFrame:
    """One row a step from a plan to the next."""
    steps = list(zip(scenario.plans[:-1], scenario.plans[1:], strict=True))
    return pd.DataFrame(
        {
            "from_plan": [low.name for low, _ in steps],
            "to_plan": [high.name for _, high in steps],
            "available_at": [_midnight(max(low.released, high.released)) for low, high in steps],
            "new_capabilities": [str(low.capabilities) for low, _ in steps],
            "migration_hours": [float(low.hours) for low, _ in steps],
        }
    )


def compatibility(scenario: Scenario) -> pd.DataFrame:
    """One row an (accessory, plan), the last word on it: before the release that broke it, the table is silent."""
    rows = []
    for accessory in scenario.accessories:
        for tier, plan in enumerate(scenario.plans, start=1):
            works, since = tier < accessory.breaks_from, plan.released
            releases = [
                release.day
                for release in scenario.world.broken
                if release.accessory == accessory.name and release.from_tier <= tier
            ]
            if works and releases:
                works, since = False, scenario.date(min(releases))
            rows.append((accessory.name, plan.name, works, _midnight(since)))
    return pd.DataFrame(rows, columns=["accessory", "plan", "works", "since"])


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
