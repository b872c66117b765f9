"""A model is promoted if it is better than no skill and not worse than what there is."""

from __future__ import annotations

import pytest

from models.evaluation import Evaluation, Interval
from models.promotion import decide


def judged(auc: tuple[float, float, float], precision: tuple[float, float, float]) -> Evaluation:
    """On 1,000 rows, a tenth of them positive."""
    return Evaluation(1000, 100, {"auc": Interval(*auc), "average_precision": Interval(*precision)})


GOOD = judged((0.75, 0.70, 0.80), (0.30, 0.22, 0.38))
AHEAD, EVEN, BEHIND = Interval(0.25, 0.2, 0.3), Interval(-0.01, -0.03, 0.01), Interval(-0.05, -0.08, -0.02)


def test_better_than_no_skill_and_not_worse_than_any() -> None:
    decision = decide(GOOD, {"prevalence": AHEAD, "logistic_regression": EVEN, "last_champion": EVEN})

    assert decision.promoted
    assert decision.beats == ("prevalence",)
    assert decision.equals == ("logistic_regression", "last_champion")
    assert decision.loses_to == ()
    assert decision.reason == (
        "Promoted: AUC 0.750 (0.700 to 0.800) is above 0.5, average precision 0.300 (0.220 to 0.380) is above the base "
        "rate 0.100; better than prevalence and within noise of logistic regression, last champion."
    )


@pytest.mark.parametrize(
    ("evaluation", "words"),
    [
        (judged((0.54, 0.49, 0.59), (0.30, 0.22, 0.38)), "AUC 0.540 (0.490 to 0.590) is not above 0.5"),
        (
            judged((0.75, 0.70, 0.80), (0.12, 0.09, 0.16)),
            "average precision 0.120 (0.090 to 0.160) is not above the base",
        ),
        (judged((0.50, 0.50, 0.50), (0.10, 0.10, 0.10)), "is not above 0.5, which is no skill; average precision"),
    ],
)
def test_no_skill_is_refused(evaluation: Evaluation, words: str) -> None:
    decision = decide(evaluation, {"prevalence": EVEN})

    assert not decision.promoted
    assert words in decision.reason


@pytest.mark.parametrize("name", ["logistic_regression", "last_champion", "best_single_feature"])
def test_worse_than_a_baseline_or_the_champion_is_refused(name: str) -> None:
    decision = decide(GOOD, {"prevalence": AHEAD, name: BEHIND})

    assert not decision.promoted
    assert decision.loses_to == (name,)
    assert f"worse than {name.replace('_', ' ')} by 0.050 (0.020 to 0.080) of AUC" in decision.reason


def test_skill_on_the_test_alone_is_luck() -> None:
    decision = decide(GOOD, {"prevalence": AHEAD}, orders_validation=False)

    assert not decision.promoted
    assert "on validation" in decision.reason


def test_the_same_model_again_equals_the_champion() -> None:
    assert decide(GOOD, {"last_champion": Interval(0.0, 0.0, 0.0)}).equals == ("last_champion",)


def test_json_names_every_field() -> None:
    told = decide(GOOD, {"prevalence": AHEAD}).as_json()

    assert list(told) == ["promoted", "reason", "beats", "equals", "loses_to"]
