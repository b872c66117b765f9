"""Which way contributions are worked out: by looking up where that gives what LightGBM gives, else by LightGBM.

The rows' number and whether the two agree decide, never which is quicker on the day: the same model and rows take the
same way on every machine, and what is written stays the same to the byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.scorer import Scorer, ScorerError
from models.tables import tables_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]

AGREEMENT = 1e-6
"""Log-odds by which the two ways may differ. Seen: less than 1e-13; a fault shows at 1e-3."""
SAMPLE = 64
"""Rows, evenly spaced, on which they are held against each other."""

FEWEST = 2_000
"""Rows below which making the tables takes longer than asking LightGBM."""
ODD = (np.nan, 0.0, -0.5, 1e9)
"""Values that models may treat in a way of their own, each put to all features at once."""


@dataclass(frozen=True)
class Explainer:
    """Contributions of one model, worked out in the way that was chosen for it."""

    scorer: Scorer
    by_tables: bool

    def contributions(self, frame: pd.DataFrame) -> Doubles:
        """As `Scorer.contributions`: one row a row of `frame`, one column a feature and the bias, in log-odds."""
        if not self.by_tables or frame.empty:
            return self.scorer.contributions(frame)
        matrix = self.scorer.matrix(frame)
        added = tables_of(self.scorer).contributions(matrix) * self.scorer.slope
        added[:, -1] += self.scorer.intercept
        return added


def explainer_of(scorer: Scorer, frame: pd.DataFrame, fewest: int | None = None) -> Explainer:
    """The explainer for these rows, after a look at a sample of them.

    `frame` has the model's features as its columns. Looking up is taken where on the sample, and on rows that are
    missing, zero or odd throughout, each contribution agrees with LightGBM's own. Of fewer rows than
    `fewest` (`FEWEST`) they are LightGBM's.

    Raises:
        ScorerError: the frame lacks a feature of the model.
    """
    if len(frame) < (FEWEST if fewest is None else fewest):
        return Explainer(scorer, by_tables=False)
    by_tables = Explainer(scorer, by_tables=True)
    rows = scorer.matrix(frame)
    drawn = rows[np.unique(np.linspace(0, max(len(rows) - 1, 0), min(len(rows), SAMPLE)).astype(int))]
    odd = np.repeat(np.array(ODD)[:, None], rows.shape[1], axis=1)
    sample = pd.DataFrame(np.concatenate([drawn, odd]), columns=list(scorer.features))
    own = scorer.contributions(sample)
    try:
        agrees = np.allclose(by_tables.contributions(sample), own, rtol=0, atol=AGREEMENT)
    except ScorerError:
        agrees = False
    return Explainer(scorer, bool(agrees))
