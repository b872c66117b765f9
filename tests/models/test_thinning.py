"""Rows of the commoner class stand for each other, without moving any probability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.thinning import thinned
from models.training import train
from models.training_settings import TrainingSettings
from tests.models.synthetic import CHURN, synthetic_rows

RARE = synthetic_rows(accounts=2000, level=-5.0, strength=3.0)
"""16,000 rows, of which some 3 % have the outcome."""


def test_every_case_stays_and_the_others_stand_for_all() -> None:
    taught = thinned(RARE, 10)
    labels = taught.rows.labels
    cases = RARE.labels.sum()

    assert labels.sum() == cases
    assert taught.weights is not None
    assert set(taught.weights[labels == 1]) == {1.0}
    assert (labels == 0).sum() == pytest.approx(10 * cases, rel=0.05)
    assert taught.weights.sum() == pytest.approx(len(RARE), rel=0.05)


def test_where_there_are_fewer_others_every_row_stands_for_itself() -> None:
    taught = thinned(RARE, 1000)

    assert taught.rows is RARE
    assert taught.weights is None


def test_where_most_have_the_outcome_those_without_it_are_kept() -> None:
    turned = replace(RARE, frame=RARE.frame.assign(label=1 - RARE.frame["label"]))
    taught = thinned(turned, 10)

    assert (taught.rows.labels == 0).sum() == (RARE.labels == 1).sum()
    assert taught.weights is not None
    assert taught.weights[taught.rows.labels == 0].max() == 1.0


def test_a_row_is_drawn_with_or_without_the_others_and_in_any_order() -> None:
    whole = thinned(RARE, 10).rows.frame
    shuffled = replace(RARE, frame=RARE.frame.sample(frac=1.0, random_state=3).reset_index(drop=True))
    again = thinned(shuffled, 10).rows.frame

    keys = ["account_id", "as_of"]
    assert whole.equals(again.sort_values(keys, ignore_index=True)[whole.columns])


def test_probabilities_keep_their_level_and_their_order() -> None:
    quick = TrainingSettings(learning_rate=0.1, max_trees=120, resamples=100)
    every, some = (train(RARE, CHURN, quick.model_copy(update={"others_per_case": k})) for k in (10_000, 5))
    labels, matrix = every.test.labels, every.test.matrix

    for found in (every, some):
        assert found.scorer.probability(matrix).mean() == pytest.approx(labels.mean(), rel=0.25)
    assert np.corrcoef(every.scorer.raw(matrix), some.scorer.raw(matrix))[0, 1] > 0.9
    assert some.evaluation.metrics["auc"].value > every.evaluation.metrics["auc"].value - 0.02
