"""Why accounts leave, move up and take on more: daily log-hazards as sums of states, each under its own name.

The names are those of the coefficients in `examples/simulator/coefficients.py`, and of the true drivers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from examples.simulator.coefficients import Kind
from examples.simulator.contracts import LETTER, days_to_renewal, seat_limits
from examples.simulator.drift import attached, how_many, overdue, started
from examples.simulator.population import KINDS, Population
from examples.simulator.scenario import Scenario
from examples.simulator.spread import Spread
from examples.simulator.state import State
from examples.simulator.world import Today, World

SETTLED = 20
"""Days after signing in which nobody leaves or moves."""
NEAR = LETTER
"""Days before the end of a long term in which it is weighed whether to renew: from the letter on."""
READINESS: Mapping[Kind, tuple[float, float, float, float]] = {
    "retention": (0.0, -0.4, 0.5, 0.0),
    "upgrade": (0.0, 0.4, -0.5, 0.0),
    "adoption": (0.0, 0.4, -0.5, 0.0),
}
"""By kind of offer, what being persuadable, a sure thing, a lost cause or better left asleep adds without any offer."""


def probability(log_hazard: np.ndarray) -> np.ndarray:
    """Of the event on one day: 1 - exp(-exp(eta)), the complementary log-log link (Prentice and Gloeckler 1978)."""
    return np.asarray(-np.expm1(-np.exp(log_hazard)))


def leaving(state: State, population: Population, today: Today, scenario: Scenario) -> np.ndarray:
    """The daily probability of making up one's mind to leave."""
    weights, day = scenario.churn, today.day
    causes = {
        "falling_use": np.clip(state.slow - state.fast, 0.0, 1.6),
        "little_use": np.clip(-state.fast - 0.3, 0.0, 2.0),
        "low_value": np.clip(-state.value, -2.0, 2.0),
        "dissatisfaction": np.clip(-state.satisfaction, -2.0, 2.0),
        "mistrust": np.clip(-state.trust, -0.5, 1.6),
        "overdue": overdue(state, day),
        "tight_budget": np.clip(-state.budget, -2.0, 2.0),
        "no_champion": 1.0 - state.champion,
        "price_shock": state.price_shock,
        "near_renewal": (state.long_term & (days_to_renewal(state, day, scenario) <= NEAR)).astype(float),
        "short_term": (~state.long_term).astype(float),
    }
    offered = _answer(population, scenario, "retention", state.retention_until >= day)
    return probability(weights["always"] + _sum(weights, causes) + offered)


def moving_up(state: State, population: Population, today: Today, world: World, scenario: Scenario) -> np.ndarray:
    """The daily probability of moving to the next plan: four moments of truth multiplied, each can stop it."""
    weights, day = scenario.upgrade, today.day
    top = len(scenario.plans) - 1
    above = np.minimum(state.tier + 1, top)
    moments = (
        np.log(advantage(state, scenario))
        - np.array([plan.hours for plan in scenario.plans])[state.tier] / weights["ease_hours"]
        - weights["works_broken"] * np.minimum(would_break(state, population, today), 2)
        + np.log(_logistic(weights["quick_always"] + weights["quick_started"] * started(population, day)))
    )
    log_hazard = (
        weights["always"]
        + moments
        + np.log(state.aware_next + 1e-6)
        + weights["satisfaction"] * np.clip(state.satisfaction, -2.0, 2.0)
        + weights["budget"] * np.clip(state.budget, -2.0, 2.0)
        + _answer(population, scenario, "upgrade", state.upgrade_until >= day)
    )
    possible = (state.tier < top) & (world.released[above] < day) & ~state.leaving(day)
    return np.asarray(np.where(possible, probability(log_hazard), 0.0))


