"""The guard against telltale features: one that explains too much, by its value or by its being missing.

L2 of Kapoor and Narayanan 2023 (doi:10.1016/j.patter.2023.100804): a feature that would not be there, or not so, when
the question is asked. No guard can know that; it can say which feature is too good. What hints at the outcome less
loudly than these bounds passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from features.guards.finding import Finding
from features.guards.telling import ALONE, CAUGHT, PURE, area, too_few

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.dataset import Dataset

Doubles: TypeAlias = "NDArray[np.float64]"

GUARD = "telltale"
MISSING = 0.8
"""AUC of a feature's being missing. It has two values only, so that 0.8 takes, for example, 60 % of positives and no
negative: a field that is filled in, or emptied, when the outcome comes."""
GAIN = 0.75
"""Share of the model's whole gain. Correlated features share it, so that even the strongest honest one among many
seldom has half."""
FEW = 5
"""With fewer features than this, a large share of the gain is nothing odd."""


def telltale(taught: Dataset, judged: Dataset, gain: pd.Series[float]) -> tuple[Finding, ...]:
    """The features that alone explain too much on either side, or from which the model has nearly all its gain.

    `figure` is the area under the ROC curve (of the value, or of its being missing), the share of the rarer class, or
    the share of the gain; the message says which. A feature is named once, for the plainest of these.
    """
    found: dict[str, Finding] = {}
    for rows in (judged, taught):
        labels = rows.labels
        if too_few(labels):
            continue
        for name in rows.features:
            told = _told(rows.frame[name], labels)
            if told is not None and name not in found:
                found[name] = _finding(name, *told)
    total = float(gain.sum())
    if total > 0 and len(gain) >= FEW:
        for column, share in (gain / total).items():
            if share >= GAIN and str(column) not in found:
                found[str(column)] = _finding(str(column), float(share), "of the model's gain comes from it", GAIN)
    return tuple(found.values())


def _told(values: pd.Series[float], labels: Doubles) -> tuple[float, str, float] | None:
    """What a feature tells too plainly: figure, what it is, and the bound; None where nothing is."""
    missing = values.isna().to_numpy()
    filled = np.asarray(values.fillna(values.median()), dtype=np.float64)
    if not missing.all():
        alone = ordering(filled, labels)
        if alone >= ALONE:
            return alone, "is the AUC of its value alone", ALONE
    if missing.any() and not missing.all():
        gone = ordering(missing.astype(np.float64), labels)
        if gone >= MISSING:
            return gone, "is the AUC of its being missing alone", MISSING
        rarer = labels == (1.0 if labels.mean() <= 0.5 else 0.0)
        for marked in (missing, ~missing):
            pure = float(rarer[marked].mean())
            if pure >= PURE and float(marked[rarer].mean()) >= CAUGHT:
                return pure, "of the rows in which it is (or is not) missing are of the rarer class", PURE
    return None


def ordering(values: Doubles, labels: Doubles) -> float:
    """The area under the ROC curve of a column, whichever way round it orders; equal values count half."""
    found = area(values, labels)
    return max(found, 1 - found)


def _finding(name: str, figure: float, what: str, bound: float) -> Finding:
    return Finding(
        GUARD,
        name,
        figure,
        "No single feature decides an outcome",
        f"{name}: {figure:.3f} {what} ({bound} or more is too good)",
        "Find out when its rows were written: what is written after the outcome, or because of it, is no feature",
        (name,),
    )
