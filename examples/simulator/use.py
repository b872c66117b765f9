"""What accounts do with what they have: one row a use, which comes of their states and changes none of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from examples.simulator.chance import Chance, further, sixteen
from examples.simulator.drift import ACTIONS, SPREADS_IN, use_rates
from examples.simulator.faults import SHARE, again, silent, write_down
from examples.simulator.instants import midnight
from examples.simulator.population import Population
from examples.simulator.scenario import Scenario
from examples.simulator.state import State
from examples.simulator.world import Today

FAILS, FAILS_BY_INCIDENT, FAILS_BY_BURDEN = 0.012, 0.12, 0.01
"""Share of uses that end in an error, and what an incident of today and those of late add to it."""
SHOWN_WITHIN = 30
"""In so many days from the first on, whatever an account already used shows itself on `min_days` days at least."""


@dataclass(frozen=True)
class Uses:
    """Rows of use of one day, by account and product."""

    account: np.ndarray
    product: np.ndarray
    user: np.ndarray
    """Of the account, from 0 on."""
    quantity: np.ndarray
    failed: np.ndarray
    occurred: np.ndarray
    recorded: np.ndarray
    repeat: np.ndarray
    """Whether it is the row before it once more."""


def uses_on(today: Today, state: State, population: Population, scenario: Scenario, chance: Chance, end: int) -> Uses:
    """What is written down of one day of these accounts; Poisson counts of the rates of `use_rates`."""
    day = today.day
    at, product, counts = _counts(today, state, population, scenario, chance)
    roots = chance.words("use", day, population.number[at], product)
    starts = np.cumsum(counts) - counts
    pair = np.repeat(np.arange(len(at)), counts)
    words = further(roots[pair], np.arange(len(pair)) - starts[pair] + 1)
    written = write_down(day, sixteen(words, 0), further(words, 1), scenario, end)
    keep, recorded = again(written.times, written.recorded, int(midnight(end, scenario)))
    pair, words = pair[keep], words[keep]
    quantities, low = _tables()
    errors = _errors(state, population, today)
    return Uses(
        account=population.number[at[pair]],
        product=product[pair],
        user=np.floor(_users(state, at, product, day)[pair] * low[sixteen(words, 1)]).astype(np.int32),
        quantity=quantities[sixteen(words, 2)],
        failed=sixteen(words, 3) < (errors * SHARE)[at[pair]],
        occurred=written.occurred[keep],
        recorded=recorded,
        repeat=np.concatenate([[False], keep[1:] == keep[:-1]]) if len(keep) else np.zeros(0, bool),
    )


def _counts(
    today: Today, state: State, population: Population, scenario: Scenario, chance: Chance
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Accounts (positions), products, and how often the one uses the other today, where it does."""
    day = today.day
    heard = state.alive(day) & ~silent(day, scenario)[population.region]
    rates = np.where(heard[:, None], use_rates(state, day, today.rhythm, scenario), 0.0)
    at, product = np.divmod(np.flatnonzero(rates), rates.shape[1])
    who = population.number[at]
    counts = chance.count(rates[at, product], "uses", day, who, product)
    counts = np.maximum(counts, _surely(state.adopted_on[at, product], day, who, product, scenario, chance))
    used = counts > 0
    return at[used], product[used], counts[used]


def _surely(
    adopted_on: np.ndarray, day: int, who: np.ndarray, product: np.ndarray, scenario: Scenario, chance: Chance
) -> np.ndarray:
    """Whether it is used today for sure: in its first days; and what was used before the tables begin, soon after.

    So the day on which a new use is sustained is known, and nothing old looks new later on.
    """
    new = (adopted_on >= 0) & (day < adopted_on + scenario.min_days)
    if day >= SHOWN_WITHIN:
        return new
    step = SHOWN_WITHIN // scenario.min_days
    old = (adopted_on < 0) & (chance.whole(0, step, "shows itself", who, product) == day % step)
    return np.asarray(new | old)


def _users(state: State, at: np.ndarray, product: np.ndarray, day: int) -> np.ndarray:
    """How many people of each account use the product: few at first, more where somebody stands for it."""
    people = state.seats[at] * (0.45 + 0.3 * state.champion[at])
    through = 1.0 - 0.8 * np.exp(-(day - state.adopted_on[at, product]) / SPREADS_IN)
    return np.asarray(np.maximum(people * through, 1.0))


def _errors(state: State, population: Population, today: Today) -> np.ndarray:
    """The share of each account's uses that fail today."""
    incident = today.incident[population.region]
    return np.asarray(np.minimum(FAILS + FAILS_BY_INCIDENT * incident + FAILS_BY_BURDEN * state.burden, 0.6))


@lru_cache(maxsize=1)
def _tables() -> tuple[np.ndarray, np.ndarray]:
    """By a number below 65,536: a quantity (one more than a Poisson number), and a mostly low number below 1."""
    luck = (np.arange(65_536) + 0.5) / SHARE
    mean = ACTIONS - 1
    steps = np.arange(1, 60)
    shares = np.exp(-mean) * np.concatenate([[1.0], np.cumprod(mean / steps)])
    return np.searchsorted(np.cumsum(shares), luck).astype(np.int16) + np.int16(1), luck**1.8
