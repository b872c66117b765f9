"""Who takes on a product, leaves, moves up or changes seats today: the causes of `examples/causes.py` applied."""

from __future__ import annotations

import numpy as np
import pandas as pd

from examples import causes, market
from examples.accounts import Population
from examples.contracts import Contracts
from examples.helpdesk import Helpdesk
from examples.outreach import Outreach
from examples.states import State

SEAT_LIMIT = market.PLANS["seat_limit"].fillna(np.inf).to_numpy(dtype=float)
QUANTITY_LIMIT = market.PLANS["quantity_limit"].fillna(np.inf).to_numpy(dtype=float)
MIGRATION_HOURS = np.array([2.0, 12.0, 40.0, 0.0])
TOP_TIER = len(market.PLANS) - 1
BREAKS = market.breaks()


def take_on(
    state: State,
    population: Population,
    contracts: Contracts,
    outreach: Outreach,
    alive: np.ndarray,
    day: int,
    rng: np.random.Generator,
) -> None:
    """Some accounts take on a product today."""
    used = (state.uses & alive[:, None]).astype(float)
    in_segment = np.eye(population.segment.max() + 1)[population.segment] * alive[:, None]
    shares = (in_segment.T @ used) / np.maximum(in_segment.sum(axis=0), 1.0)[:, None]
    of_family = np.eye(len(market.FAMILIES))[market.FAMILY_OF]
    adjacent = np.minimum((used * ~market.CORE) @ of_family, 2.0)[:, market.FAMILY_OF]
    shape = state.uses.shape
    chance = causes.hazard(
        causes.ADOPTION,
        {
            "pull": np.broadcast_to(market.PULL, shape),
            "adjacent_use": adjacent,
            "interest": state.interest[:, market.FAMILY_OF],
            "peers": shares[population.segment],
            "quick_start": np.broadcast_to(state.quick_start[:, None], shape),
            "champion": np.broadcast_to(state.champion[:, None], shape),
            "value": np.broadcast_to(state.value[:, None], shape),
            "adoption_offer": outreach.adoption_in_force(day),
        },
    )
    candidate = (
        ~state.uses & alive[:, None] & (contracts.tier[:, None] >= market.MIN_TIER) & (day >= market.LAUNCHED_ON)
    )
    candidate &= (day - population.signed_up > 10)[:, None]
    takes = candidate & (rng.random(shape) < chance)
    state.uses = state.uses | takes
    state.adopted_on = np.where(takes, day + 1, state.adopted_on)
    dropped = state.uses & ~market.CORE & (rng.random(shape) < 0.0004)
    state.uses = state.uses & ~dropped


def move(
    state: State,
    contracts: Contracts,
    outreach: Outreach,
    helpdesk: Helpdesk,
    accessories: pd.DataFrame,
    alive: np.ndarray,
    day: int,
    rng: np.random.Generator,
) -> None:
    """Some accounts decide today to leave, some move up a plan, some change their seats."""
    change = np.log((state.habit_fast + 0.05) / (state.habit_slow + 0.05))
    settled = alive & ~contracts.leaving(day) & (contracts.age(day) > 20)
    leave = causes.hazard(
        causes.CHURN,
        {
            "falling_use": np.clip(-change, 0.0, 1.6),
            "little_use": np.clip(-np.log(state.habit_fast + 0.05) - 0.3, 0.0, 2.0),
            "overdue_tickets": np.minimum(helpdesk.overdue, 3).astype(float),
            "broken_trust": np.clip(-state.trust, 0.0, 1.6),
            "satisfaction": np.clip(state.satisfaction, -2.0, 2.0),
            "budget": np.clip(state.budget, -2.0, 2.0),
            "no_champion": 1.0 - state.champion,
            "near_renewal": (contracts.annual & (contracts.days_to_renewal(day) <= 60)).astype(float),
            "monthly": (~contracts.annual).astype(float),
            "retention_offer": outreach.in_force("retention", day),
        },
    )
    contracts.leave(settled & (rng.random(len(alive)) < leave), day, rng)
    pressure = np.maximum(contracts.seats / SEAT_LIMIT[contracts.tier], state.quantity / QUANTITY_LIMIT[contracts.tier])
    climb = causes.hazard(
        causes.UPGRADE,
        {
            "limit_pressure": np.clip(pressure - 0.6, 0.0, 0.6),
            "breadth": np.minimum(state.uses.sum(axis=1) - 2.0, 6.0),
            "quick_start": state.quick_start,
            "rising_use": np.clip(change, 0.0, 1.2),
            "satisfaction": np.clip(state.satisfaction, -2.0, 2.0),
            "budget": np.clip(state.budget, -2.0, 2.0),
            "breaking_accessory": _breaking(accessories, contracts.tier, day),
            "migration_hours": MIGRATION_HOURS[contracts.tier],
            "upgrade_offer": outreach.in_force("upgrade", day),
        },
    )
    able = settled & ~contracts.leaving(day) & (contracts.tier < TOP_TIER)
    ups = able & (rng.random(len(alive)) < climb)
    contracts.move(ups, 1, day)
    downs = settled & ~ups & (contracts.tier > 0) & (rng.random(len(alive)) < 0.0002 * np.exp(-state.budget))
    contracts.move(downs & ~contracts.leaving(day), -1, day)
    grows = 0.0012 * np.exp(0.8 * np.clip(change, -1, 1) + 0.4 * state.budget)
    contracts.resize(settled & ~ups & ~downs & (rng.random(len(alive)) < grows), day, SEAT_LIMIT, rng)


def _breaking(accessories: pd.DataFrame, tier: np.ndarray, day: int) -> np.ndarray:
    """1 where something attached today would no longer work one plan up."""
    account, accessory = accessories["account"].to_numpy(), accessories["accessory"].to_numpy()
    there = (accessories["attached"].to_numpy() <= day) & (accessories["detached"].to_numpy() > day)
    broken = there & BREAKS[accessory, tier[account]]
    return (np.bincount(account[broken], minlength=len(tier)) > 0).astype(float)
