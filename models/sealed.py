"""The guard of the sealed test: what is learned stays the same to the byte when the test's rows become others.

It catches whatever carries the test into the model: no test set at all, preparation or selection on all rows, sizes or
a calibrator chosen by the test (L1.1 to L1.3 of Kapoor and Narayanan 2023, doi:10.1016/j.patter.2023.100804).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.guards.finding import Finding
from models.dataset import LABEL, Dataset

if TYPE_CHECKING:
    from numpy.typing import NDArray

GUARD = "sealed test"


def sealed(
    fit: Callable[[Dataset], str], dataset: Dataset, test: pd.DataFrame, before: str | None = None, seed: int = 7
) -> tuple[Finding, ...]:
    """Whether what `fit` learns depends on the rows of `dataset` whose keys stand in `test`; none where it does not.

    `fit` returns a digest of everything that it learned. It is run on the data set as it is (unless that digest is
    given as `before`), then with the labels of the test's rows (half of them turned round, which moves their mean) and
    with their values (exchanged between rows and scaled) edited: both at once and, where that changes the digest, each
    alone. `figure` is how many rows were edited.
    """
    rows = rows_of(dataset, test)
    before = before or fit(dataset)
    if fit(_edited(dataset, rows, seed, labels=True, values=True)) == before:
        return ()
    alone = {
        "labels": fit(_edited(dataset, rows, seed, labels=True, values=False)) != before,
        "values": fit(_edited(dataset, rows, seed, labels=False, values=True)) != before,
    }
    what = " and ".join(name for name, changed in alone.items() if changed) or "labels together with the values"
    return (
        Finding(
            GUARD,
            "rows of the test",
            float(rows.sum()),
            "A model learns nothing from the rows that it is judged on",
            f"with the {what} of its {int(rows.sum()):,} test rows edited, another model came out",
            "Fit preparation, selection, sizes and calibration on days before the test only",
        ),
    )


def rows_of(dataset: Dataset, keys: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows of the data set have one of those keys."""
    wanted = pd.MultiIndex.from_frame(keys[list(dataset.keys)])
    found: NDArray[np.bool_] = pd.MultiIndex.from_frame(dataset.frame[list(dataset.keys)]).isin(wanted)
    return found


def _edited(dataset: Dataset, rows: NDArray[np.bool_], seed: int, *, labels: bool, values: bool) -> Dataset:
    """The data set with the labels or values of those rows made others; both classes stay."""
    random = np.random.default_rng(seed)
    frame = dataset.frame.copy()
    places = np.flatnonzero(rows)
    turned = random.permutation(len(places)) < len(places) / 2
    others = random.permutation(places)
    if labels:
        old = frame[LABEL].to_numpy(dtype=np.float64, copy=True)
        old[places] = np.where(turned, 1 - old[places], old[places])
        frame[LABEL] = old
    if values:
        matrix = frame[list(dataset.features)].to_numpy(dtype=np.float64, copy=True)
        matrix[places] = matrix[others] * 1.5 + 1
        frame[list(dataset.features)] = matrix
    return replace(dataset, frame=frame)
