"""What is the same for everybody, day by day: incidents, prices, markets, what works with what, week and year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.simulator.chance import Chance
from examples.simulator.coefficients import STAGES
from examples.simulator.scenario import Scenario


@dataclass(frozen=True)
class Today:
    """The world on one day."""

    day: int
    incident: np.ndarray
    """By region: how bad an incident of the vendor is today, 0 for none."""
    price_rise: float
    """The logarithm of today's rise, 0 on all other days."""
    downturn: float
    """How far budgets tend below what is usual."""
    market: np.ndarray
    """By product: what the stage of its market adds to the log-hazard of taking it on."""
    on_offer: np.ndarray
    """By product: whether it has come out."""
    broken_here: np.ndarray
    """(accessories, tiers): does not work on that plan, by a release that broke it."""
    rhythm: float
    """How much is done today, of what is usual."""


class World:
    """The days of a scenario, each the same whoever asks."""

    def __init__(self, scenario: Scenario, chance: Chance) -> None:
        self._scenario = scenario
        self._chance = chance
        self.launched = np.array([scenario.day(product.launched) for product in scenario.products])
        self.released = np.array([scenario.day(plan.released) for plan in scenario.plans])
        self.min_tier = np.array([product.min_tier - 1 for product in scenario.products])

    def today(self, day: int) -> Today:
        """The world on that day."""
        scenario = self._scenario
        regions = np.arange(len(scenario.regions))
        strikes = self._chance.happens(scenario.world.incident_rate, "incident", day, regions)
        when = scenario.date(day)
        return Today(
            day=day,
            incident=np.where(strikes, 0.5 + self._chance.uniform("how bad", day, regions), 0.0),
            price_rise=float(sum(np.log1p(rise.by) for rise in scenario.world.price_rises if rise.day == day)),
            downturn=sum(turn.by for turn in scenario.world.downturns if turn.day <= day),
            market=np.array([STAGES[self.stage(position, day)] for position in range(len(scenario.products))]),
            on_offer=self.launched <= day,
            broken_here=self.broken(day),
            rhythm=scenario.week[when.weekday()] * scenario.year[when.month - 1],
        )

    def stage(self, product: int, day: int) -> str:
        """The stage of a product's market on that day."""
        record = self._scenario.products[product]
        moved = [move for move in self._scenario.world.moves if move.product == record.name and move.day <= day]
        return max(moved, key=lambda move: move.day).to if moved else record.stage

    def broken(self, day: int) -> np.ndarray:
        """(accessories, tiers): what does not work on a plan, from the start or by a release up to that day."""
        tiers = np.arange(1, len(self._scenario.plans) + 1)
        from_tier = np.array([accessory.breaks_from for accessory in self._scenario.accessories])
        names = [accessory.name for accessory in self._scenario.accessories]
        for release in self._scenario.world.broken:
            if release.day <= day:
                at = names.index(release.accessory)
                from_tier[at] = min(from_tier[at], release.from_tier)
        return np.asarray(tiers[None, :] >= from_tier[:, None])

    def price(self, day: int) -> float:
        """What a contract signed on that day costs, of the list price at the start."""
        return float(np.prod([1 + rise.by for rise in self._scenario.world.price_rises if rise.day <= day]))
