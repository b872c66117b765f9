"""How far each product and each plan has spread among accounts of the same segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.simulator.population import Population
from examples.simulator.scenario import Scenario
from examples.simulator.state import State


@dataclass(frozen=True)
class Spread:
    """Shares of a segment's customers on one day."""

    products: np.ndarray
    """(segments, products): that use it."""
    plans: np.ndarray
    """(segments, plans): that have this plan or a higher one."""


def spread_on(day: int, state: State, population: Population, scenario: Scenario) -> Spread:
    """Counted over all accounts that are customers on that day."""
    alive = np.flatnonzero(state.alive(day))
    segments = len(scenario.segments)
    segment = population.segment[alive]
    count = np.maximum(np.bincount(segment, minlength=segments), 1)[:, None]
    uses, tier = state.uses[alive], state.tier[alive]
    products = np.stack([np.bincount(segment, uses[:, p], segments) for p in range(uses.shape[1])], axis=1)
    plans = np.stack([np.bincount(segment, tier >= t, segments) for t in range(len(scenario.plans))], axis=1)
    return Spread(products / count, plans / count)
