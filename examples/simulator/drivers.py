"""The true drivers: groups of states that can be lent by another account, and the ideas in which each shows itself.

A driver is what a person would name as a reason. What it contributes to an account is by how much its log-odds differ
from what they would be, on average, with these states of another account drawn from the cohort and all else its own.
That is the zero point of a Shapley value, too, so the two can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np

from examples.simulator import seen
from examples.simulator.chance import Chance
from examples.simulator.hazards import beyond_core
from examples.simulator.population import Population
from examples.simulator.scenario import Scenario
from examples.simulator.spread import Spread
from examples.simulator.state import State
from examples.simulator.world import Today


@dataclass(frozen=True)
class Course:
    """An account's states and standing facts on the day from which futures are lived."""

    state: State
    population: Population

    def take(self, rows: np.ndarray) -> Course:
        """Some accounts, in that order, also repeatedly; editing them does not change these."""
        return Course(self.state.take(rows), self.population.take(rows))


class Lend(Protocol):
    """Changes accounts in place to what the donors have, which stand beside them row by row."""

    def __call__(self, course: Course, donors: Course, today: Today) -> None:
        """As many donors as accounts; what an account has besides stays its own."""


Term = Callable[[Course, Today, Spread, Scenario], np.ndarray]
"""(accounts), or (accounts, products)."""


@dataclass(frozen=True)
class Driver:
    """A group of states, and where it shows."""

    shown: seen.Shown
    """By idea where a list would show this driver as a reason, why: see `examples/simulator/seen.py`."""
    lend: Lend | None = None
    """None for what does not stand in the account's states: then `term` says it."""
    states: tuple[str, ...] = ()
    """What is lent, by name."""
    same_plan: bool = False
    """Whether donors have the account's own plan, since what they lend means something else on another."""
    term: Term | None = None
    """Its part of the log-hazard, which is that of the log-odds where the hazard is small."""


def donors(course: Course, cohort: Course, each: int, chance: Chance, *, same_plan: bool = False) -> np.ndarray:
    """(accounts x each): for each account of the course that many of the cohort, as positions in it, one after another.

    Drawn with replacement, each alike; with `same_plan` of those on the account's plan.
    """
    tier = cohort.state.tier if same_plan else np.zeros(len(cohort.population), int)
    mine = course.state.tier if same_plan else np.zeros(len(course.population), int)
    by_tier = np.argsort(tier, kind="stable")
    first = np.searchsorted(tier[by_tier], mine, side="left")
    last = np.searchsorted(tier[by_tier], mine, side="right")
    drawn = chance.uniform("donor", course.population.number[:, None], np.arange(each)[None, :])
    return np.asarray(by_tier[first[:, None] + np.floor(drawn * (last - first)[:, None]).astype(int)].ravel())


def product_pull(course: Course, today: Today, spread: Spread, scenario: Scenario) -> np.ndarray:
    """(accounts, products): pull of the product, stage of its market and how far it has spread among the like."""
    weights = scenario.adoption
    pull = np.array([product.pull for product in scenario.products]) + today.market
    heard = np.log(weights["alone"] + weights["from_others"] * spread.products[course.population.segment])
    return np.asarray(pull[None, :] + heard)


def adjacent_use(course: Course, _: Today, __: Spread, scenario: Scenario) -> np.ndarray:
    """(accounts, products): what is in use already of the product's family."""
    return np.asarray(scenario.adoption["adjacent_use"] * beyond_core(course.state, scenario)[:, scenario.family_of])


def ease(course: Course, _: Today, __: Spread, scenario: Scenario) -> np.ndarray:
    """(accounts): the hours that the next plan takes to move to."""
    hours = np.array([plan.hours for plan in scenario.plans]) / scenario.upgrade["ease_hours"]
    return np.asarray(-hours[course.state.tier])


def _states(*names: str) -> Lend:
    """Lends states, or standing facts, by name."""

    def lend(course: Course, donors: Course, today: Today) -> None:  # noqa: ARG001  # other drivers ask for it
        for name in names:
            part = "state" if hasattr(course.state, name) else "population"
            getattr(getattr(course, part), name)[:] = getattr(getattr(donors, part), name)

    return lend


def _awareness(course: Course, donors: Course, today: Today) -> None:
    """Of each product, what the donor knows of some product that it does not use: a pair drawn from all pairs."""
    asked = ~donors.state.uses & today.on_offer
    order = np.argsort(~asked, axis=1, kind="stable")
    count = np.maximum(asked.sum(axis=1), 1)[:, None]
    rows, products = asked.shape
    place = (np.arange(rows)[:, None] + np.arange(products)[None, :]) % count
    course.state.aware[:] = np.take_along_axis(donors.state.aware, np.take_along_axis(order, place, axis=1), axis=1)


def _driver(shown: seen.Shown, *states: str, same_plan: bool = False) -> Driver:
    return Driver(shown, _states(*states), states, same_plan=same_plan)


USE = _driver(seen.USE, "need", "need_level", "fast", "slow", "habit")
VALUE = _driver(seen.VALUE, "value", "expectation")
SATISFACTION = _driver(seen.SATISFACTION, "satisfaction")
BUDGET = _driver(seen.BUDGET, "budget")
CHAMPION = _driver(seen.CHAMPION, "champion")
STARTED = _driver(seen.STARTED, "milestones")
OFFERS = _driver(seen.OFFERS, "retention_until", "upgrade_until", "adoption_until")

CHURN: Mapping[str, Driver] = MappingProxyType(
    {
        "use": USE,
        "value": VALUE,
        "satisfaction": SATISFACTION,
        "promises": _driver(seen.PROMISES, "trust", "burden", "late_from", "late_until"),
        "budget": BUDGET,
        "champion": CHAMPION,
        "price": _driver(seen.PRICE, "price_shock"),
        "contract": _driver(seen.CONTRACT, "long_term", "signed_on"),
        "offers": OFFERS,
    }
)
UPGRADE: Mapping[str, Driver] = MappingProxyType(
    {
        "limits": _driver(seen.LIMITS, "seats", "quantity", same_plan=True),
        "use": USE,
        "breadth": _driver(seen.BREADTH, "uses", same_plan=True),
        "getting started": STARTED,
        "accessories": _driver(seen.ACCESSORIES, "attached", "detached"),
        "awareness of the plan": _driver(seen.AWARE_OF_PLAN, "aware_next"),
        "ease": Driver(seen.EASE, term=ease),
        "satisfaction": SATISFACTION,
        "budget": BUDGET,
        "offers": OFFERS,
    }
)
ADOPTION: Mapping[str, Driver] = MappingProxyType(
    {
        "the product": Driver(seen.THE_PRODUCT, term=product_pull),
        "awareness of the product": Driver(seen.AWARE_OF_PRODUCT, _awareness, ("aware",)),
        "interest": _driver(seen.INTEREST, "interest"),
        "adjacent use": Driver(seen.ADJACENT_USE, term=adjacent_use),
        "value": VALUE,
        "getting started": STARTED,
        "champion": CHAMPION,
        "offers": OFFERS,
    }
)
DRIVERS: Mapping[str, Mapping[str, Driver]] = MappingProxyType(
    {"churn": CHURN, "upgrade": UPGRADE, "adoption": ADOPTION}
)

IDEAS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: tuple(driver.shown) for drivers in (CHURN, UPGRADE, ADOPTION) for name, driver in drivers.items()}
)
"""Where a driver of any outcome shows; drivers of the same name are the same, whatever the outcome."""
