"""A company from before its first day on: all accounts live day by day, in pieces of any size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from examples.simulator.chance import Chance
from examples.simulator.contracts import close_all
from examples.simulator.day import live
from examples.simulator.log import Log
from examples.simulator.population import Population, gather
from examples.simulator.scenario import Scenario
from examples.simulator.spread import Spread, spread_on
from examples.simulator.state import State, begin
from examples.simulator.threads import side_by_side
from examples.simulator.world import Today, World

WARM_UP = 90
"""Days before the first in which states find their level and nobody leaves, moves or takes anything on."""
CHUNK = 10_000
"""Accounts that are lived together: as many numbers as fit into a processor's cache, about."""


@dataclass
class Company:
    """Everybody, and the world that they live in."""

    scenario: Scenario
    population: Population
    state: State
    world: World
    chance: Chance
    log: Log | None
    spreads: list[Spread] = field(default_factory=list)
    """How far everything had spread when each day from the first on began."""

    @classmethod
    def found(cls, scenario: Scenario, accounts: int, days: int, seed: int, *, log: bool = True) -> Company:
        """The company before its first day, its states not yet settled."""
        chance = Chance(seed)
        population = gather(scenario, accounts, days, chance)
        state = begin(scenario, population, chance)
        return cls(scenario, population, state, World(scenario, chance), chance, Log() if log else None)

    def live(self, days: int, chunk: int = CHUNK) -> Iterator[Today]:
        """Lives up to the day `days`; yields the world on each day from the first on, once it was lived."""
        for day in range(-WARM_UP, days):
            today = self.world.today(day)
            spread = spread_on(day, self.state, self.population, self.scenario)
            if day >= 0:
                self.spreads.append(spread)
            side_by_side(partial(self._live, today, spread), self.pieces(chunk))
            if day >= 0:
                yield today
        if self.log is not None:
            close_all(self.state, self.population, self.log)

    def _live(self, today: Today, spread: Spread, piece: slice) -> None:
        live(
            self.state.take(piece),
            self.population.take(piece),
            today,
            self.world,
            spread,
            self.scenario,
            self.chance,
            self.log if today.day >= 0 else None,
            lively=today.day >= 0,
        )

    def pieces(self, chunk: int = CHUNK) -> Iterator[slice]:
        """The accounts in pieces of that size."""
        for start in range(0, len(self.population), chunk):
            yield slice(start, min(start + chunk, len(self.population)))
