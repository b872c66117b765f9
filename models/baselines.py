"""What a model has to be better than: the base rate, one feature, a straight line, and the contract alone.

Each is fitted on the same days as the published model (those that end before the test begins) and gives one
probability a row of the test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from features.outcomes.sample import drawn_accounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.dataset import Dataset

Doubles: TypeAlias = "NDArray[np.float64]"

PREVALENCE = "prevalence"
BEST_FEATURE = "best_single_feature"
LOGISTIC = "logistic_regression"
CONTRACT = "contract_only"
CHAMPION = "last_champion"

CONTRACT_IDEAS = frozenset({"contract", "plan", "price"})
"""Ideas of features that tell what was agreed, not what was done."""
FIT_ROWS = 500_000
"""Rows that a baseline is fitted on, of two gigabytes at most. Fewer would make it weaker than it need be: on 800,000
pairs of a simulated company a fit on a quarter of them lost 0.002 of its AUC."""
FARTHEST = 5.0
"""Standard deviations beyond which a value is taken for that: one huge account shall not turn the line."""


def baseline_probabilities(train: Dataset, test: Dataset, ideas: Mapping[str, str]) -> dict[str, Doubles]:
    """Every baseline's probabilities for the rows of `test`, by name; `ideas` gives each feature's idea.

    `contract_only` is absent where no feature is about the contract or its price. With more than `FIT_ROWS` rows to
    learn from, whole accounts are drawn by a hash of their ids; only the prevalence is of all of them.
    """
    prevalence = float(train.labels.mean())
    train = _bounded(train)
    varied = varied_features(train)
    contract = [name for name in varied if ideas.get(name) in CONTRACT_IDEAS]
    found = {
        PREVALENCE: np.full(len(test), prevalence),
        BEST_FEATURE: _one_feature(train, test, best_feature(train, varied)),
        LOGISTIC: _logistic(train, test, varied),
    }
    if contract:
        found[CONTRACT] = _logistic(train, test, contract)
    return found


def _bounded(train: Dataset) -> Dataset:
    """At most `FIT_ROWS` of the rows, of whole accounts."""
    if len(train) <= FIT_ROWS:
        return train
    accounts = train.frame["account_id"]
    rows = {str(account_id): int(count) for account_id, count in accounts.value_counts().items()}
    drawn = drawn_accounts(rows, FIT_ROWS)
    return replace(train, frame=train.frame[accounts.isin(drawn)].reset_index(drop=True))


def varied_features(train: Dataset) -> list[str]:
    """The features that do not have one and the same value (or none) in every row."""
    return [name for name in train.features if _varied(train.frame[name].to_numpy())]


def _varied(values: Doubles) -> bool:
    missing = np.isnan(values)
    if missing.any():
        return not missing.all()
    return bool(len(values)) and bool((values != values[0]).any())


def best_feature(train: Dataset, names: Sequence[str]) -> str:
    """The feature that alone orders the rows best, either way round; of equals the first.

    Measured by the area under the ROC curve, each missing value standing in the middle of the known ones.
    """
    distance = {name: abs(_auc(_ranked(train.frame[name], train.frame[name]), train.labels) - 0.5) for name in names}
    return max(names, key=lambda name: distance[name])


def _auc(score: Doubles, labels: Doubles) -> float:
    """The rank statistic of Mann and Whitney, over its largest value."""
    ranks = pd.Series(score).rank().to_numpy()
    positives = float(labels.sum())
    pairs = positives * (len(labels) - positives)
    return float((ranks[labels == 1].sum() - positives * (positives + 1) / 2) / pairs)


def _ranked(values: pd.Series[float], reference: pd.Series[float]) -> Doubles:
    """Each value as the share of known reference values below it, half of the equal ones counted; missing as 0.5."""
    known = np.sort(reference.dropna().to_numpy())
    if len(known) == 0:
        return np.full(len(values), 0.5)
    below, up_to = (np.searchsorted(known, values.to_numpy(), side=side) for side in ("left", "right"))
    return np.where(values.isna(), 0.5, (below + up_to) / (2 * len(known)))


def _one_feature(train: Dataset, test: Dataset, name: str) -> Doubles:
    """A logistic curve over the feature's rank among the training rows, and a step where it is missing."""
    design = [
        np.column_stack([_ranked(part.frame[name], train.frame[name]), part.frame[name].isna()])
        for part in (train, test)
    ]
    return _fitted(design[0].astype(np.float64), train.labels, design[1].astype(np.float64))


def _logistic(train: Dataset, test: Dataset, names: Sequence[str]) -> Doubles:
    """Logistic regression; a missing value becomes the training median, and a column of its own says that it was."""
    columns = {name: train.frame[name].to_numpy() for name in names}
    gaps = [name for name in names if np.isnan(columns[name]).any()]
    scales = {name: _scale(column) for name, column in columns.items()}
    return _fitted(_design(train, scales, gaps), train.labels, _design(test, scales, gaps))


def _scale(values: Doubles) -> tuple[float, float, float]:
    """The median of what is known, 0 where nothing is, and mean and standard deviation once it stands in the gaps."""
    missing = np.isnan(values)
    median = 0.0 if missing.all() else float(np.nanmedian(values))
    filled = np.where(missing, median, values)
    return median, float(filled.mean()), float(filled.std()) or 1.0


def _design(part: Dataset, scales: Mapping[str, tuple[float, float, float]], gaps: Sequence[str]) -> Doubles:
    """Standardised features, then the marks of missing values; filled column by column, in one block of memory."""
    design = np.empty((len(part), len(scales) + len(gaps)))
    for place, (name, (median, middle, spread)) in enumerate(scales.items()):
        values = part.frame[name].to_numpy()
        filled = np.where(np.isnan(values), median, values)
        design[:, place] = np.clip((filled - middle) / spread, -FARTHEST, FARTHEST)
    for place, name in enumerate(gaps, start=len(scales)):
        design[:, place] = np.isnan(part.frame[name].to_numpy())
    return design


def _fitted(design: Doubles, labels: Doubles, later: Doubles) -> Doubles:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(solver="newton-cholesky", max_iter=200).fit(design, labels)
    probabilities: Doubles = model.predict_proba(later)[:, 1]
    return probabilities
