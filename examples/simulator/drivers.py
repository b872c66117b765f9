"""The true drivers: groups of states that can be set to their usual level, and the ideas in which each shows itself.

A driver is what a person would name as a reason. `usual` writes the cohort's middle into those states; by how much the
log-odds of an outcome fall then is what the driver contributes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from examples.simulator.population import Population
from examples.simulator.scenario import NEVER, Scenario
from examples.simulator.spread import Spread
from examples.simulator.state import State
from examples.simulator.world import Today


@dataclass(frozen=True)
class Course:
    """An account's states and standing facts on the day from which futures are lived."""

    state: State
    population: Population

    def copy(self) -> Course:
        """To be edited without changing this one."""
        return Course(self.state.copy(), self.population.take(np.arange(len(self.population))))


Edit = Callable[[Course, Course, Scenario, int], None]
"""Changes the first in place to what is usual among the second, the whole cohort, on that day."""


Term = Callable[[Course, Today, Spread, Scenario], np.ndarray]
"""(accounts), or (accounts, products)."""


@dataclass(frozen=True)
class Driver:
    """A group of states, and where it shows."""

    edit: Edit | None
    """None for what does not stand in the account's states: then `term` says it."""
    ideas: tuple[str, ...]
    """Of `features/ideas.py`: where a list would show this driver as a reason."""
    term: Term | None = None
    """Its part of the log-hazard against what is usual, which is that of the log-odds where the hazard is small."""


def product_pull(course: Course, today: Today, spread: Spread, scenario: Scenario) -> np.ndarray:
    """(accounts, products): the product's pull, market and spread, against the mean of the products on offer."""
    weights = scenario.adoption
    pull = np.array([product.pull for product in scenario.products]) + today.market
    heard = np.log(weights["alone"] + weights["from_others"] * spread.products[course.population.segment])
    own = pull[None, :] + heard
    compared = today.on_offer & ~scenario.core
    return np.asarray(own - own[:, compared].mean(axis=1, keepdims=True))


def ease(course: Course, _: Today, __: Spread, scenario: Scenario) -> np.ndarray:
    """(accounts): the hours that the next plan takes to move to, against those of the plan in the middle."""
    hours = np.array([plan.hours for plan in scenario.plans]) / scenario.upgrade["ease_hours"]
    return np.asarray(np.median(hours[course.state.tier]) - hours[course.state.tier])


def _middle(*names: str) -> Edit:
    """Sets these states to the cohort's median."""

    def edit(course: Course, cohort: Course, _: Scenario, __: int) -> None:
        for name in names:
            values = getattr(course.state, name)
            values[:] = np.median(getattr(cohort.state, name), axis=0)

    return edit


def _use(course: Course, cohort: Course, scenario: Scenario, day: int) -> None:
    """Need is as usual, and so is what was used of late: neither less than before nor less than others."""
    _middle("need", "need_level", "fast", "slow", "habit")(course, cohort, scenario, day)


