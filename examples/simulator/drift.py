"""How hidden states move from one day to the next; the equations and their sources stand in `docs/simulator.md`."""

from __future__ import annotations

import numpy as np

from examples.simulator.chance import Chance
from examples.simulator.population import Population
from examples.simulator.scenario import Scenario
from examples.simulator.spread import Spread
from examples.simulator.state import State
from examples.simulator.world import Today

SETTLES_IN = 25.0
"""Days that a new account takes to use what it has."""
SPREADS_IN = 40.0
"""Days in which a product that was taken on spreads through the account's people."""
ACTIONS = 7.0
"""Units of quantity in one use, about."""


def drift(
    state: State, population: Population, today: Today, spread: Spread, scenario: Scenario, chance: Chance
) -> None:
    """Yesterday's states become today's."""
    rates, who, day = scenario.drift, population.number, today.day
    _meet(state, population, day)
    _needs(state, population, today, scenario, chance)
    incident = today.incident[population.region]
    state.burden[:] = rates["burden_keeps"] * state.burden + incident
    breaks = (state.late_from == day).astype(float)
    state.trust[:] = rates["trust_keeps"] * state.trust - 0.15 * incident - rates["promise_broken"] * breaks
    state.price_shock[:] = rates["price_keeps"] * state.price_shock
    if not scenario.contractual:
        state.price_shock[:] += today.price_rise
    aim = value_aim(state, population, today, scenario)
    state.value[:] += rates["value_pull"] * (aim - state.value)
    state.expectation[:] += rates["expectation_pull"] * (state.value - state.expectation)
    mood = (
        0.5 * population.temper
        + 0.45 * state.value
        + 0.8 * (state.value - state.expectation)
        + 0.35 * state.trust
        - 0.5 * overdue(state, day)
        - 0.15 * state.burden
        - 1.5 * state.price_shock
    )
    noise = rates["mood_noise"] * chance.shock("mood", day, who)
    state.satisfaction[:] += rates["mood_pull"] * (mood - state.satisfaction) + noise
    _use(state, today, scenario)
    _awareness(state, population, spread, scenario)


def _meet(state: State, population: Population, day: int) -> None:
    """Whoever signs today comes with its own need and temper, and with nothing of what others went through before."""
    new = state.signed_on == day
    first = {
        "need_level": population.usual_need,
        "value": 0.3 * population.fit,
        "expectation": 0.3 * population.fit,
        "satisfaction": 0.5 * population.temper,
    }
    for name in ("need_level", "value", "expectation", "satisfaction", "trust", "burden", "price_shock"):
        values = getattr(state, name)
        values[:] = np.where(new, first.get(name, 0.0), values)


def value_aim(state: State, population: Population, today: Today, scenario: Scenario) -> np.ndarray:
    """Where value in use tends to: need met, fit, breadth, a good start; less incidents and what a release broke."""
    breadth = how_many(state.uses) - scenario.core.sum()
    unfit = np.minimum(broken_here(state, population, today), 1)
    return np.asarray(
        0.6 * state.need
        + 0.35 * population.fit
        + 0.2 * breadth
        + 0.35 * started(population, today.day)
        - 0.7
        - 0.2 * state.burden
        - 0.6 * unfit
    )


def started(population: Population, day: int) -> np.ndarray:
    """The share of the steps of getting started that were taken before that day."""
    return np.asarray(how_many(population.milestones < day) / population.milestones.shape[1])


def attached(population: Population, day: int) -> np.ndarray:
    """(accounts, accessories): whether it is attached on that day."""
    return (population.attached <= day) & (day < population.detached)


def broken_here(state: State, population: Population, today: Today) -> np.ndarray:
    """How many things are attached that do not work on the plan that the account has."""
    if not len(today.broken_here):
        return np.zeros(len(state), int)
    return how_many(attached(population, today.day) & today.broken_here.T.take(state.tier, axis=0))


def how_many(flags: np.ndarray) -> np.ndarray:
    """How many of fewer than 128 columns are true, by row; several times as fast as a sum along so short an axis."""
    return np.asarray(np.einsum("ij->i", flags.view(np.int8)).astype(np.int64))


def most(values: np.ndarray) -> np.ndarray:
    """The greatest of a few columns, by row; faster than numpy's own for the same reason."""
    return np.asarray(np.maximum.reduce(list(values.T)))


