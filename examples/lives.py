"""The invented company's accounts lived day by day: states drift, things happen, some leave, move up or take on more.

Every state is a number an account that changes from day to day: `need` (how much there is to do), `habit` (use of
late), `value` (in use), `satisfaction`, `trust`, `budget`, a `champion`. Use follows the states, and so do the hazards
of `examples/causes.py`: nothing that becomes of an account is drawn from anything but them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from examples import market
from examples.accounts import Population
from examples.contracts import Contracts
from examples.decisions import move, take_on
from examples.helpdesk import Helpdesk
from examples.outreach import Outreach
from examples.states import State, begin, drift

ACTIONS_PER_VISIT = 14.0
WEEK = np.array([1.15, 1.2, 1.2, 1.1, 1.0, 0.25, 0.2])
"""How much is done on each day of the week, Monday first."""
KEPT = ("satisfaction", "trust", "champion", "alive", "interest", "value")


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


def live(population: Population, days: int, rng: np.random.Generator) -> Lives:
    """Lives every day of every account in order; the same generator gives the same lives."""
    state, milestones = begin(population, rng)
    contracts = Contracts.sign(population, rng)
    accessories = _attach(population, days, rng)
    helpdesk, outreach = Helpdesk(population, days, rng), Outreach(len(population))
    kept = {name: np.zeros((days, len(population)), np.float32) for name in KEPT}
    use: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
    for day in range(days):
        alive = contracts.alive(day)
        drift(state, alive, day, milestones, helpdesk, rng)
        visits = _visit(state, population, contracts, alive, day, WEEK[(market.FIRST_DAY.weekday() + day) % 7], rng)
        account, product = np.nonzero(visits)
        use.append((day, account, product, visits[account, product]))
        helpdesk.arise(day, alive, visits.sum(axis=1), state, population, rng)
        outreach.approach(day, alive, state, contracts, rng)
        take_on(state, population, contracts, outreach, alive, day, rng)
        move(state, contracts, outreach, helpdesk, accessories, alive, day, rng)
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


def _attach(population: Population, days: int, rng: np.random.Generator) -> pd.DataFrame:
    """What each account attaches and detaches: account, accessory, attached, detached (days)."""
    n, kinds = len(population), len(market.ACCESSORIES)
    account, accessory = np.nonzero(rng.random((n, kinds)) < 0.27)
    attached = np.maximum(population.signed_up[account], -800) + rng.integers(3, 220, len(account))
    stays = rng.exponential(900.0, len(account)).astype(int) + 20
    frame = pd.DataFrame(
        {"account": account, "accessory": accessory, "attached": attached, "detached": attached + stays}
    )
    return frame[frame["attached"] < days].reset_index(drop=True)


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
    weights = np.where(market.CORE, 0.052, 0.027) * np.exp(0.25 * state.interest[:, market.FAMILY_OF])
    expected = contracts.seats**0.62 * level
    rate = np.where(alive[:, None] & state.uses, expected[:, None] * weights, 0.0) * weekday
    visits = rng.poisson(rate)
    usual = contracts.seats**0.62 * 0.155
    relative = np.where(alive, (visits.sum(axis=1) + 0.02) / (usual * weekday), 0.0)
    young = np.clip(1.0 / np.maximum(day - np.maximum(population.signed_up, 0) + 1, 1), 0.0, 1.0)
    state.habit_fast = state.habit_fast + np.maximum(1 / 18, young) * (relative - state.habit_fast)
    state.habit_slow = state.habit_slow + np.maximum(1 / 75, young) * (relative - state.habit_slow)
    state.quantity = state.quantity * (1 - 1 / 28) + visits.sum(axis=1) * ACTIONS_PER_VISIT
    return visits


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
