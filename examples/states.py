"""Where each account of the invented company stands, and how that drifts from one day to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples import market
from examples.accounts import Population
from examples.helpdesk import Helpdesk

NEVER = 10**6


@dataclass
class State:
    """Where each account stands today; arrays of one element an account unless said."""

    need: np.ndarray
    need_level: np.ndarray
    """What `need` returns to; it jumps when work comes or goes."""
    habit_fast: np.ndarray
    habit_slow: np.ndarray
    value: np.ndarray
    satisfaction: np.ndarray
    trust: np.ndarray
    budget: np.ndarray
    champion: np.ndarray
    interest: np.ndarray
    """(accounts, families)."""
    uses: np.ndarray
    """(accounts, products): taken on."""
    adopted_on: np.ndarray
    """(accounts, products): the day it was taken on; a large number where it was not."""
    quick_start: np.ndarray
    quantity: np.ndarray
    """Of the last 28 days, about."""


def begin(population: Population, rng: np.random.Generator) -> tuple[State, np.ndarray]:
    """The states at the start, and the days on which each account's milestones fall."""
    n, products = len(population), len(market.PRODUCTS)
    due = np.array(list(market.MILESTONES.values()))
    pace = np.exp(-0.45 * population.diligence[:, None] + 0.45 * rng.standard_normal((n, len(due))) - 0.25)
    reached = population.signed_up[:, None] + np.ceil(np.maximum.accumulate(due * pace, axis=1)).astype(int)
    milestones = np.where(pace > 2.2, NEVER, reached)
    interest = 0.7 * rng.standard_normal((n, len(market.FAMILIES)))
    tier = population.tier[:, None]
    seasoned = np.clip(-population.signed_up / 400.0, 0.0, 1.0)[:, None]
    odds = -1.2 + market.PULL + 0.9 * interest[:, market.FAMILY_OF] + 1.4 * seasoned
    old = (population.signed_up < 0)[:, None] & (rng.random((n, products)) < 1 / (1 + np.exp(-odds)))
    uses = (old & (tier >= market.MIN_TIER) & (market.LAUNCHED_ON < 0)) | market.CORE
    adopted = np.where(uses, population.signed_up[:, None], NEVER)
    level = 0.45 * population.intensity
    state = State(
        need=level + 0.2 * rng.standard_normal(n),
        need_level=level,
        habit_fast=np.ones(n),
        habit_slow=np.ones(n),
        value=np.zeros(n),
        satisfaction=0.5 * population.temper,
        trust=np.full(n, 0.0),
        budget=0.7 * rng.standard_normal(n),
        champion=(rng.random(n) < 0.75).astype(float),
        interest=interest,
        uses=uses,
        adopted_on=adopted,
        quick_start=np.zeros(n),
        quantity=np.zeros(n),
    )
    return state, milestones


def drift(
    state: State, alive: np.ndarray, day: int, milestones: np.ndarray, helpdesk: Helpdesk, rng: np.random.Generator
) -> None:
    """Yesterday's states become today's."""
    n = len(alive)
    luck = rng.random((4, n))
    state.need_level = state.need_level - np.where(luck[0] < 0.0016, rng.uniform(0.9, 2.4, n), 0.0)
    state.need_level = state.need_level + np.where(luck[1] < 0.0011, rng.uniform(0.4, 0.9, n), 0.0)
    state.need = state.need + 0.04 * (state.need_level - state.need) + 0.04 * rng.standard_normal(n)
    state.budget = state.budget - 0.004 * state.budget + 0.05 * rng.standard_normal(n)
    state.budget = state.budget - np.where(luck[2] < 0.0007, 1.5, 0.0)
    leaves, comes = luck[3] < 0.0010, luck[3] > 1 - 0.0030
    state.champion = np.where(state.champion > 0, np.where(leaves, 0.0, 1.0), np.where(comes, 1.0, 0.0))
    state.interest = state.interest - 0.006 * state.interest + 0.08 * rng.standard_normal(state.interest.shape)
    state.quick_start = (milestones < day).all(axis=1).astype(float)
    kept, broken = helpdesk.promises(day)
    state.trust = 0.992 * state.trust + 0.06 * kept - 0.45 * broken
    breadth = state.uses.sum(axis=1) - market.CORE.sum()
    aim = 0.6 * state.need + 0.22 * breadth + 0.35 * state.quick_start - 0.9
    state.value = state.value + 0.02 * (aim - state.value)
    mood = 0.55 * state.value + 0.35 * state.trust - 0.35 * np.minimum(helpdesk.overdue, 3) + helpdesk.temper
    state.satisfaction = state.satisfaction + 0.03 * (mood - state.satisfaction) + 0.03 * rng.standard_normal(n)
