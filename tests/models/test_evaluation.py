"""Metrics agree with scikit-learn, resamples draw whole accounts, and intervals hold what they promise."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import RefusedError
from models.evaluation import METRICS, compare, judge, level
from models.scorer import expit


def rows(
    n: int = 800, accounts: int = 400, seed: int = 0, spread: float = 1.5
) -> tuple[np.ndarray, np.ndarray, pd.Series]:
    random = np.random.default_rng(seed)
    probability = expit(random.normal(-1.5, spread, size=n))
    labels = (random.random(n) < probability).astype(float)
    return labels, probability, pd.Series(random.integers(0, accounts, size=n)).astype("str")


def value(metric: str, labels: list[float], scores: list[float]) -> float:
    accounts = pd.Series(range(len(labels))).astype("str")
    return judge(np.array(labels), np.array(scores), accounts, resamples=1).evaluation.metrics[metric].value


@settings(deadline=None, max_examples=80)
@given(
    labels=st.lists(st.sampled_from([0.0, 1.0]), min_size=4, max_size=60).filter(lambda x: len(set(x)) == 2),
    levels=st.integers(1, 20),
    seed=st.integers(0, 10**6),
)
def test_ranking_metrics_agree_with_scikit_learn_whatever_the_ties(labels: list[float], levels: int, seed: int) -> None:
    from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

    score = np.random.default_rng(seed).integers(1, levels + 1, size=len(labels)) / (levels + 1)

    assert value("auc", labels, score) == pytest.approx(roc_auc_score(labels, score))
    assert value("average_precision", labels, score) == pytest.approx(average_precision_score(labels, score))
    assert value("brier", labels, score) == pytest.approx(brier_score_loss(labels, score))
    assert value("log_loss", labels, score) == pytest.approx(log_loss(labels, score))


def test_a_resample_takes_an_account_with_all_its_rows() -> None:
    """The first resample, drawn again by hand, gives the figures of its rows written out as often as they count."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    labels, score, accounts = rows(200, accounts=60)
    judged = judge(labels, score, accounts, resamples=1, seed=5)
    codes, names = pd.factorize(accounts, sort=True)
    drawn = np.bincount(np.random.default_rng(5).integers(0, len(names), size=len(names)), minlength=len(names))
    written_out = np.repeat(np.arange(200), drawn[codes])

    assert judged.draws["auc"][0] == pytest.approx(roc_auc_score(labels[written_out], score[written_out]))
    assert judged.draws["average_precision"][0] == pytest.approx(
        average_precision_score(labels[written_out], score[written_out])
    )


def test_lift_is_the_share_of_positives_in_the_top_tenth_over_the_base_rate() -> None:
    #  20 rows, 4 positives: the top two hold 2 of them, so the tenth is 100 % against 20 %
    assert value("lift_at_10pct", [1, 1, 0, 1] + [0] * 15 + [1], list(np.linspace(0.9, 0.1, 20))) == pytest.approx(5)
    #  of equal scores at the border a part counts: no order at all is no lift at all
    assert value("lift_at_10pct", [1, 1, 0, 1] + [0] * 15 + [1], [0.2] * 20) == pytest.approx(1)


def test_calibration_error_is_the_mean_distance_over_bins_of_equal_size() -> None:
    #  each bin holds 10 rows; the model says 0.05, 0.15, ..., 0.95, and each time one in ten too few came about
    said = np.repeat(np.arange(10) / 10 + 0.05, 10)
    labels = np.concatenate([np.arange(10) < tens for tens in range(10)]).astype(float)
    assert value("ece", list(labels), list(said)) == pytest.approx(0.05)
    #  one score for all is one bin: right on average is no error
    assert value("ece", [1.0] * 20 + [0.0] * 80, [0.2] * 100) == pytest.approx(0)
    assert value("ece", [1.0] * 20 + [0.0] * 80, [0.3] * 100) == pytest.approx(0.1)


def test_the_order_of_the_rows_changes_nothing_and_the_seed_does() -> None:
    labels, score, accounts = rows()
    first, again = judge(labels, score, accounts, 200, seed=1), judge(labels, score, accounts, 200, seed=1)
    order = np.random.default_rng(8).permutation(len(labels))
    shuffled = judge(labels[order], score[order], accounts.iloc[order], 200, seed=1)

    assert first.evaluation == again.evaluation
    np.testing.assert_allclose(first.draws["auc"], shuffled.draws["auc"], rtol=1e-12)
    assert first.evaluation != judge(labels, score, accounts, 200, seed=2).evaluation


