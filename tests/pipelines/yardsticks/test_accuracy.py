"""How near we come to the best possible: hand-made worlds in which the answer is known."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError
from models.evaluation import judge
from pipelines.yardsticks.accuracy import SHARED, accuracy
from tests.pipelines.yardsticks.worlds import world

METRICS = [*SHARED, "expected_log_loss", "expected_brier"]


def test_the_oracle_as_model_has_the_whole_of_the_possible() -> None:
    known = world()
    predictions = known.predictions.assign(probability=known.truth["probability"].to_numpy())

    found = accuracy(predictions, known.truth, "churn", resamples=100)

    for metric in METRICS:
        share = found.shares[metric].possible.share
        assert share is not None
        assert (share.value, share.low, share.high) == pytest.approx((1, 1, 1)), metric
    assert found.distances["model"].measures["squared"].value == pytest.approx(0)
    assert found.distances["model"].measures["rank_correlation"].value == pytest.approx(1)
    assert found.distances["model"].measures["log_odds_correlation"].value == pytest.approx(1)


@pytest.mark.parametrize("metric", METRICS)
def test_a_model_equal_to_the_best_baseline_has_nothing_of_it(metric: str) -> None:
    known = world()
    best = accuracy(known.predictions, known.truth, "churn", resamples=100).shares[metric].baseline
    predictions = known.predictions.assign(probability=known.predictions[best])

    share = accuracy(predictions, known.truth, "churn", resamples=100).shares[metric].possible.share

    assert share is not None
    assert (share.value, share.low, share.high) == (0, 0, 0)


def test_a_share_is_the_ratio_of_the_two_differences() -> None:
    known = world()
    found = accuracy(known.predictions, known.truth, "churn", resamples=100)
    metric = {name: evaluation.metrics for name, evaluation in found.judged.items()}

    for name in SHARED:
        base = found.shares[name].baseline
        ours, limit, start = (metric[who][name].value for who in ("model", "oracle", base))
        share = found.shares[name].possible.share
        assert base == "one_state"
        assert share is not None
        assert share.value == pytest.approx((ours - start) / (limit - start))
        assert share.low < share.value < share.high


def test_less_log_loss_is_better() -> None:
    """Between the baseline and the oracle a model has a share between 0 and 1; below the baseline it is negative."""
    known = world()
    worse = known.predictions.assign(probability=0.6)

    between = accuracy(known.predictions, known.truth, "churn", resamples=100).shares["log_loss"].possible.share
    below = accuracy(worse, known.truth, "churn", resamples=100).shares["log_loss"].possible.share

    assert between is not None
    assert below is not None
    assert 0 < between.value < 1
    assert below.value < 0


def test_without_labels_the_share_is_that_of_the_information() -> None:
    """1 - KL(p, ours) / KL(p, base), by hand on four rows; and 1 - MSE / MSE for Brier."""
    p, q, b = np.array([0.1, 0.4, 0.2, 0.7]), np.array([0.2, 0.3, 0.2, 0.6]), np.full(4, 0.35)
    keys = pd.DataFrame({"account_id": list("abcd"), "as_of": pd.Timestamp("2026-01-01")})
    truth = keys.assign(product="", outcome="churn", probability=p, error=0.0)
    predictions = keys.assign(label=[0.0, 1.0, 0.0, 1.0], probability=q, prevalence=b)

    shares = accuracy(predictions, truth, "churn", resamples=100).shares

    def divergence(said: np.ndarray) -> float:
        return float((p * np.log(p / said) + (1 - p) * np.log((1 - p) / (1 - said))).sum())

    loss, brier = shares["expected_log_loss"].possible, shares["expected_brier"].possible
    assert loss.share is not None
    assert brier.share is not None
    assert loss.share.value == pytest.approx(1 - divergence(q) / divergence(b))
    assert brier.share.value == pytest.approx(1 - ((p - q) ** 2).sum() / ((p - b) ** 2).sum())


def test_without_labels_the_share_is_surer() -> None:
    known = world()
    shares = accuracy(known.predictions, known.truth, "churn", resamples=300).shares
    with_labels, without = shares["log_loss"].possible.share, shares["expected_log_loss"].possible.share

    assert with_labels is not None
    assert without is not None
    assert with_labels.low < without.value < with_labels.high
    assert (without.high - without.low) < 0.5 * (with_labels.high - with_labels.low)


def test_the_error_of_the_truth_is_taken_off_the_squared_distance() -> None:
    exact, noisy = world(4000), world(4000, error=0.03)

    clean, rough = (
        accuracy(each.predictions, each.truth, "churn", resamples=100).distances["model"].measures["squared"]
        for each in (exact, noisy)
    )

    assert rough.value == pytest.approx(clean.value, rel=0.03)
    assert accuracy(noisy.predictions, noisy.truth, "churn", resamples=100).truth_error == pytest.approx(0.03)


def test_the_reachable_limit_is_judged_on_the_same_rows() -> None:
    known = world()
    between = (known.predictions["probability"] + known.truth["probability"]).to_numpy() / 2

    found = accuracy(known.predictions, known.truth, "churn", reachable=between, resamples=100)
    same = accuracy(
        known.predictions, known.truth, "churn", reachable=known.predictions["probability"].to_numpy(), resamples=100
    )

    judged = judge(
        known.predictions["label"].to_numpy(), between, known.predictions["account_id"], resamples=100
    ).evaluation
    assert found.judged["reachable"] == judged
    for metric in METRICS:
        reachable, possible = found.shares[metric].reachable, found.shares[metric].possible
        assert reachable is not None
        assert reachable.share is not None
        assert possible.share is not None
        assert reachable.share.value > possible.share.value
        equal = same.shares[metric].reachable
        assert equal is not None
        assert equal.share is not None
        assert equal.share.value == pytest.approx(1)


def test_where_there_is_no_room_no_share_is_told() -> None:
    """A baseline that knows the truth leaves nothing to win."""
    known = world()
    predictions = known.predictions.assign(one_state=known.truth["probability"].to_numpy())

    shares = accuracy(predictions, known.truth, "churn", resamples=100).shares["auc"]

    assert shares.baseline == "one_state"
    assert shares.possible.share is None
    assert "not clearly better than the best baseline" in shares.possible.untold


def test_rows_without_truth_are_refused_and_counted() -> None:
    known = world(50)

    with pytest.raises(InputError, match=r"3 of 100 rows of 'churn' have none, such as account a00000"):
        accuracy(known.predictions, known.truth.iloc[3:], "churn")
    with pytest.raises(InputError, match="100 of 100"):
        accuracy(known.predictions, known.truth, "upgrade")


def test_a_truth_that_the_labels_break_is_refused() -> None:
    known = world(50)
    truth = known.truth.assign(probability=np.where(known.predictions["label"] == 1, 0.0, known.truth["probability"]))
    broken = int(known.predictions["label"].sum())

    with pytest.raises(InputError, match=f"{broken} of 100 labels of 'churn' say otherwise"):
        accuracy(known.predictions, truth, "churn")


def test_a_single_contradiction_is_left_out_for_everyone_and_counted() -> None:
    known = world(600)
    odd = int(np.flatnonzero(known.predictions["label"] == 1)[0])
    truth = known.truth.assign(probability=np.where(np.arange(1200) == odd, 0.0, known.truth["probability"]))
    limit = known.truth["probability"].to_numpy()

    found = accuracy(known.predictions, truth, "churn", reachable=limit, resamples=100)

    rest = accuracy(known.predictions.drop(index=odd), known.truth, "churn", resamples=100)
    assert found.contradicted == 1
    assert found.judged["model"] == rest.judged["model"]
    assert found.judged["reachable"] == rest.judged["oracle"]


def test_pairs_find_their_own_truth() -> None:
    """The rows of a pair outcome are matched by product too, whatever the order of the truth."""
    known = world(400)
    keys = known.predictions.assign(product=np.where(np.arange(800) % 2 == 0, "mail", "files"))
    truth = known.truth.assign(product=keys["product"], outcome="adoption").sample(frac=1, random_state=1)

    found = accuracy(keys, truth, "adoption", resamples=100)

    plain = accuracy(known.predictions, known.truth, "churn", resamples=100)
    assert found.judged["oracle"] == plain.judged["oracle"]


def test_it_is_written_as_json_without_missing_numbers() -> None:
    known = world(200)

    text = json.dumps(accuracy(known.predictions, known.truth, "churn", resamples=100).as_json(), allow_nan=False)

    # a constant has no correlation with anything
    assert json.loads(text)["distances"]["prevalence"]["rank_correlation"]["value"] is None
