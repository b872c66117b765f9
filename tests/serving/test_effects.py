"""What offers did where chance decided: a difference with an interval that keeps its promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from serving.effects import effects


def offers(treated: tuple[int, int], held_back: tuple[int, int], kind: str = "retention") -> pd.DataFrame:
    """Of either side how many had the outcome, and how many there are."""
    rows = [(True, place < treated[0]) for place in range(treated[1])]
    rows += [(False, place < held_back[0]) for place in range(held_back[1])]
    frame = pd.DataFrame(rows, columns=["treated", "label"]).astype({"label": "float64"})
    return frame.assign(kind=kind, outcome="churn")


def test_treated_less_held_back() -> None:
    (found,) = effects(offers((10, 100), (30, 100)))
    assert (found.treated, found.treated_with, found.held_back, found.held_back_with) == (100, 10, 100, 30)
    assert found.difference == pytest.approx(-20)
    #  Agresti and Caffo by hand: 11/102 - 31/102 = -0.1961, plus or minus 1.96 x 0.0552
    assert (found.low, found.high) == (pytest.approx(-30.4, abs=0.1), pytest.approx(-8.8, abs=0.1))
    assert found.shown
    assert found.enough


def test_a_difference_that_may_be_chance_is_not_shown() -> None:
    (found,) = effects(offers((1, 30), (2, 27)))
    assert not found.shown


def test_nobody_on_a_side_is_no_comparison_and_few_are_too_few() -> None:
    assert effects(offers((1, 30), (0, 0))) == []
    (found,) = effects(offers((1, 30), (2, 19)))
    assert not found.enough


def test_each_kind_of_offer_is_told_apart() -> None:
    both = pd.concat([offers((1, 30), (2, 30)), offers((5, 40), (1, 40), kind="upgrade")])
    assert [found.kind for found in effects(both)] == ["retention", "upgrade"]


def test_nothing_drawn_nothing_told() -> None:
    assert effects(offers((0, 0), (0, 0))) == []


def test_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    counts = [(int(random.binomial(60, 0.08)), int(random.binomial(60, 0.14))) for _ in range(200)]
    found = [effects(offers((a, 60), (b, 60)))[0] for a, b in counts]
    assert 0.91 <= np.mean([one.low <= -6 <= one.high for one in found]) <= 0.99
