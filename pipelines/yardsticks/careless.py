"""Procedures of careless people, and where there is such a thing the same done right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from features.outcomes.outcome import Outcome
from models.dataset import LABEL, Dataset
from models.evaluation import judge
from models.procedure import Doubles, Fitted, Procedure, digest_of
from models.scorer import Scorer
from models.training_settings import TrainingSettings
from models.trees import grow

if TYPE_CHECKING:
    from numpy.typing import NDArray

TREES, LEAVES = 100, 31
"""LightGBM's own defaults."""
TEST_SHARE = 0.2
BINS = 20
CUTS = tuple(cut / BINS for cut in range(1, BINS))
CANDIDATES, CHOSEN = 600, 30
"""Made-up ratios, and how many of them are kept."""
SEED = 7

Rows: TypeAlias = Callable[[Dataset], Dataset]
"""Which rows a preparation looks at."""


def all_rows(dataset: Dataset) -> Dataset:
    """Every row, those of the test included: careless."""
    return dataset


def before_the_test(outcome: Outcome, training: TrainingSettings) -> Rows:
    """The rows of the days that end before the test begins: right."""

    def rows(dataset: Dataset) -> Dataset:
        return dataset.at(training.split(dataset.as_ofs, outcome.horizon).refit)

    return rows


def judged_on_everything(training: TrainingSettings, share: float) -> Procedure:
    """Trees grown on every row and judged on every row."""

    def fit(dataset: Dataset) -> Fitted:
        return _grown(dataset, dataset, training, share=share, by_account=True)

    return fit


def random_rows(training: TrainingSettings, share: float) -> Procedure:
    """A fifth of the rows, drawn at random whatever their day and account, is the test; intervals resample rows."""

    def fit(dataset: Dataset) -> Fitted:
        test = np.random.default_rng(SEED).random(len(dataset)) < TEST_SHARE
        taught, judged = (replace(dataset, frame=dataset.frame[rows].reset_index(drop=True)) for rows in (~test, test))
        return _grown(taught, judged, training, share=TEST_SHARE * share, by_account=False)

    return fit


def encoded(fit: Procedure, rows: Rows) -> Procedure:
    """Every feature becomes the weight of evidence of its bin before the model is made.

    The weight is the log-odds of the label in a bin of equally many rows, missing values in one of their own, half a
    row added to each class; bins and weights come of `rows`.
    """

    def with_weights(dataset: Dataset) -> Fitted:
        known = rows(dataset)
        frame = dataset.frame.copy()
        weights = {}
        for name in dataset.features:
            edges = np.asarray(known.frame[name].dropna().quantile(list(CUTS)).unique(), dtype=np.float64)
            place = _places(known.frame[name], edges)
            ones = np.bincount(place, known.labels, minlength=len(edges) + 2) + 0.5
            zeros = np.bincount(place, 1 - known.labels, minlength=len(edges) + 2) + 0.5
            weight = np.log(ones / zeros)
            weights[name] = [edges.tolist(), weight.tolist()]
            frame[name] = weight[_places(dataset.frame[name], edges)]
        fitted = fit(replace(dataset, frame=frame))
        return replace(fitted, digest=digest_of(fitted.digest, weights))

    return with_weights


def selected(fit: Procedure, rows: Rows) -> Procedure:
    """Hundreds of ratios of two features each, of which those are kept that order `rows` best by label."""

    def with_ratios(dataset: Dataset) -> Fitted:
        random = np.random.default_rng(SEED)
        pairs = random.integers(0, len(dataset.features), size=(CANDIDATES, 2))
        values = dataset.matrix.fillna(0.0).to_numpy(dtype=np.float64)
        ratios = values[:, pairs[:, 0]] / (1 + np.abs(values[:, pairs[:, 1]]))
        names = [f"ratio_{number}" for number in range(CANDIDATES)]
        made = pd.concat([dataset.frame, pd.DataFrame(ratios, columns=names)], axis=1)
        known = rows(replace(dataset, frame=made))
        order = np.argsort(-_distances(known.frame[names].to_numpy(), known.labels), kind="stable")
        chosen = tuple(names[place] for place in order[:CHOSEN])
        fitted = fit(replace(dataset, frame=made[[*dataset.keys, LABEL, *chosen]], features=chosen))
        return replace(fitted, digest=digest_of(fitted.digest, list(chosen)))

    return with_ratios


def _grown(taught: Dataset, judged: Dataset, training: TrainingSettings, *, share: float, by_account: bool) -> Fitted:
    scorer = Scorer(taught.outcome, taught.features, grow(taught, TREES, LEAVES, training), float(taught.labels.mean()))
    probabilities = scorer.probability(judged.matrix)
    units = judged.frame["account_id"] if by_account else pd.Series(np.arange(len(judged)).astype("str"))
    stated = judge(judged.labels, probabilities, units, training.resamples, training.seed)
    interval = stated.evaluation.metrics["auc"]
    return Fitted(digest_of(scorer.digest), taught, judged, probabilities, interval, scorer.gain(), share)


def _places(values: pd.Series[float], edges: Doubles) -> NDArray[np.intp]:
    """The bin of each value; missing ones have the last."""
    place = np.searchsorted(edges, values.to_numpy(dtype=np.float64), side="right")
    return np.where(values.isna(), len(edges) + 1, place)


def _distances(values: Doubles, labels: Doubles) -> Doubles:
    """By column, how far its area under the ROC curve lies from no skill, either way."""
    positives = labels.sum()
    ranks = rankdata(values, axis=0)
    area = (ranks[labels == 1].sum(axis=0) - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))
    distance: Doubles = np.abs(area - 0.5)
    return distance
