"""How sure a sum of money over accounts is: what is expected, and where it will end in 95 of 100 cases.

Two things make the sum uncertain, and both are drawn:

- *Chance.* Were every probability exactly right, each account would still do the one or the other; with few accounts,
  or a few large ones, that alone is much. Each draw lets every account happen or not, by its probability.
- *The level.* Probabilities may be too high or too low on the whole. How many outcomes there were on the model's
  out-of-time test for each one predicted, with the interval that resampling its accounts gave
  (`models.evaluation.level`; of products, each account's likeliest alone, as the list has it), says by how much: each
  draw first moves all log-odds by one amount, so that the sum of the probabilities is the expected number times a level
  from that interval.

The interval holds the expected sum itself. It knows nothing of what strikes many accounts at once and did not during
the test, nor of a model that is right for small accounts and wrong for large ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from models.scorer import expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.95
LEVELS, EACH = 64, 40
"""So many levels, at even steps of their likelihood, and so many draws of every account at each."""
SEED = 20
FAR = 6.0
"""Log-odds by which probabilities are moved at most: a level of 400 times, or a 400th."""
LEAST = 1e-9


@dataclass(frozen=True)
class Amount:
    """What is expected, and the 95 % interval around what will be."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Level:
    """How many outcomes came about for each one predicted, with its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, told: Mapping[str, float] | None) -> Level | None:
        """As a manifest tells it of a model; None where it was judged before levels were told."""
        if told is None:
            return None
        numbers = [told.get(name) for name in ("value", "low", "high")]
        known = [float(number) for number in numbers if number is not None and math.isfinite(number)]
        return cls(*known) if len(known) == 3 and known[0] > 0 else None

    def at(self, share: float) -> float:
        """The level below which it lies with that likelihood: its logarithm is normal, as wide either way as told."""
        z, edge = NormalDist().inv_cdf(share), NormalDist().inv_cdf((1 + LEVEL) / 2)
        end = self.high if z > 0 else max(self.low, self.value / 20)
        return self.value * math.exp(math.log(end / self.value) * abs(z) / edge)


def amounts(
    probability: NDArray[np.float64],
    money: NDArray[np.float64],
    groups: NDArray[np.intp],
    count: int,
    level: Level | None,
) -> list[Amount]:
    """The expected sum of `money` over the accounts of each group, and of all of them first, with its interval.

    One probability, amount of money and group (0 to `count` - 1) an account; without a `level`, chance alone.
    """
    order = np.argsort(groups, kind="stable")
    cents = np.rint(money[order] * 100).astype(np.int64)
    starts = np.searchsorted(groups[order], np.arange(count + 1))
    drawn = _drawn(probability[order], cents, starts, level) / 100
    expected = [float((probability * money).sum())]
    expected += [float((probability * money)[groups == group].sum()) for group in range(count)]
    ends = np.quantile(np.column_stack([drawn.sum(axis=1), drawn]), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return [
        Amount(value, min(float(low), value), max(float(high), value))
        for value, low, high in zip(expected, *ends, strict=True)
    ]


def amount(probability: NDArray[np.float64], money: NDArray[np.float64], level: Level | None = None) -> Amount:
    """The expected sum over all accounts with its interval."""
    return amounts(probability, money, np.zeros(len(money), dtype=np.intp), 1, level)[0]


def _drawn(
    probability: NDArray[np.float64], cents: NDArray[np.int64], starts: NDArray[np.intp], level: Level | None
) -> NDArray[np.int64]:
    """The cents of each group (column) in each draw (row); whole numbers, so that no order of adding matters."""
    random = np.random.default_rng(SEED)
    totals = np.zeros((LEVELS * EACH, len(starts) - 1), dtype=np.int64)
    for place, moved in enumerate(_at_levels(probability, level)):
        happened = random.random((EACH, len(probability)), dtype=np.float32) < moved.astype(np.float32)
        running = np.zeros((EACH, len(probability) + 1), dtype=np.int64)
        np.cumsum(happened * cents, axis=1, out=running[:, 1:])
        totals[place * EACH : (place + 1) * EACH] = np.diff(running[:, starts], axis=1)
    return totals


def _at_levels(probability: NDArray[np.float64], level: Level | None) -> list[NDArray[np.float64]]:
    """The probabilities at each of the levels."""
    if level is None:
        return [probability] * LEVELS
    inside = np.clip(probability, LEAST, 1 - LEAST)
    log_odds = np.log(inside / (1 - inside))
    steps = np.linspace(-FAR, FAR, 97)
    sums = np.array([expit(log_odds + step).sum() for step in steps])
    wanted = [level.at((place + 0.5) / LEVELS) * probability.sum() for place in range(LEVELS)]
    return [expit(log_odds + step) for step in np.interp(wanted, sums, steps)]
