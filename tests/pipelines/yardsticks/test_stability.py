"""Whether reasons survive a second teaching: shares that can be reckoned by hand, and a model that is taught anew."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from features.errors import RefusedError
from features.feature import Feature, State
from models.training import train
from models.training_settings import TrainingSettings
from pipelines.yardsticks.stability import resampled, stability, survived
from pipelines.yardsticks.ways import leading
from tests.models.synthetic import CHURN, IDEAS, synthetic_rows

QUICK = TrainingSettings(resamples=100, max_trees=40, num_leaves=(4,), learning_rate=0.1, patience=10)
RUNG = {"price": "loyalty", "use": "consumption", "rest": "trust"}


def catalogue() -> list[Feature]:
    idea_of = {**IDEAS, "idle": "rest"}
    return [
        Feature(
            name=name,
            value=State("source", name),
            unit="count",
            idea=idea,
            rung=RUNG[idea],  # type: ignore[arg-type]
            purpose="service",
            phrase="{value}",
        )
        for name, idea in idea_of.items()
    ]


def test_what_is_given_again_survives() -> None:
    #                 price  use  rest  habit
    ours = np.array([[0.9, 0.5, 0.2, -0.1], [0.0, 0.3, 0.0, 0.0], [-1.0, 0.0, 0.0, 0.0]])
    theirs = np.array([[0.5, -0.2, 0.3, 0.9], [0.4, 0.2, 0.2, 0.9], [0.9, 0.9, 0.9, 0.9]])
    found = survived(leading(ours), leading(theirs), ours, np.array([False, True, False]))
    # the first row keeps price and rest, the second has use pushed out (price, habit, and use before rest: kept)
    assert found == {"resampled": pytest.approx((2 / 3 + 1) / 2), "first": 1.0, "top_tenth": 1.0}


def test_accounts_are_drawn_with_all_their_rows_and_stand_apart_when_drawn_twice() -> None:
    dataset = synthetic_rows(accounts=50, as_ofs=3)
    drawn = resampled(dataset, 1)
    assert not drawn.frame.duplicated(["account_id", "as_of"]).any()
    assert len(drawn) == 150
    sizes = drawn.frame.groupby("account_id").size()
    assert set(sizes) == {3}
    assert 25 < drawn.frame["account_id"].str.partition("~")[0].nunique() < 40  # 1 - 1/e of 50 is 32
    pd.testing.assert_frame_equal(drawn.frame, resampled(dataset, 1).frame)
    assert not drawn.frame.equals(resampled(dataset, 2).frame)


def test_reasons_with_a_strong_signal_survive_and_the_control_is_what_chance_hits() -> None:
    dataset = synthetic_rows(accounts=200)
    trained = train(dataset, CHURN, QUICK, ideas=IDEAS)
    found = stability(trained, dataset, QUICK, catalogue(), replicates=2)
    assert found.replicates == 2
    assert found.ideas == 3
    assert found.resampled.low <= found.resampled.value <= found.resampled.high <= 1
    assert 0 < found.random < min(found.resampled.value, found.another_seed, found.first.value)
    assert json.loads(json.dumps(found.as_json()))["rows"] == found.rows


def test_a_model_that_gives_no_reason_is_not_followed() -> None:
    dataset = synthetic_rows(accounts=200)
    slow = QUICK.model_copy(update={"max_trees": 1, "learning_rate": 0.001})
    with pytest.raises(RefusedError, match="gives none"):
        stability(train(dataset, CHURN, slow, ideas=IDEAS), dataset, slow, catalogue(), replicates=1)
