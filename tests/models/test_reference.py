"""The difference of two rows, taken apart by feature: held against every coalition counted one by one."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest

from models.reference import against
from models.scorer import Scorer

NAMES = ("a", "b", "c", "d")


def frame(seed: int, count: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    values = random.integers(-3, 4, (count, len(NAMES))).astype("float64")
    values[random.random(values.shape) < 0.2] = np.nan
    return pd.DataFrame(values, columns=list(NAMES))


def model(**more: object) -> Scorer:
    """A model with interactions, whose splits send missing values either way."""
    import lightgbm

    rows = frame(1, 2000)
    pull = rows["a"].fillna(2) * rows["b"].fillna(-1) + rows["c"].isna() * rows["d"].fillna(1)
    settings = {"objective": "binary", "verbosity": -1, "num_leaves": 12, "num_threads": 1, "seed": 1, **more}
    data = lightgbm.Dataset(rows.to_numpy(), (pull > 0).to_numpy(dtype="float64"))
    return Scorer("churn", NAMES, lightgbm.train(settings, data, 15).model_to_string(), 0.4, slope=0.7)


def by_counting(scorer: Scorer, now: pd.DataFrame, then: pd.DataFrame) -> np.ndarray:
    """Shapley's formula over all coalitions."""
    made = np.zeros(now.shape)
    count = len(NAMES)
    for place, name in enumerate(NAMES):
        others = [other for other in NAMES if other != name]
        for size in range(count):
            share = factorial(size) * factorial(count - 1 - size) / factorial(count)
            for coalition in combinations(others, size):
                without = then.assign(**{other: now[other] for other in coalition})
                with_it = without.assign(**{name: now[name]})
                made[:, place] += share * (scorer.raw(with_it) - scorer.raw(without))
    return made


@pytest.mark.parametrize("more", [{}, {"zero_as_missing": True}, {"use_missing": False}], ids=str)
def test_it_is_what_counting_all_coalitions_gives(more: dict[str, object]) -> None:
    scorer, now, then = model(**more), frame(2), frame(3)
    made = against(scorer, now, then)
    np.testing.assert_allclose(made, by_counting(scorer, now, then), atol=1e-9)
    np.testing.assert_allclose(made.sum(axis=1), scorer.raw(now) - scorer.raw(then), atol=1e-9)
    assert np.abs(made).max() > 0.5


def test_a_feature_that_is_what_it_was_makes_nothing() -> None:
    now, then = frame(2), frame(3)
    made = against(model(), now.assign(b=then["b"], d=then["d"]), then)
    assert not made[:, [1, 3]].any()
    assert made[:, [0, 2]].any()


def test_a_model_without_a_split_makes_nothing() -> None:
    assert not against(model(min_data_in_leaf=5000), frame(2), frame(3)).any()


def test_splits_of_categories_are_taken_apart_too() -> None:
    import lightgbm

    rows = frame(1, 2000).fillna(0).abs()
    data = lightgbm.Dataset(rows.to_numpy(), (rows["a"] == 2).to_numpy(dtype="float64"), categorical_feature=[0])
    booster = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 5)
    scorer = Scorer("churn", NAMES, booster.model_to_string(), 0.4)
    now, then = (some.reset_index(drop=True) for some in (rows.head(50), rows.tail(50)))
    np.testing.assert_allclose(against(scorer, now, then), by_counting(scorer, now, then), atol=1e-9)
