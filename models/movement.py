"""Why a score is not what it was: what of the difference the data made, what the model, and what its calibration.

A score then is that of the earlier trees, under their calibration, on the earlier row; a score now that of the later
ones on the later row. Changing the three one after the other gives other shares in another order; a share here is the
mean over all six orders (the Shapley value of a game of three players; Shapley, "A value for n-person games", 1953).
What the data made falls apart by feature without a rest, and a feature that is what it was made nothing
(`models/reference.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.errors import InputError
from models.reference import against
from models.scorer import Scorer, expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOTH_OLD, ONE_OLD, BOTH_NEW = 1 / 3, 1 / 6, 1 / 3
"""How many of the six orders change one of three while, of the others, both are old, one is, or none."""
LEVEL = 1e-9
"""Log-odds below which a score did not move: the slope there stands for the mean slope on the way."""


@dataclass(frozen=True)
class Movement:
    """The differences of some rows' log-odds, in log-odds; `data.sum(axis=1) + model + calibration` is the whole."""

    before: NDArray[np.float64]
    """Log-odds then, one a row."""
    now: NDArray[np.float64]
    data: pd.DataFrame
    """One row a row, one column a feature of either model: what its other value made."""
    model: NDArray[np.float64]
    """What the later trees made, one a row; 0 where they are the same."""
    calibration: NDArray[np.float64]
    """What the later calibration made, one a row."""


def movement(earlier: Scorer, later: Scorer, then: pd.DataFrame, now: pd.DataFrame) -> Movement:
    """The movement of each row from `then` to `now`, which have the same rows in the same order.

    Each frame has the features of both models, as they were and as they are.

    Raises:
        InputError: the frames do not have equally many rows.
        ScorerError: a frame lacks a feature of a model.
    """
    if len(then) != len(now):
        raise InputError(
            f"What changed is told of rows that were scored twice; seen: {len(then):,} rows then and {len(now):,} now. "
            "Keep the rows that are in both."
        )
    old, new = (_Side(scorer, then, now) for scorer in (earlier, later))
    same_trees = earlier.model == later.model and earlier.features == later.features
    weight_old = BOTH_OLD * old.slope + ONE_OLD * new.slope
    weight_new = ONE_OLD * old.slope + BOTH_NEW * new.slope
    data = old.moved.mul(weight_old).add(new.moved.mul(weight_new), fill_value=0.0)
    by_row = [new.raw[side] - old.raw[side] for side in (0, 1)]
    model = weight_old * by_row[0] + weight_new * by_row[1]
    steps = [(new.slope - old.slope) * raw + new.intercept - old.intercept for raw in (*old.raw, *new.raw)]
    calibration = BOTH_OLD * steps[0] + ONE_OLD * (steps[1] + steps[2]) + BOTH_NEW * steps[3]
    return Movement(
        before=old.slope * old.raw[0] + old.intercept,
        now=new.slope * new.raw[1] + new.intercept,
        data=data[list(dict.fromkeys([*later.features, *earlier.features]))],
        model=np.zeros(len(now)) if same_trees else model,
        calibration=calibration,
    )


def points(parts: NDArray[np.float64], before: NDArray[np.float64], now: NDArray[np.float64]) -> NDArray[np.float64]:
    """Parts of a difference in log-odds as percentage points, which add up to the difference of the probabilities.

    `parts` has one row a row (and any columns), `before` and `now` the log-odds between which the parts lie. Each part
    gets the mean slope of the probability on the straight way from one to the other, times itself: the path method of
    Aumann and Shapley ("Values of non-atomic games", 1974), for which the way between is what two scores have in
    common.
    """
    way = now - before
    still = np.abs(way) < LEVEL
    chance = expit(before)
    slope = np.where(still, chance * (1 - chance), (expit(now) - chance) / np.where(still, 1.0, way))
    scaled: NDArray[np.float64] = 100 * parts * (slope[:, None] if parts.ndim > 1 else slope)
    return scaled


class _Side:
    """One model's view of both rows: the trees' sums before calibration, and what each feature's change moved them."""

    def __init__(self, scorer: Scorer, then: pd.DataFrame, now: pd.DataFrame) -> None:
        names = list(scorer.features)
        self.slope, self.intercept = scorer.slope, scorer.intercept
        self.raw = [scorer.raw(frame.loc[:, names]) for frame in (then, now)]
        self.moved = pd.DataFrame(against(scorer, now.loc[:, names], then.loc[:, names]), columns=names)
