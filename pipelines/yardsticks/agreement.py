"""Whether the drivers that matter most on the whole are ours: mean absolute contributions, true and by the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import kendalltau, spearmanr

from models.evaluation import Interval
from pipelines.yardsticks.figures import Accounts, Figure, as_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.yardsticks.figures import Doubles


@dataclass(frozen=True)
class Agreement:
    """The drivers on the whole."""

    table: pd.DataFrame
    """One row a driver, the truly largest first: driver, ideas (how many of the model's show it), truth, model."""
    kendall: Interval
    """Kendall's tau-b of the two columns; NaN where one of them is constant."""
    spearman: Interval

    def as_json(self) -> dict[str, Any]:
        """The table as rows, and both correlations."""
        return {
            "table": self.table.to_dict("records"),
            "kendall": as_numbers(self.kendall),
            "spearman": as_numbers(self.spearman),
        }


def agreement(
    truth: pd.DataFrame, contributions: pd.DataFrame, shows: NDArray[np.bool_], accounts: Accounts
) -> Agreement:
    """Compares the mean absolute contribution of each driver with that of its ideas, which are added up row by row.

    `truth` has one column a driver and `contributions` one an idea, the same rows; `shows` says which shows which. An
    idea in which several drivers show speaks for each of them; a driver without an idea has 0 by the model.
    """
    ours = np.abs(contributions.to_numpy() @ shows.T)
    figures = accounts.means(np.column_stack([np.abs(truth.to_numpy()), ours]))
    count = truth.shape[1]
    true, said = figures[:count], figures[count:]
    table = pd.DataFrame(
        {
            "driver": [str(name) for name in truth.columns],
            "ideas": shows.sum(axis=1).astype(int),
            "truth": [one.value for one in true],
            "model": [one.value for one in said],
        }
    )
    return Agreement(
        table=table.sort_values(["truth", "driver"], ascending=[False, True], ignore_index=True),
        kendall=_correlated(kendalltau, true, said),
        spearman=_correlated(spearmanr, true, said),
    )


def _correlated(measure: Any, true: Sequence[Figure], said: Sequence[Figure]) -> Interval:
    draws = [
        _one(measure, a, b)
        for a, b in zip(
            np.column_stack([one.draws for one in true]), np.column_stack([one.draws for one in said]), strict=True
        )
    ]
    point = _one(measure, np.array([one.value for one in true]), np.array([one.value for one in said]))
    return Figure(point, np.array(draws)).interval


def _one(measure: Any, true: Doubles, said: Doubles) -> float:
    if len(np.unique(true)) < 2 or len(np.unique(said)) < 2:
        return float("nan")
    return float(measure(true, said).statistic)
