"""The invented company's accounts lived day by day: states drift, things happen, and some leave, move up or take on more.

Every state is a number an account that changes from day to day: `need` (how much there is to do), `habit` (use of late),
`value` (in use), `satisfaction`, `trust`, `budget`, a `champion`. Use follows the states, and so do the hazards of
`examples/causes.py`: nothing that happens is drawn from anything but them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from examples import causes, market
from examples.accounts import Population
from examples.contracts import Contracts
from examples.outreach import Outreach
from examples.helpdesk import Helpdesk

FAMILY_OF = np.array([market.FAMILIES.index(family) for family in market.PRODUCTS["family"]])
CORE = market.PRODUCTS["core"].to_numpy(dtype=bool)
MIN_TIER = market.PRODUCTS["min_tier"].to_numpy(dtype=int) - 1
PULL = market.PRODUCTS["pull"].to_numpy(dtype=float)
SEAT_LIMIT = market.PLANS["seat_limit"].fillna(np.inf).to_numpy(dtype=float)
QUANTITY_LIMIT = market.PLANS["quantity_limit"].fillna(np.inf).to_numpy(dtype=float)
MIGRATION_HOURS = np.array([2.0, 12.0, 40.0, 0.0])
ACTIONS_PER_VISIT = 9.0
WEEK = np.array([1.15, 1.2, 1.2, 1.1, 1.0, 0.25, 0.2])
"""How much is done on each day of the week, Monday first."""
TOP_TIER = len(market.PLANS) - 1


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


@dataclass
class Lives:
    """Everything that happened, as frames whose `account` is a position and whose `day` counts from the first."""

    use: pd.DataFrame
    """account, product, day, visits."""
    subscriptions: pd.DataFrame
    tickets: pd.DataFrame
    offers: pd.DataFrame
    adopted_on: np.ndarray
    milestones: np.ndarray
    """(accounts, milestones): the day reached; a large number where it never is."""
    accessories: pd.DataFrame
    states: dict[str, np.ndarray] = field(default_factory=dict)
    """(days, accounts) of the states that traces other than use depend on, see `KEPT`."""


KEPT = ("satisfaction", "trust", "champion", "alive", "interest", "value")
NEVER = 10**6


def live(population: Population, days: int, rng: np.random.Generator) -> Lives:
    """Lives every day of every account in order; the same generator gives the same lives."""
    state, milestones = _begin(population, rng)
    contracts = Contracts.sign(population, rng)
    accessories = _attach(population, days, rng)
    helpdesk, outreach = Helpdesk(population, days, rng), Outreach(len(population))
    kept = {name: np.zeros((days, len(population)), np.float32) for name in KEPT}
    use: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
    for day in range(days):
        alive = contracts.alive(day)
        _drift(state, alive, day, milestones, helpdesk, rng)
        visits = _visit(state, population, contracts, alive, day, WEEK[(market.FIRST_DAY.weekday() + day) % 7], rng)
        account, product = np.nonzero(visits)
        use.append((day, account, product, visits[account, product]))
        helpdesk.arise(day, alive, visits.sum(axis=1), state, population, rng)
        outreach.approach(day, alive, state, contracts, rng)
        _take_on(state, population, contracts, outreach, alive, day, rng)
        _move(state, contracts, outreach, helpdesk, accessories, alive, day, rng)
        today = (state.satisfaction, state.trust, state.champion, alive, state.interest.max(axis=1), state.value)
        for name, values in zip(KEPT, today, strict=True):
            kept[name][day] = values
    return Lives(
        use=_frame_of_use(use),
        subscriptions=contracts.frame(),
        tickets=helpdesk.frame(),
        offers=outreach.frame(),
        adopted_on=state.adopted_on,
        milestones=milestones,
        accessories=accessories,
        states=kept,
    )


def _begin(population: Population, rng: np.random.Generator) -> tuple[State, np.ndarray]:
    """The states at the start, and the days on which each account's milestones fall."""
    n, products = len(population), len(market.PRODUCTS)
    due = np.array(list(market.MILESTONES.values()))
    pace = np.exp(-0.45 * population.diligence[:, None] + 0.45 * rng.standard_normal((n, len(due))) - 0.25)
    reached = population.signed_up[:, None] + np.ceil(np.maximum.accumulate(due * pace, axis=1)).astype(int)
    milestones = np.where(pace > 2.2, NEVER, reached)
    interest = 0.7 * rng.standard_normal((n, len(market.FAMILIES)))
    tier = population.tier[:, None]
    seasoned = np.clip(-population.signed_up / 400.0, 0.0, 1.0)[:, None]
    odds = -1.2 + PULL + 0.9 * interest[:, FAMILY_OF] + 1.4 * seasoned
    old = (population.signed_up < 0)[:, None] & (rng.random((n, products)) < 1 / (1 + np.exp(-odds)))
    uses = (old & (tier >= MIN_TIER) & (market.LAUNCHED_ON < 0)) | CORE
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