def _contract(course: Course, cohort: Course, scenario: Scenario, day: int) -> None:
    """Half-way through its term, and of the more frequent kind of term."""
    course.state.long_term[:] = np.median(cohort.state.long_term) > 0.5
    term = np.where(course.state.long_term, scenario.long_days, scenario.short_days)
    course.state.signed_on[:] = np.minimum(course.state.signed_on, day - term // 2)
    course.state.signed_on[:] -= (day - course.state.signed_on) % term - term // 2


def _help(course: Course, _: Course, __: Scenario, ___: int) -> None:
    """Nothing is overdue."""
    course.state.late_from[:] = NEVER
    course.state.late_until[:] = NEVER


def _trust(course: Course, cohort: Course, scenario: Scenario, day: int) -> None:
    """Trust is as usual and nothing is overdue: promises, kept and broken."""
    _middle("trust", "burden")(course, cohort, scenario, day)
    _help(course, cohort, scenario, day)


def _limits(course: Course, cohort: Course, _: Scenario, __: int) -> None:
    """As near to the plan's limits as accounts of its plan usually are."""
    for tier in np.unique(course.state.tier):
        here, there = course.state.tier == tier, cohort.state.tier == tier
        course.state.seats[here] = np.median(cohort.state.seats[there])
        course.state.quantity[here] = np.median(cohort.state.quantity[there])


def _breadth(course: Course, cohort: Course, scenario: Scenario, _: int) -> None:
    """As many products as usual: those that most accounts of its plan have."""
    for tier in np.unique(course.state.tier):
        here, there = course.state.tier == tier, cohort.state.tier == tier
        usual = cohort.state.uses[there].mean(axis=0)
        count = int(np.median(cohort.state.uses[there].sum(axis=1)))
        chosen = np.zeros(len(usual), bool)
        chosen[np.argsort(-usual, kind="stable")[:count]] = True
        course.state.uses[here] = chosen | scenario.core


def _started(course: Course, cohort: Course, _: Scenario, day: int) -> None:
    """As many steps of getting started taken as usual."""
    taken = int(np.median((cohort.population.milestones < day).sum(axis=1)))
    course.population.milestones[:, :taken] = -NEVER
    course.population.milestones[:, taken:] = NEVER


def _accessories(course: Course, _: Course, __: Scenario, ___: int) -> None:
    """Nothing is attached, as with most accounts and accessories."""
    course.population.attached[:] = NEVER


def _approached(course: Course, _: Course, __: Scenario, ___: int) -> None:
    """No offer is in force."""
    for name in ("retention_until", "upgrade_until", "adoption_until"):
        getattr(course.state, name)[:] = -NEVER


def _near_use(course: Course, cohort: Course, scenario: Scenario, day: int) -> None:
    """Nothing is used beyond what accounts of the plan usually use; what is not used stays unused."""
    mine = course.state.uses.copy()
    _breadth(course, cohort, scenario, day)
    course.state.uses &= mine


CHURN: Mapping[str, Driver] = MappingProxyType(
    {
        "use": Driver(_use, ("use", "use trend", "value", "people", "seats", "limits")),
        "value": Driver(_middle("value", "expectation"), ("value", "breadth", "answers", "getting started")),
        "satisfaction": Driver(_middle("satisfaction"), ("answers", "advocacy", "support load")),
        "promises": Driver(_trust, ("promises", "resolution", "reliability")),
        "budget": Driver(_middle("budget"), ("price", "seats", "plan")),
        "champion": Driver(_middle("champion"), ("attention", "advocacy", "people")),
        "price": Driver(_middle("price_shock"), ("price",)),
        "contract": Driver(_contract, ("contract", "tenure", "loyalty")),
        "offers": Driver(_approached, ("offers",)),
    }
)
UPGRADE: Mapping[str, Driver] = MappingProxyType(
    {
        "limits": Driver(_limits, ("limits", "seats", "room to move up")),
        "use": Driver(_use, ("use", "use trend", "value", "people", "seats", "limits")),
        "breadth": Driver(_breadth, ("breadth", "taking on", "room to move up")),
        "getting started": Driver(_started, ("getting started", "tenure")),
        "accessories": Driver(_accessories, ("accessories",)),
        "awareness of the plan": Driver(_middle("aware_next"), ("plan", "tenure", "offers")),
        "ease": Driver(None, ("ease of moving up", "plan", "room to move up"), ease),
        "satisfaction": Driver(_middle("satisfaction"), ("answers", "advocacy", "support load")),
        "budget": Driver(_middle("budget"), ("price", "seats", "plan")),
        "offers": Driver(_approached, ("offers",)),
    }
)
ADOPTION: Mapping[str, Driver] = MappingProxyType(
    {
        "the product": Driver(None, ("product spread", "product quality", "product age"), product_pull),
        "awareness of the product": Driver(_middle("aware"), ("product spread", "product age", "offers")),
        "interest": Driver(_middle("interest"), ("product fit", "product tried")),
        "adjacent use": Driver(_near_use, ("product fit", "breadth", "taking on")),
        "value": Driver(_middle("value", "expectation"), ("value", "breadth", "answers", "getting started")),
        "getting started": Driver(_started, ("getting started", "tenure")),
        "champion": Driver(_middle("champion"), ("attention", "advocacy", "people")),
        "offers": Driver(_approached, ("offers",)),
    }
)
DRIVERS: Mapping[str, Mapping[str, Driver]] = MappingProxyType(
    {"churn": CHURN, "upgrade": UPGRADE, "adoption": ADOPTION}
)

IDEAS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: driver.ideas for drivers in (CHURN, UPGRADE, ADOPTION) for name, driver in drivers.items()}
)
"""Where a driver of any outcome shows; drivers of the same name are the same, whatever the outcome."""