def test_rows_of_one_account_do_not_count_as_many() -> None:
    """Writing every row four times must not make the interval narrower."""
    labels, score, accounts = rows(300, accounts=300)
    once = judge(labels, score, accounts, 400).evaluation.metrics["auc"]
    repeated = judge(np.tile(labels, 4), np.tile(score, 4), pd.concat([accounts] * 4, ignore_index=True), 400)
    four = repeated.evaluation.metrics["auc"]

    assert four.value == pytest.approx(once.value)
    assert four.high - four.low == pytest.approx(once.high - once.low, rel=0.01)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    truth = judge(*rows(200_000, accounts=200_000, seed=99), resamples=1).evaluation.metrics
    held = dict.fromkeys(METRICS, 0)
    for seed in range(100):
        metrics = judge(*rows(500, accounts=300, seed=seed), resamples=200, seed=seed).evaluation.metrics
        for name in METRICS:
            held[name] += metrics[name].low <= truth[name].value <= metrics[name].high

    for name in ("auc", "average_precision", "log_loss", "brier", "lift_at_10pct"):
        assert 88 <= held[name] <= 100, (name, held)


def test_every_interval_holds_its_figure() -> None:
    for interval in judge(*rows(100, 50), resamples=50).evaluation.metrics.values():
        assert interval.low <= interval.value <= interval.high


def test_a_paired_difference_is_narrower_than_the_two_intervals() -> None:
    labels, score, accounts = rows(1000)
    noisy = expit(np.log(score / (1 - score)) + np.random.default_rng(3).normal(0, 0.6, size=1000))
    ours, theirs = judge(labels, score, accounts), judge(labels, noisy, accounts)
    difference, alone = compare(ours, theirs), ours.evaluation.metrics["auc"]

    assert difference.value == pytest.approx(alone.value - theirs.evaluation.metrics["auc"].value)
    assert difference.low > 0
    assert difference.high - difference.low < 0.7 * (alone.high - alone.low)
    assert compare(ours, ours).as_json() == {"value": 0, "low": 0, "high": 0}


def test_only_the_same_rows_are_compared() -> None:
    with pytest.raises(RefusedError, match="same rows and resamples"):
        compare(judge(*rows(100), resamples=10), judge(*rows(200), resamples=10))


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_cannot_be_judged(label: float) -> None:
    with pytest.raises(RefusedError, match="both classes; seen: 50 rows"):
        judge(np.full(50, label), np.linspace(0.1, 0.9, 50), pd.Series(["a"] * 50))


def test_a_probability_that_is_none_cannot_be_judged() -> None:
    with pytest.raises(RefusedError, match="from 0 to 1"):
        judge(np.array([0.0, 1.0]), np.array([0.5, np.nan]), pd.Series(["a", "b"]))


def test_json_has_the_counts_and_every_metric() -> None:
    told = judge(*rows(100), resamples=10).evaluation.as_json()

    assert list(told) == ["n", "positives", *METRICS]


def test_fifty_thousand_rows_take_seconds() -> None:
    labels, score, accounts = rows(50_000, accounts=25_000)
    begun = time.process_time()
    judge(labels, score, accounts, resamples=200)

    assert time.process_time() - begun < 5


def test_the_level_is_how_many_came_for_each_one_predicted() -> None:
    labels, said = np.array([1.0, 0.0, 0.0, 1.0]), np.array([0.5, 0.1, 0.1, 0.3])
    assert level(labels, said, pd.Series(list("abcd")), resamples=10).value == pytest.approx(2.0)


def test_the_levels_interval_resamples_accounts() -> None:
    labels, score, accounts = rows(800, accounts=800)
    once = level(labels, score, accounts)
    four = level(np.tile(labels, 4), np.tile(score, 4), pd.concat([accounts] * 4, ignore_index=True))
    assert once.low < 1 < once.high
    assert (four.low, four.high) == (
        pytest.approx(once.low),
        pytest.approx(once.high),
    )  # four times the same is no news
