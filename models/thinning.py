"""Fewer rows to grow trees on where one class is rare: those of the other class stand for each other.

Of a thousand rows without the outcome the second half tells hardly more than the first. All rows of the rarer class are
kept, and of the commoner one a share drawn by a hash of the row's keys, each weighing as many as it stands for, so that
no probability is moved (weighting by the inverse of the probability of being drawn, Horvitz and Thompson 1952,
doi:10.1080/01621459.1952.10483446). With k others for each of the rarer class the estimate keeps about k / (k + 1) of
its precision (Wacholder et al. 1992, doi:10.1093/oxfordjournals.aje.a116398). Judging and calibration see every row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.dataset import Dataset


@dataclass(frozen=True)
class Taught:
    """Rows that trees are grown on, and how many rows each stands for."""

    rows: Dataset
    weights: NDArray[np.float64] | None
    """None where every row stands for itself."""


def thinned(dataset: Dataset, others_per_case: int) -> Taught:
    """All rows of the rarer class, and of the commoner about `others_per_case` for each; all, where there are fewer.

    Which rows are drawn depends on their keys alone: a row that is there is drawn with or without any other.
    """
    labels = dataset.labels
    rarer = 1.0 if labels.mean() <= 0.5 else 0.0
    cases = int((labels == rarer).sum())
    share = others_per_case * cases / max(len(labels) - cases, 1)
    if share >= 1:
        return Taught(dataset, None)
    luck = pd.util.hash_pandas_object(dataset.frame[list(dataset.keys)], index=False).to_numpy() / 2.0**64
    kept = (labels == rarer) | (luck < share)
    weights = np.where(labels[kept] == rarer, 1.0, 1.0 / share)
    return Taught(replace(dataset, frame=dataset.frame[kept].reset_index(drop=True)), weights)
