"""Ways of giving reasons, all judged alike and with as many reasons a row as the model gives.

    model                  the ideas that raise the row, the largest contribution first
    global_order           the same ideas for every row: the largest mean absolute contribution over the rows judged
    global_order_raising   in that order, the ideas that raise the row by the model's own word
    random                 ideas drawn without replacement from all that the model knows, in expectation
    random_raising         the same from those that raise the row
    best_possible          whoever knows the true drivers, and gives as many reasons; a bound

A true driver is one of the three that raise the row's log-odds most, a true idea one in which such a driver shows.
What raises by less than `models.explanation.WEAK` raises nothing, in truth as by the model's word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.special import comb

from models.explanation import WEAK
from pipelines.yardsticks.figures import Doubles

if TYPE_CHECKING:
    from numpy.typing import NDArray

Mask: TypeAlias = "NDArray[np.bool_]"

SHOWN = 3
MODEL, GLOBAL, GLOBAL_RAISING = "model", "global_order", "global_order_raising"
RANDOM, RANDOM_RAISING, BOUND = "random", "random_raising", "best_possible"
MEASURES = ("true_share", "first_true", "recall")
"""Of a row: the share of its reasons that are true, whether the first one is (1 or 0), and the share of its true top
drivers that any of its reasons shows."""


def leading(values: Doubles, most: int = SHOWN) -> Mask:
    """In each row the largest `most` columns that raise it by no less than what is weak; of equal ones the first."""
    order = np.argsort(-values, axis=1, kind="stable")[:, :most]
    mask = np.zeros(values.shape, dtype=np.bool_)
    np.put_along_axis(mask, order, True, axis=1)
    return mask & (values >= WEAK)


class Rows:
    """The masks that every way of giving reasons is judged with: rows x ideas, rows x drivers, drivers x ideas."""

    def __init__(self, contributions: Doubles, truth: Doubles, shows: Mask) -> None:
        self.contributions = contributions
        self.shows = shows
        self.raising: Mask = contributions >= WEAK
        self.true = leading(truth)
        self.true_ideas = (self.true.astype(float) @ shows) > 0
        self.reasons = leading(contributions)
        self.given = self.reasons.sum(axis=1)
        self.has_driver: Mask = np.asarray(self.true.any(axis=1))
        self.has_reason: Mask = np.asarray(self.reasons.any(axis=1))
        self.order = np.argsort(-np.abs(contributions).mean(axis=0), kind="stable")

    def ways(self) -> dict[str, Doubles]:
        """By way, one row a row and one column a measure."""
        largest = self.contributions.argmax(axis=1)
        everywhere = np.ones_like(self.raising)
        return {
            MODEL: self._named(self.reasons, largest),
            GLOBAL: self._ordered(everywhere),
            GLOBAL_RAISING: self._ordered(self.raising),
            RANDOM: self._random(everywhere),
            RANDOM_RAISING: self._random(self.raising),
            BOUND: self._bound(),
        }

    def _ordered(self, allowed: Mask) -> Doubles:
        """The first ideas of the global order that are allowed, as many as the model gave reasons."""
        sorted_allowed = allowed[:, self.order]
        taken = sorted_allowed & (np.cumsum(sorted_allowed, axis=1) <= self.given[:, None])
        mask = np.zeros_like(taken)
        mask[:, self.order] = taken
        return self._named(mask, self.order[sorted_allowed.argmax(axis=1)])

    def _named(self, reasons: Mask, first: NDArray[np.intp]) -> Doubles:
        shown = (reasons.astype(float) @ self.shows.T) > 0
        return np.column_stack(
            [
                _ratio((reasons & self.true_ideas).sum(axis=1), reasons.sum(axis=1)),
                self.true_ideas[np.arange(len(first)), first],
                _ratio((shown & self.true).sum(axis=1), self.true.sum(axis=1)),
            ]
        )

    def _random(self, allowed: Mask) -> Doubles:
        """In expectation: a reason is true as often as an idea is.

        A driver with m of the n ideas is missed by all k reasons with probability C(n - m, k) / C(n, k).
        """
        n = allowed.sum(axis=1)
        share = _ratio((allowed & self.true_ideas).sum(axis=1), n)
        per_driver = allowed.astype(float) @ self.shows.T
        missed = _ratio(comb(n[:, None] - per_driver, self.given[:, None]), comb(n, self.given)[:, None])
        recall = _ratio(((1 - missed) * self.true).sum(axis=1), self.true.sum(axis=1))
        return np.column_stack([share, share, recall])

    def _bound(self) -> Doubles:
        possible = self.true_ideas.sum(axis=1)
        shown = self.true & self.shows.any(axis=1)
        return np.column_stack(
            [
                _ratio(np.minimum(possible, self.given), self.given),
                possible > 0,
                _ratio(shown.sum(axis=1), self.true.sum(axis=1)),
            ]
        )


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Doubles:
    """Zero where the whole is zero: such rows are not counted."""
    out = np.zeros(np.broadcast_shapes(part.shape, whole.shape))
    found: Doubles = np.divide(part, whole, out=out, where=np.asarray(whole) > 0)
    return found
