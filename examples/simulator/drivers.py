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

    ideas: tuple[str, ...]
    """Of `features/ideas.py`: where a list would show this driver as a reason."""
    lend: Lend | None = None
    """None for what does not stand in the account's states: then `term` says it."""
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


USE = ("use", "use trend", "rhythm", "value", "people", "seats", "limits")
VALUE = ("value", "breadth", "answers", "getting started")
SATISFACTION = ("answers", "advocacy", "support load")
BUDGET = ("price", "seats", "plan")
CHAMPION = ("attention", "advocacy", "people")
STARTED = ("getting started", "tenure", "stage")

USE_STATES = ("need", "need_level", "fast", "slow", "habit")
PROMISES = ("trust", "burden", "late_from", "late_until")
OFFERS = ("retention_until", "upgrade_until", "adoption_until")

CHURN: Mapping[str, Driver] = MappingProxyType(
    {
        "use": Driver(USE, _states(*USE_STATES)),
        "value": Driver(VALUE, _states("value", "expectation")),
        "satisfaction": Driver(SATISFACTION, _states("satisfaction")),
        "promises": Driver(("promises", "resolution", "reliability"), _states(*PROMISES)),
        "budget": Driver(BUDGET, _states("budget")),
        "champion": Driver(CHAMPION, _states("champion")),
        "price": Driver(("price",), _states("price_shock")),
        "contract": Driver(("contract", "tenure", "loyalty", "stage"), _states("long_term", "signed_on")),
        "offers": Driver(("offers",), _states(*OFFERS)),
    }
)
UPGRADE: Mapping[str, Driver] = MappingProxyType(
    {
        "limits": Driver(("limits", "seats", "room to move up"), _states("seats", "quantity"), same_plan=True),
        "use": Driver(USE, _states(*USE_STATES)),
        "breadth": Driver(("breadth", "taking on", "room to move up"), _states("uses"), same_plan=True),
        "getting started": Driver(STARTED, _states("milestones")),
        "accessories": Driver(("accessories",), _states("attached", "detached")),
        "awareness of the plan": Driver(("plan", "tenure", "offers"), _states("aware_next")),
        "ease": Driver(("ease of moving up", "plan", "room to move up"), term=ease),
        "satisfaction": Driver(SATISFACTION, _states("satisfaction")),
        "budget": Driver(BUDGET, _states("budget")),
        "offers": Driver(("offers",), _states(*OFFERS)),
    }
)
ADOPTION: Mapping[str, Driver] = MappingProxyType(
    {
        "the product": Driver(
            ("product spread", "product stage", "product quality", "product age", "contagion"), term=product_pull
        ),
        "awareness of the product": Driver(("product spread", "product stage", "product age", "offers"), _awareness),
        "interest": Driver(("product fit", "product tried", "early or late"), _states("interest")),
        "adjacent use": Driver(("product fit", "breadth", "taking on"), term=adjacent_use),
        "value": Driver(VALUE, _states("value", "expectation")),
        "getting started": Driver(STARTED, _states("milestones")),
        "champion": Driver(CHAMPION, _states("champion")),
        "offers": Driver(("offers",), _states(*OFFERS)),
    }
)
DRIVERS: Mapping[str, Mapping[str, Driver]] = MappingProxyType(
    {"churn": CHURN, "upgrade": UPGRADE, "adoption": ADOPTION}
)

IDEAS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: driver.ideas for drivers in (CHURN, UPGRADE, ADOPTION) for name, driver in drivers.items()}
)
"""Where a driver of any outcome shows; drivers of the same name are the same, whatever the outcome."""
