"""Training finds a planted signal, finds none where there is none, refuses what is too little, and repeats itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError, RefusedError
from models.dataset import Dataset
from models.evaluation import judge
from models.training import Trained, train
from models.training_settings import TrainingSettings
from tests.models.synthetic import CHURN, IDEAS, synthetic_rows

QUICK = TrainingSettings(learning_rate=0.1, max_trees=60, patience=10, resamples=200)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(synthetic_rows(), CHURN, QUICK, ideas=IDEAS)


def changed(rows: Dataset, **columns: object) -> Dataset:
    return Dataset(rows.outcome, rows.keys, rows.frame.assign(**columns), rows.features)


def test_a_planted_signal_is_found_and_promoted(trained: Trained) -> None:
    assert trained.decision.promoted, trained.decision.reason
    assert trained.evaluation.metrics["auc"].low > 0.6
    assert set(trained.decision.beats) >= {"prevalence", "contract_only"}
    assert trained.importance.index[0] in {"recency", "events_28d"}
    assert trained.evaluation.metrics["ece"].value < 0.1  # 600 rows of a perfect model have 0.05 by chance
    assert list(trained.baselines) == ["prevalence", "best_single_feature", "logistic_regression", "contract_only"]
    assert trained.comparisons.keys() == trained.baselines.keys()


def test_what_is_judged_is_what_is_published(trained: Trained) -> None:
    """The figures come out again from the scorer alone, on days that lie behind every label that taught it."""
    probability = trained.scorer.probability(trained.test.matrix)
    again = judge(trained.test.labels, probability, trained.test.frame["account_id"], QUICK.resamples, QUICK.seed)

    assert again.evaluation == trained.evaluation
    np.testing.assert_array_equal(trained.predictions["probability"], probability)
    assert trained.test.as_ofs == trained.split.test
    assert max(trained.split.refit) < min(trained.split.test)
    assert [*trained.predictions.columns[:3]] == ["account_id", "as_of", "label"]


def test_the_same_rows_in_any_order_on_any_number_of_threads_give_the_same_bytes(trained: Trained) -> None:
    rows = synthetic_rows()
    shuffled = replace(rows, frame=rows.frame.sample(frac=1, random_state=4))
    other = train(shuffled, CHURN, QUICK.model_copy(update={"threads": 2}), ideas=IDEAS)

    assert other.scorer.model == trained.scorer.model
    assert other.scorer.digest == trained.scorer.digest
    assert other.evaluation == trained.evaluation
    assert "num_threads" not in trained.scorer.model


def test_the_seed_and_the_rows_do_change_it(trained: Trained) -> None:
    assert train(synthetic_rows(), CHURN, QUICK.model_copy(update={"seed": 8})).scorer.digest != trained.scorer.digest
    assert train(synthetic_rows(seed=1), CHURN, QUICK).scorer.digest != trained.scorer.digest


def test_days_of_the_test_and_later_teach_nothing(trained: Trained) -> None:
    """Turning every label and feature of the test round leaves the model as it is."""
    rows = synthetic_rows()
    judged = rows.frame["as_of"] >= pd.Timestamp(trained.split.test[0])
    turned = changed(rows, label=rows.frame["label"].where(~judged, 1 - rows.frame["label"]))
    turned = changed(turned, recency=rows.frame["recency"].where(~judged, 0.0))

    assert train(turned, CHURN, QUICK).scorer.digest == trained.scorer.digest


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_noise_is_refused(seed: int) -> None:
    decision = train(synthetic_rows(strength=0.0, seed=seed), CHURN, QUICK, ideas=IDEAS).decision

    assert not decision.promoted
    assert "which is no skill" in decision.reason
    assert decision.beats == ()


def test_the_champion_is_judged_on_the_same_rows(trained: Trained) -> None:
    again = train(synthetic_rows(), CHURN, QUICK, champion=trained.scorer, ideas=IDEAS)

    assert again.baselines["last_champion"] == trained.evaluation
    assert again.decision.equals[-1] == "last_champion"
    assert again.decision.promoted


def test_a_better_champion_stays(trained: Trained) -> None:
    """The challenger's training days have lost their best feature; the champion still knows what it means."""
    rows = synthetic_rows()
    lost = rows.frame["as_of"] < pd.Timestamp(trained.split.test[0])
    challenger = train(
        changed(rows, recency=rows.frame["recency"].mask(lost, 5.0)), CHURN, QUICK, champion=trained.scorer
    )

    assert not challenger.decision.promoted
    assert challenger.decision.loses_to == ("last_champion",)
    assert "worse than last champion by" in challenger.decision.reason


