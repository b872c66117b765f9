"""The hidden states of accounts: what nobody sees, and from which everything that is seen follows."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from examples.simulator.chance import Chance
from examples.simulator.population import Population
from examples.simulator.scenario import NEVER, Scenario


@dataclass
class State:
    """Arrays whose first axis is the account; continuous states are in units in which 0 is usual and 1 is much."""

    need: np.ndarray
    """How much there is to do, on a log scale."""
    need_level: np.ndarray
    """What need returns to."""
    value: np.ndarray
    """In use."""
    expectation: np.ndarray
    """Of value: what the account has got used to."""
    satisfaction: np.ndarray
    trust: np.ndarray
    budget: np.ndarray
    champion: np.ndarray
    """1 where somebody in the account stands for the product."""
    price_shock: np.ndarray
    burden: np.ndarray
    """Incidents of late."""
    habit: np.ndarray
    """Log use that has become a habit."""
    fast: np.ndarray
    """Log use of the last weeks, against what the size would lead one to expect."""
    slow: np.ndarray
    """The same of the last months."""
    quantity: np.ndarray
    """Of the last 28 days, about."""
    aware_next: np.ndarray
    """Of what the next plan would bring, 0 to 1."""
    interest: np.ndarray
    """(accounts, families): what its people would like to do."""
    aware: np.ndarray
    """(accounts, products): of a product, 0 to 1."""
    uses: np.ndarray
    """(accounts, products): taken on."""
    adopted_on: np.ndarray
    """(accounts, products): the first day of use."""
    late_from: np.ndarray
    """The day from which a promise is overdue."""
    late_until: np.ndarray
    tier: np.ndarray
    seats: np.ndarray
    long_term: np.ndarray
    price_level: np.ndarray
    """What the contract costs, of the list price at the start."""
    price_next: np.ndarray
    """What it will cost from the next term on, as far as its account has been told."""
    signed_on: np.ndarray
    """Terms are counted from here."""
    opened_on: np.ndarray
    """Since when the terms in force are what they are."""
    notice_on: np.ndarray
    ends_on: np.ndarray
    """The first day without a contract (or after the last day of use, where there is none)."""
    retention_until: np.ndarray
    """The last day on which an offer of that kind works."""
    upgrade_until: np.ndarray
    adoption_until: np.ndarray
    """(accounts, products)."""

    def __len__(self) -> int:
        return len(self.need)

    def take(self, rows: slice | np.ndarray) -> State:
        """Some accounts; a slice shares its memory with the whole."""
        return State(**{part.name: getattr(self, part.name)[rows] for part in fields(self)})

    def copy(self) -> State:
        """The same states, to be changed without changing these."""
        return State(**{part.name: getattr(self, part.name).copy() for part in fields(self)})

    def alive(self, day: int) -> np.ndarray:
        """Whether it is a customer on that day."""
        return (self.signed_on <= day) & (day < self.ends_on)

    def leaving(self, day: int) -> np.ndarray:
        """Whether it has made up its mind to go."""
        return self.notice_on <= day


def begin(scenario: Scenario, population: Population, chance: Chance) -> State:
    """The states before the first day, near to where they tend to be."""
    who, n = population.number, len(population)
    products, families = np.arange(len(scenario.products)), np.arange(len(scenario.families))
    interest = 0.7 * chance.shock("first interest", who[:, None], families[None, :])
    uses = _used_from_the_start(scenario, population, interest, chance)
    zero, never = np.zeros(n), np.full(n, NEVER)
    return State(
        need=population.usual_need + 0.2 * chance.shock("first need", who),
        need_level=population.usual_need,
        value=0.3 * population.fit,
        expectation=0.3 * population.fit,
        satisfaction=0.5 * population.temper,
        trust=zero.copy(),
        budget=0.55 * chance.shock("first budget", who),
        champion=chance.happens(0.75, "first champion", who).astype(float),
        price_shock=zero.copy(),
        burden=zero.copy(),
        habit=population.usual_need,
        fast=population.usual_need,
        slow=population.usual_need,
        quantity=zero.copy(),
        aware_next=0.05 + 0.6 * chance.uniform("first awareness of the next", who),
        interest=interest,
        aware=0.05 + 0.6 * chance.uniform("first awareness", who[:, None], products[None, :]),
        uses=uses,
        adopted_on=np.where(uses, population.signed_up[:, None], NEVER),
        late_from=never.copy(),
        late_until=never.copy(),
        tier=population.tier.copy(),
        seats=population.seats.astype(float),
        long_term=population.long_term.copy(),
        price_level=np.ones(n),
        price_next=np.ones(n),
        signed_on=population.signed_up.copy(),
        opened_on=population.signed_up.copy(),
        notice_on=never.copy(),
        ends_on=never.copy(),
        retention_until=np.full(n, -NEVER),
        upgrade_until=np.full(n, -NEVER),
        adoption_until=np.full((n, len(products)), -NEVER),
    )


def _used_from_the_start(
    scenario: Scenario, population: Population, interest: np.ndarray, chance: Chance
) -> np.ndarray:
    """The core, and what older accounts took on before the first day."""
    products = np.arange(len(scenario.products))
    pull = np.array([product.pull for product in scenario.products])
    min_tier = np.array([product.min_tier - 1 for product in scenario.products])
    launched = np.array([scenario.day(product.launched) for product in scenario.products])
    seasoned = np.clip(-population.signed_up / 400.0, 0.0, 1.0)[:, None]
    odds = -1.2 + pull + 0.9 * interest[:, scenario.family_of] + 1.4 * seasoned
    chosen = chance.happens(1 / (1 + np.exp(-odds)), "used before", population.number[:, None], products[None, :])
    old = (population.signed_up < 0)[:, None] & chosen
    return np.asarray((old & (population.tier[:, None] >= min_tier) & (launched < -60)) | scenario.core)
