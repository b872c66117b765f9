"""Small regressions by LightGBM: how much of some numbers the features tell, where these numbers are known.

Nothing that is published comes of them. Like the models' trees they are the same for the same rows, whatever the
number of threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from models.trees import tree_parameters

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import NDArray

    from models.training_settings import TrainingSettings

Doubles: TypeAlias = "NDArray[np.float64]"

MOST_TREES, LEAVES, LEARNING_RATE = 200, 16, 0.1
PATIENCE = 20
"""Trees without a lower squared error on the rows set apart after which growing stops."""


def regressed(
    taught: Doubles, targets: Doubles, apart: NDArray[np.bool_], asked: Doubles, settings: TrainingSettings
) -> Doubles:
    """What trees say of each target (column) for each row of `asked`; least squares, in the targets' own units.

    `taught` and `asked` have one column a feature, missing as NaN; `targets` has one row a row of `taught`. How many
    trees there are, at most `MOST_TREES`, is chosen by the rows marked `apart` while the others are learned from; then
    as many are grown on all of `taught`. Of numbers that the features do not tell, this leaves hardly more than the
    mean.
    """
    import lightgbm

    parameters = _parameters(settings, len(taught))
    learned = lightgbm.Dataset(taught[~apart], params=parameters).construct()
    held = lightgbm.Dataset(taught[apart], params=parameters, reference=learned).construct()
    every = lightgbm.Dataset(taught, params=parameters).construct()
    said = np.empty((len(asked), targets.shape[1]))
    for column, values in enumerate(targets.T):
        middle, spread = float(values.mean()), float(values.std())
        scaled = (values - middle) / (spread or 1.0)  # LightGBM keeps targets as single floats
        trees = _trees(learned.set_label(scaled[~apart]), held.set_label(scaled[apart]), parameters)
        booster = lightgbm.train(parameters, every.set_label(scaled), num_boost_round=trees)
        said[:, column] = middle + spread * np.asarray(booster.predict(asked), dtype=np.float64)
    return said


def _parameters(settings: TrainingSettings, rows: int) -> dict[str, Any]:
    """Those of the models' trees, for another aim and fewer, larger steps."""
    quick = settings.model_copy(update={"learning_rate": LEARNING_RATE})
    return {**tree_parameters(quick, rows, LEAVES), "objective": "regression", "metric": "l2"}


def _trees(learned: lightgbm.Dataset, held: lightgbm.Dataset, parameters: dict[str, Any]) -> int:
    import lightgbm

    booster = lightgbm.train(
        parameters,
        learned,
        num_boost_round=MOST_TREES,
        valid_sets=[held],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    return max(booster.best_iteration, 1)
