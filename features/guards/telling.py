"""How much one column tells of an outcome: the figures and the bounds that guards against leaks share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

Doubles: TypeAlias = "NDArray[np.float64]"

ALONE = 0.95
"""AUC of one column alone. Whole models of customers leaving reach 0.7 to 0.9; the best honest single columns known
here (days since the last use, where silence is the outcome; what a bank's customers spent in the last year) stay below
0.9. Nine tenths of the way from no skill to certainty by one column is the outcome written down."""
PURE, CAUGHT = 0.9, 0.1
"""Share of the rarer class among the rows that a column marks, and share of that class found there: what nearly
decides the label for a tenth of the class. Honest columns of five public sets catch 3 % of it so at most."""
FEWEST = 20
"""Rows of the rarer class without which nothing is said."""
FOLDS = 5
BINS = 20
NONE = "(none)"
"""What a missing value counts as: a value like any other, so that being missing can tell, too."""


@dataclass(frozen=True)
class Telling:
    """How much a column tells of a label, each row by the accounts of other folds that bear its value."""

    auc: float
    """Area under the ROC curve of the share of positives among those others, of rows within a fold: between folds the
    shares differ by chance, and the wrong way round."""
    caught: float
    """Share of the rarer class that bears values at which nearly all others are of it (`PURE`)."""
    pure: float
    """Share of the rarer class among the rows that bear such values; 0 where there is none."""

    @property
    def decides(self) -> bool:
        """Whether it nearly decides the label for a good part of the rarer class."""
        return self.caught >= CAUGHT and self.pure >= PURE


def telling(values: pd.Series, labels: Doubles, accounts: pd.Series) -> Telling:
    """How much a column tells: numbers with many values in bins of equally many, a missing one as a value of its own.

    The three have one entry a row; an account may have several, which lie in one fold. Accounts are divided into
    `FOLDS` parts by a hash of their ids, so that no row is judged by its own account.
    """
    fold = pd.util.hash_pandas_object(accounts, index=False).to_numpy() % FOLDS
    frame = pd.DataFrame({"value": binned(values).to_numpy(), "fold": fold, "label": labels})
    whole = frame.groupby("value")["label"].agg(["sum", "count"])
    own = frame.groupby(["value", "fold"])["label"].agg(["sum", "count"])
    seen = frame.join(whole, on="value").join(own.add_suffix("_own"), on=["value", "fold"])
    base = float(labels.mean())
    risk = (seen["sum"] - seen["sum_own"] + base) / (seen["count"] - seen["count_own"] + 1)
    rarer, share = (labels == 1, risk) if base <= 0.5 else (labels == 0, 1 - risk)
    marked = share.to_numpy() >= PURE
    pure = float(rarer[marked].mean()) if marked.any() else 0.0
    return Telling(_within(fold, risk.to_numpy(), labels), float(marked[rarer].mean()), pure)


def binned(values: pd.Series) -> pd.Series[str]:
    """The column as text: of numbers with more than `BINS` values, those that few rows bear as groups of neighbours."""
    text = values.astype("str").where(values.notna(), NONE)
    if not pd.api.types.is_numeric_dtype(values.dtype) or values.nunique() <= BINS:
        return text
    common = values.map(values.value_counts(normalize=True)) >= 1 / BINS
    rare = values[values.notna() & ~common]
    return text.mask(values.notna() & ~common, pd.qcut(rare, BINS, duplicates="drop").astype("str"))


def area(values: Doubles, labels: Doubles) -> float:
    """The area under the ROC curve of a column of numbers; equal values count half."""
    ranks = pd.Series(values).rank().to_numpy()
    positives = float(labels.sum())
    above = float(ranks[labels == 1].sum()) - positives * (positives + 1) / 2
    return above / (positives * (len(labels) - positives))


def _within(fold: NDArray[np.integer], values: Doubles, labels: Doubles) -> float:
    """The area within each fold, folds weighted by their pairs of a positive and a negative."""
    pairs, won = 0.0, 0.0
    for part in range(FOLDS):
        inside = fold == part
        positives = float(labels[inside].sum())
        count = positives * (float(inside.sum()) - positives)
        if count:
            pairs += count
            won += count * area(values[inside], labels[inside])
    return won / pairs if pairs else 0.5


def chance(labels: Doubles) -> float:
    """Standard error of the area where a column tells nothing (Hanley and McNeil 1982)."""
    positives = float(labels.sum())
    return float(np.sqrt((len(labels) + 1) / (12 * positives * (len(labels) - positives))))


def too_few(labels: Doubles) -> bool:
    """Whether there are too few rows of either class to say anything."""
    return bool(min(labels.sum(), len(labels) - labels.sum()) < FEWEST)