def _attach(population: Population, days: int, rng: np.random.Generator) -> pd.DataFrame:
    """What each account attaches and detaches: account, accessory, attached, detached (days)."""
    n, kinds = len(population), len(market.ACCESSORIES)
    account, accessory = np.nonzero(rng.random((n, kinds)) < 0.27)
    attached = np.maximum(population.signed_up[account], -800) + rng.integers(3, 220, len(account))
    stays = rng.exponential(900.0, len(account)).astype(int) + 20
    frame = pd.DataFrame({"account": account, "accessory": accessory, "attached": attached, "detached": attached + stays})
    return frame[frame["attached"] < days].reset_index(drop=True)


def _drift(
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
    breadth = state.uses.sum(axis=1) - CORE.sum()
    aim = 0.6 * state.need + 0.22 * breadth + 0.35 * state.quick_start - 0.9
    state.value = state.value + 0.02 * (aim - state.value)
    mood = 0.55 * state.value + 0.35 * state.trust - 0.35 * np.minimum(helpdesk.overdue(day), 3) + helpdesk.temper
    state.satisfaction = state.satisfaction + 0.03 * (mood - state.satisfaction) + 0.03 * rng.standard_normal(n)


def _visit(
    state: State,
    population: Population,
    contracts: Contracts,
    alive: np.ndarray,
    day: int,
    weekday: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Today's visits (accounts, products); updates habit and the quantity of the last four weeks."""
    settling = np.clip((day - population.signed_up) / 25.0, 0.15, 1.0)
    mood = np.exp(0.15 * state.satisfaction + 0.2 * (state.champion - 0.75))
    level = np.exp(state.need) * settling * mood * np.where(contracts.leaving(day), 0.55, 1.0)
    weights = np.where(CORE, 0.08, 0.042) * np.exp(0.25 * state.interest[:, FAMILY_OF])
    expected = contracts.seats**0.62 * level
    rate = np.where(alive[:, None] & state.uses, expected[:, None] * weights, 0.0) * weekday
    visits = rng.poisson(rate)
    usual = contracts.seats**0.62 * 0.24
    relative = np.where(alive, (visits.sum(axis=1) + 0.02) / (usual * weekday), 0.0)
    young = np.clip(1.0 / np.maximum(day - np.maximum(population.signed_up, 0) + 1, 1), 0.0, 1.0)
    state.habit_fast = state.habit_fast + np.maximum(1 / 18, young) * (relative - state.habit_fast)
    state.habit_slow = state.habit_slow + np.maximum(1 / 75, young) * (relative - state.habit_slow)
    state.quantity = state.quantity * (1 - 1 / 28) + visits.sum(axis=1) * ACTIONS_PER_VISIT
    return visits


def _take_on(
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
    of_family = np.eye(len(market.FAMILIES))[FAMILY_OF]
    adjacent = np.minimum((used * ~CORE) @ of_family, 2.0)[:, FAMILY_OF]
    shape = state.uses.shape
    chance = causes.hazard(
        causes.ADOPTION,
        {
            "pull": np.broadcast_to(PULL, shape),
            "adjacent_use": adjacent,
            "interest": state.interest[:, FAMILY_OF],
            "peers": shares[population.segment],
            "quick_start": np.broadcast_to(state.quick_start[:, None], shape),
            "champion": np.broadcast_to(state.champion[:, None], shape),
            "value": np.broadcast_to(state.value[:, None], shape),
            "adoption_offer": outreach.adoption_in_force(day),
        },
    )
    candidate = ~state.uses & alive[:, None] & (contracts.tier[:, None] >= MIN_TIER) & (market.LAUNCHED_ON <= day)
    candidate &= (day - population.signed_up > 10)[:, None]
    takes = candidate & (rng.random(shape) < chance)
    state.uses = state.uses | takes
    state.adopted_on = np.where(takes, day + 1, state.adopted_on)
    dropped = state.uses & ~CORE & (rng.random(shape) < 0.0004)
    state.uses = state.uses & ~dropped


def _move(
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
            "overdue_tickets": np.minimum(helpdesk.overdue(day), 3).astype(float),
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
    now = accessories[(accessories["attached"] <= day) & (accessories["detached"] > day)]
    account = now["account"].to_numpy()
    broken = market.breaks()[now["accessory"].to_numpy(), tier[account]]
    return (np.bincount(account[broken], minlength=len(tier)) > 0).astype(float)


def _frame_of_use(use: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]]) -> pd.DataFrame:
    """One row an account, product and day with at least one visit."""
    return pd.DataFrame(
        {
            "account": np.concatenate([account for _, account, _, _ in use]),
            "product": np.concatenate([product for _, _, product, _ in use]),
            "day": np.concatenate([np.full(len(account), day) for day, account, _, _ in use]),
            "visits": np.concatenate([visits for _, _, _, visits in use]),
        }
    )