def overdue(state: State, day: int) -> np.ndarray:
    """1 where a promise is broken today and not yet made good."""
    return ((state.late_from <= day) & (day <= state.late_until)).astype(float)


def log_use(state: State, day: int) -> np.ndarray:
    """How much is done, against what the size would lead one to expect, on a log scale; without week and year."""
    settling = np.log(np.clip((day - state.signed_on) / SETTLES_IN, 0.15, 1.0))
    going = np.where(state.leaving(day), np.log(0.55), 0.0)
    carried = 0.15 * state.satisfaction + 0.2 * (state.champion - 0.75) + 0.2 * np.tanh(state.habit)
    return np.asarray(np.clip(state.need + carried + settling + going, -4.0, 3.0))


def use_rates(state: State, day: int, rhythm: float, scenario: Scenario) -> np.ndarray:
    """(accounts, products): how many uses to expect on that day, of what has been taken on."""
    weight = np.array([product.weight for product in scenario.products])
    scale = np.exp(log_use(state, day)) * state.seats**scenario.exponent * rhythm
    liking = np.exp(0.25 * state.interest)[:, scenario.family_of]
    through = 1.0 - 0.8 * np.exp(-np.maximum(day - state.adopted_on, 0) / SPREADS_IN)
    used = state.uses & (state.adopted_on <= day)
    return np.asarray(np.where(used, scale[:, None] * weight * liking * through, 0.0))


def _needs(state: State, population: Population, today: Today, scenario: Scenario, chance: Chance) -> None:
    """Need, budget, the champion and interests: what comes from outside and is nobody's doing."""
    rates, day, who = scenario.drift, today.day, population.number
    luck = chance.uniform("fortune", day, who)
    falls, rises = luck < rates["reorganised"], luck > 1 - rates["grows"]
    size = chance.uniform("how much", day, who)
    state.need_level[:] += rates["level_pull"] * (population.usual_need - state.need_level)
    state.need_level[:] += np.where(falls, -0.9 - 1.5 * size, 0.0) + np.where(rises, 0.4 + 0.5 * size, 0.0)
    noise = rates["need_noise"] * chance.shock("need", day, who)
    state.need[:] += rates["need_pull"] * (state.need_level - state.need) + noise
    cut = (luck > 0.5) & (luck < 0.5 + rates["budget_cut"])
    noise = rates["budget_noise"] * chance.shock("budget", day, who)
    state.budget[:] += rates["budget_pull"] * (-today.downturn - state.budget) + noise - 1.5 * cut
    person = chance.uniform("champion", day, who)
    goes, comes = person < rates["champion_leaves"], person > 1 - rates["champion_comes"]
    state.champion[:] = np.where(goes, 0.0, np.where(comes, 1.0, state.champion))
    families = np.arange(len(scenario.families))
    noise = rates["interest_noise"] * chance.shock("interest", day, who[:, None], families[None, :])
    state.interest[:] += noise - rates["interest_pull"] * state.interest


def _use(state: State, today: Today, scenario: Scenario) -> None:
    """Habit, the two memories of use, and the quantity of the last four weeks."""
    rates, day = scenario.drift, today.day
    use = log_use(state, day)
    fresh = state.signed_on == day
    for memory, pull in ((state.habit, "habit_pull"), (state.fast, "fast"), (state.slow, "slow")):
        memory[:] = np.where(fresh, use, memory + rates[pull] * (use - memory))
    in_use = np.zeros(len(state))
    for position, product in enumerate(scenario.products):  # one by one: no two machines add up in another order
        in_use += product.weight * state.uses[:, position]
    today_quantity = np.exp(use) * state.seats**scenario.exponent * in_use * ACTIONS
    state.quantity[:] = state.quantity * (1 - 1 / 28) + np.where(state.alive(day), today_quantity, 0.0)


def _awareness(state: State, population: Population, spread: Spread, scenario: Scenario) -> None:
    """People hear of a plan or product by themselves and from others like them, and forget (Bass 1969)."""
    rates = scenario.drift
    above = np.minimum(state.tier + 1, len(scenario.plans) - 1)
    heard = rates["aware_alone"] + rates["aware_from_others"] * spread.plans[population.segment, above]
    state.aware_next[:] += heard * (1 - state.aware_next) - rates["aware_forgets"] * state.aware_next
    heard = rates["aware_alone"] + rates["aware_from_others"] * spread.products.take(population.segment, axis=0)
    state.aware[:] += heard * (1 - state.aware) - rates["aware_forgets"] * state.aware
