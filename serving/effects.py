"""What offers did, where chance decided who got one: the only place where a page of ours speaks of effects.

A plain difference of two shares, those who had the offer less those from whom it was held back, with the interval of
Agresti and Caffo ("Simple and effective confidence intervals for proportions and differences of proportions result from
adding two successes and two failures", The American Statistician 54, 2000), which keeps its promise with few accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 20
"""Accounts on either side without which nothing is told."""
LEVEL = 0.95


@dataclass(frozen=True)
class Effect:
    """Of one kind of offer: how many on either side, how many of them had the outcome, and the difference."""

    kind: str
    outcome: str
    treated: int
    treated_with: int
    held_back: int
    held_back_with: int
    difference: float
    """In percentage points: share among the treated minus that among the others."""
    low: float
    high: float

    @property
    def enough(self) -> bool:
        """Whether there are enough on both sides to say anything."""
        return min(self.treated, self.held_back) >= FEWEST

    @property
    def shown(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


def effects(offers: pd.DataFrame) -> list[Effect]:
    """One effect a kind of offer, by name, of which either side has any account.

    `offers` has one row a random offer whose label is certain: `kind`, `outcome`, `treated`, `label`.
    """
    found = []
    for (kind, outcome), rows in offers.groupby(["kind", "outcome"]):
        sides = [rows.loc[rows["treated"] == treated, "label"] for treated in (True, False)]
        if not all(len(side) for side in sides):
            continue
        counts = [(len(side), int(side.sum())) for side in sides]
        (n, a), (m, b) = counts
        low, high = _interval(a, n, b, m)
        found.append(Effect(str(kind), str(outcome), n, a, m, b, 100 * (a / n - b / m), 100 * low, 100 * high))
    return found


def _interval(a: int, n: int, b: int, m: int) -> tuple[float, float]:
    """Of a/n - b/m, with one more of either kind on both sides."""
    p, q = (a + 1) / (n + 2), (b + 1) / (m + 2)
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) * sqrt(p * (1 - p) / (n + 2) + q * (1 - q) / (m + 2))
    return p - q - half, p - q + half