def advantage(state: State, scenario: Scenario) -> np.ndarray:
    """What the next plan would bring, 0 to 1: limits that are hit, breadth, growth, capabilities."""
    weights = scenario.upgrade
    return _logistic(
        weights["advantage_always"]
        + weights["advantage_limits"] * np.clip(pressure(state, scenario) - 0.6, 0.0, 0.6)
        + weights["advantage_breadth"] * np.minimum(how_many(state.uses) - scenario.core.sum(), 6)
        + weights["advantage_growth"] * np.clip(state.fast - state.slow, 0.0, 1.2)
        + weights["advantage_capabilities"] * np.array([plan.capabilities for plan in scenario.plans])[state.tier]
    )


def pressure(state: State, scenario: Scenario) -> np.ndarray:
    """How near the plan's nearest limit is, as a share of it."""
    seats = seat_limits(scenario)[state.tier]
    quantity = np.array([plan.quantity_limit or np.inf for plan in scenario.plans])[state.tier]
    return np.asarray(np.maximum(state.seats / seats, state.quantity / quantity))


def would_break(state: State, population: Population, today: Today) -> np.ndarray:
    """How many things are attached that work now and would not one plan up."""
    if not len(today.broken_here):
        return np.zeros(len(state), int)
    works_not = today.broken_here.T
    above = works_not[np.minimum(np.arange(len(works_not)) + 1, len(works_not) - 1)]
    breaks = (above & ~works_not).take(state.tier, axis=0)
    return how_many(attached(population, today.day) & breaks)


def taking_on(
    state: State, population: Population, today: Today, world: World, spread: Spread, scenario: Scenario
) -> np.ndarray:
    """(accounts, products): the daily probability of taking it on (Bass 1969, times what is the account's own)."""
    weights, day = scenario.adoption, today.day
    pull = np.array([product.pull for product in scenario.products]) + today.market
    heard = np.log(weights["alone"] + weights["from_others"] * spread.products)
    own = (
        weights["value"] * np.clip(state.value, -2.0, 2.0)
        + weights["started"] * started(population, day)
        + weights["champion"] * state.champion
        + readiness(population, "adoption")
    )
    of_family = weights["interest"] * state.interest + weights["adjacent_use"] * beyond_core(state, scenario)
    offered = response(population, scenario, "adoption")[:, None] * (state.adoption_until >= day)
    log_hazard = (weights["always"] + pull + heard).take(population.segment, axis=0)
    log_hazard += np.log(state.aware + 1e-6)
    log_hazard += of_family[:, scenario.family_of]
    log_hazard += own[:, None] + offered
    possible = ~state.uses & (state.tier[:, None] >= world.min_tier) & today.on_offer & ~state.leaving(day)[:, None]
    return np.asarray(np.where(possible, probability(log_hazard), 0.0))


def beyond_core(state: State, scenario: Scenario) -> np.ndarray:
    """(accounts, families): how many products of a family are in use beyond the core, at most 2."""
    counts = np.zeros((len(state), len(scenario.families)))
    for product, family in enumerate(scenario.family_of):
        if not scenario.core[product]:
            counts[:, family] += state.uses[:, product]
    return np.minimum(counts, 2.0)


def response(population: Population, scenario: Scenario, kind: Kind) -> np.ndarray:
    """What an offer of that kind in force adds to the account's log-hazard."""
    treatment = scenario.treatments[kind]
    effects = np.array([treatment.effect, 0.0, 0.0, treatment.backfire])
    return np.asarray(effects[population.people[:, KINDS.index(kind)]])


def readiness(population: Population, kind: Kind) -> np.ndarray:
    """What the account's own readiness adds to its log-hazard, offer or not."""
    return np.asarray(np.array(READINESS[kind])[population.people[:, KINDS.index(kind)]])


def _answer(population: Population, scenario: Scenario, kind: Kind, in_force: np.ndarray) -> np.ndarray:
    """What readiness and an offer in force add."""
    return np.asarray(readiness(population, kind) + response(population, scenario, kind) * in_force)


def _sum(weights: Mapping[str, float], causes: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.asarray(sum(weights[name] * values for name, values in causes.items()))


def _logistic(values: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-values)))
