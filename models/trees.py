"""Gradient-boosted trees by LightGBM, the same text for the same rows, whatever the number of threads."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.thinning import Taught, thinned

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import NDArray

    from models.dataset import Dataset
    from models.training_settings import TrainingSettings

SMALLEST_LEAF, LARGEST_LEAF = 20, 200
EVENTS_PER_LEAF = 40
"""As rules of events per variable ask of a regression: with fewer, the shape of a tree is chance."""
SIZES_AT_ONCE = 2
"""Sizes of tree that are grown beside each other, each on `threads` threads of its own; changes no digit."""
LEAF_SHARE = 0.005
"""A leaf holds at least this share of the rows, between the two bounds above."""


@dataclass(frozen=True)
class Grown:
    """Trees as text, and what validation chose them by."""

    text: str
    trees: int
    leaves: int
    losses: NDArray[np.float64]
    """Log loss of each row of validation."""

    def within_noise_of(self, other: Grown) -> bool:
        """Whether its mean loss is above the other's by no more than a standard error of their difference."""
        difference = self.losses - other.losses
        return bool(difference.mean() <= difference.std() / np.sqrt(len(difference)))


def tree_parameters(settings: TrainingSettings, rows: int, leaves: int) -> dict[str, Any]:
    """Every parameter of LightGBM that is not its default, and those whose default may not change."""
    leaf = settings.min_data_in_leaf or int(np.clip(rows * LEAF_SHARE, SMALLEST_LEAF, LARGEST_LEAF))
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "boosting": "gbdt",
        "learning_rate": settings.learning_rate,
        "num_leaves": leaves,
        "min_data_in_leaf": leaf,
        "min_sum_hessian_in_leaf": 1.0,
        "feature_fraction": settings.feature_fraction,
        "bagging_fraction": settings.bagging_fraction,
        "bagging_freq": 1,
        "lambda_l2": settings.lambda_l2,
        "max_bin": settings.max_bin,
        "feature_pre_filter": False,
        "is_unbalance": False,
        "seed": settings.seed,
        "num_threads": settings.threads,
        "deterministic": True,
        "force_col_wise": True,  # a quarter faster than by rows on a thread of its own, to the same digits
        "verbosity": -1,
    }


def choose(train: Dataset, validation: Dataset, settings: TrainingSettings) -> Grown:
    """Trees grown on `train`, of the number and size that validation speaks for.

    Few positives or a signal that simply adds up want small trees, many rows and interplay large ones. Each size of
    `settings.num_leaves` grows until the log loss on `validation` has not fallen for `patience` trees; taken is the
    smallest size within a standard error of the best (the rule of Breiman et al., "Classification and Regression
    Trees", 1984), since a few positives cannot tell sizes apart. A size beyond the smallest is tried only where
    `train` has `EVENTS_PER_LEAF` rows of its rarer class for each leaf.
    """
    rarer = min(train.labels.sum(), len(train) - train.labels.sum())
    smallest, *larger = sorted(set(settings.num_leaves))
    sizes = [smallest, *(leaves for leaves in larger if rarer >= leaves * EVENTS_PER_LEAF)]
    taught = thinned(train, settings.others_per_case)
    parameters = tree_parameters(settings, len(taught.rows), smallest)
    teaching = _lightgbm_rows(taught, parameters)  # sorted into bins once: no size of tree asks for others
    # Each size has its own rows to stop by: LightGBM writes the features' names into them as it begins, and two that
    # wrote into the same ones at once were seen to fail, once in some hundred times.
    judging = [_lightgbm_rows(Taught(validation, None), parameters, teaching) for _ in sizes]
    with ThreadPoolExecutor(SIZES_AT_ONCE) as pool:  # LightGBM lets go of the interpreter while it grows
        tried = list(
            pool.map(lambda leaves, rows: _stopped_early(teaching, rows, validation, settings, leaves), sizes, judging)
        )
    best = min(tried, key=lambda grown: float(grown.losses.mean()))
    return next(grown for grown in tried if grown.within_noise_of(best))


def grow(train: Dataset, trees: int, leaves: int, settings: TrainingSettings) -> str:
    """The text of so many trees of that size, grown on those rows."""
    import lightgbm

    taught = thinned(train, settings.others_per_case)
    parameters = tree_parameters(settings, len(taught.rows), leaves)
    booster = lightgbm.train(parameters, _lightgbm_rows(taught, parameters), num_boost_round=trees)
    return _text(booster, trees)


def _stopped_early(
    teaching: lightgbm.Dataset, judging: lightgbm.Dataset, validation: Dataset, settings: TrainingSettings, leaves: int
) -> Grown:
    import lightgbm

    booster = lightgbm.train(
        tree_parameters(settings, teaching.num_data(), leaves),
        teaching,
        num_boost_round=settings.max_trees,
        valid_sets=[judging],
        callbacks=[lightgbm.early_stopping(settings.patience, first_metric_only=True, verbose=False)],
    )
    trees = max(booster.best_iteration, 1)
    raw = np.asarray(booster.predict(validation.matrix.to_numpy(), raw_score=True, num_iteration=trees), np.float64)
    losses = np.logaddexp(0, raw) - validation.labels * raw
    return Grown(_text(booster, trees), trees, leaves, losses)


def _lightgbm_rows(
    taught: Taught, parameters: dict[str, Any], reference: lightgbm.Dataset | None = None
) -> lightgbm.Dataset:
    """The rows in LightGBM's bins, which take an eighth of the doubles that they are made from."""
    import lightgbm

    rows = lightgbm.Dataset(
        taught.rows.matrix.to_numpy(dtype=np.float64),
        label=taught.rows.labels,
        weight=taught.weights,
        feature_name=list(taught.rows.features),
        params=parameters,
        reference=reference,
    )
    return rows.construct()


def _text(booster: lightgbm.Booster, trees: int) -> str:
    """The model as text, without the number of threads: they decide how fast it was grown, not what it is."""
    text: str = booster.model_to_string(num_iteration=trees)
    return re.sub(r"^\[num_threads: -?\d+\]\n", "", text, flags=re.MULTILINE)
