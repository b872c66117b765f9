"""Gradient-boosted trees by LightGBM, the same text for the same rows, whatever the number of threads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import lightgbm

    from models.dataset import Dataset
    from models.training import TrainingSettings

SMALLEST_LEAF, LARGEST_LEAF = 20, 200
LEAF_SHARE = 0.005
"""A leaf holds at least this share of the rows, between the two bounds above."""


def tree_parameters(settings: TrainingSettings, rows: int) -> dict[str, Any]:
    """Every parameter of LightGBM that is not its default, and those whose default may not change."""
    leaf = settings.min_data_in_leaf or int(np.clip(rows * LEAF_SHARE, SMALLEST_LEAF, LARGEST_LEAF))
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "boosting": "gbdt",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.num_leaves,
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
        "force_row_wise": True,
        "verbosity": -1,
    }


def count_trees(train: Dataset, validation: Dataset, settings: TrainingSettings) -> tuple[str, int]:
    """Trees grown on `train` until the log loss on `validation` has not fallen for `patience` of them: text and number.

    The text holds the trees up to the best one.
    """
    import lightgbm

    parameters = tree_parameters(settings, len(train))
    teaching = _lightgbm_rows(train, parameters)
    booster = lightgbm.train(
        parameters,
        teaching,
        num_boost_round=settings.max_trees,
        valid_sets=[_lightgbm_rows(validation, parameters, teaching)],
        callbacks=[lightgbm.early_stopping(settings.patience, first_metric_only=True, verbose=False)],
    )
    count = max(booster.best_iteration, 1)
    return _text(booster, count), count


def grow(train: Dataset, trees: int, settings: TrainingSettings) -> str:
    """The text of so many trees grown on those rows."""
    import lightgbm

    parameters = tree_parameters(settings, len(train))
    booster = lightgbm.train(parameters, _lightgbm_rows(train, parameters), num_boost_round=trees)
    return _text(booster, trees)


def _lightgbm_rows(
    dataset: Dataset, parameters: dict[str, Any], reference: lightgbm.Dataset | None = None
) -> lightgbm.Dataset:
    import lightgbm

    return lightgbm.Dataset(
        dataset.matrix.to_numpy(dtype=np.float64),
        label=dataset.labels,
        feature_name=list(dataset.features),
        params=parameters,
        reference=reference,
    )


def _text(booster: lightgbm.Booster, trees: int) -> str:
    """The model as text, without the number of threads: they decide how fast it was grown, not what it is."""
    text: str = booster.model_to_string(num_iteration=trees)
    return re.sub(r"^\[num_threads: -?\d+\]\n", "", text, flags=re.MULTILINE)