def test_a_champion_with_other_features_is_left_out_and_that_said(trained: Trained) -> None:
    rows = synthetic_rows()
    fewer = replace(rows, frame=rows.frame.drop(columns="mrr"), features=("events_28d", "recency", "idle"))
    found = train(fewer, CHURN, QUICK, champion=trained.scorer)

    assert "last_champion" not in found.baselines
    assert found.notes[-1].endswith("could not be judged on today's features, which lack mrr")


def test_few_positives_leave_the_scores_uncalibrated_and_say_so() -> None:
    found = train(synthetic_rows(), CHURN, QUICK.model_copy(update={"minimum_calibration": 400}))

    assert (found.scorer.slope, found.scorer.intercept) == (1.0, 0.0)
    assert any("not calibrated" in note for note in found.notes)


def test_rare_outcomes_are_learned_too() -> None:
    found = train(synthetic_rows(accounts=800, level=-4.0, strength=3.0), CHURN, QUICK)

    assert found.evaluation.base_rate < 0.15
    assert found.decision.promoted
    assert found.scorer.probability(found.test.matrix).mean() == pytest.approx(found.evaluation.base_rate, rel=0.3)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (changed(synthetic_rows(), label=0.0), "of churn train holds 0 with and"),
        (changed(synthetic_rows(), label=1.0), "with and 0 without"),
        (synthetic_rows(accounts=12), "at least 20 rows with the outcome and 20 without.*Bring a longer history"),
        (synthetic_rows().at([]), "for churn there is none"),
        (synthetic_rows(as_ofs=2), "lie 28 days apart"),
        (changed(synthetic_rows(), events_28d=1.0, recency=np.nan, mrr=0.0, idle=5.0), "of the 4 of churn none does"),
    ],
)
def test_too_little_is_refused_clearly(rows: Dataset, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        train(rows, CHURN, QUICK)


def test_another_outcomes_rows_are_refused() -> None:
    with pytest.raises(InputError, match="asked for 'churn', the rows are of 'upgrade'"):
        train(replace(synthetic_rows(), outcome="upgrade"), CHURN, QUICK)


def test_few_positives_grow_the_smallest_trees_only() -> None:
    few = train(synthetic_rows(accounts=100), CHURN, QUICK)
    one_size = train(synthetic_rows(accounts=100), CHURN, QUICK.model_copy(update={"num_leaves": (4,)}))

    assert few.leaves == 4
    assert few.scorer.digest == one_size.scorer.digest
    assert few.scorer.model.count("num_leaves=") == few.trees


def test_a_larger_tree_is_taken_only_for_a_clear_gain() -> None:
    """Sixteen kinds of account, each with a chance of its own that no feature alone tells."""
    rows = synthetic_rows(accounts=600)
    random = np.random.default_rng(5)
    kind, other = random.integers(0, 4, size=(2, len(rows)))
    chance = np.array([[0.9, 0.1, 0.8, 0.2], [0.2, 0.8, 0.1, 0.9], [0.7, 0.3, 0.9, 0.1], [0.1, 0.9, 0.3, 0.7]])
    label = (random.random(len(rows)) < chance[kind, other]).astype(float)
    interplay = changed(rows, label=label, events_28d=kind.astype(float), mrr=other.astype(float))

    assert train(interplay, CHURN, QUICK).leaves > 4
    assert train(rows, CHURN, QUICK).leaves == 4


def test_given_days_are_kept() -> None:
    found = train(synthetic_rows(), CHURN, QUICK.model_copy(update={"test_from": date(2024, 6, 17)}))

    assert found.split.test == (date(2024, 6, 17), date(2024, 7, 15))


def test_settings_name_their_limits() -> None:
    with pytest.raises(ValueError, match="learning_rate"):
        TrainingSettings(learning_rate=0)
    with pytest.raises(ValueError, match="leaves"):
        TrainingSettings(leaves=3)  # type: ignore[call-arg]


def test_what_is_to_be_known_of_the_rows_is_noted(trained: Trained) -> None:
    rows = replace(synthetic_rows(), note="learned from 61% of the accounts")
    assert train(rows, CHURN, QUICK, ideas=IDEAS).notes == ("learned from 61% of the accounts", *trained.notes)
