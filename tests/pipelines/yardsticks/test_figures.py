"""Intervals of means, ratios and correlations, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.yardsticks.figures import Accounts, Figure, share_of


def figure(value: float, *draws: float) -> Figure:
    return Figure(value, np.array(draws))


def test_a_mean_counts_rows_and_resamples_accounts() -> None:
    accounts = Accounts(pd.Series(["a", "a", "b"]), resamples=400)

    (mean,) = accounts.means(np.array([[1.0], [2.0], [6.0]]))

    assert mean.value == 3
    # a drawn twice 1.5, each once 3, b drawn twice 6
    assert sorted({round(float(draw), 6) for draw in mean.draws}) == [1.5, 3, 6]


def test_rows_that_do_not_count_are_left_out() -> None:
    accounts = Accounts(pd.Series(["a", "a", "b"]), resamples=50)

    (mean,) = accounts.means(np.array([[1.0], [np.nan], [6.0]]), np.array([1.0, 0.0, 1.0]))

    assert mean.value == 3.5


def test_a_correlation_is_pearsons() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, 200))
    owners = pd.Series([f"a{n % 70}" for n in range(200)])

    found = Accounts(owners, resamples=200).correlation(x, x + y)

    assert found.value == pytest.approx(float(np.corrcoef(x, x + y)[0, 1]))
    assert found.interval.low < found.value < found.interval.high


def test_a_constant_has_no_correlation() -> None:
    found = Accounts(pd.Series(list("abc")), resamples=20).correlation(np.ones(3), np.arange(3.0))

    assert np.isnan(found.value)


def test_r_squared_is_the_share_of_the_variance_that_is_told() -> None:
    true = np.array([1.0, 2.0, 3.0, 4.0])  # variance 1.25
    accounts = Accounts(pd.Series(list("aabb")), resamples=400)

    found = accounts.r_squared(true, np.array([1.0, 2.0, 3.0, 3.0]))  # squared error 0.25

    assert found.value == pytest.approx(1 - 0.25 / 1.25)
    # a drawn twice 1, each once 0.8, b drawn twice 1 - 0.5 / 0.25
    assert sorted({round(float(draw), 6) for draw in found.draws}) == [-1, 0.8, 1]
    assert accounts.r_squared(true, np.full(4, true.mean())).value == pytest.approx(0)


def test_of_a_constant_nothing_can_be_told() -> None:
    assert np.isnan(Accounts(pd.Series(list("abc")), resamples=20).r_squared(np.ones(3), np.arange(3.0)).value)


def test_a_share_is_taken_draw_by_draw() -> None:
    share = share_of(figure(0.7, 0.6, 0.8), figure(0.5, 0.5, 0.5), figure(0.9, 0.7, 0.9)).share

    assert share is not None
    assert share.value == pytest.approx(0.5)
    assert (share.low, share.high) == pytest.approx((0.5, 0.75), abs=0.01)


def test_a_share_of_nothing_is_not_told() -> None:
    found = share_of(figure(0.7, 0.6, 0.8), figure(0.5, 0.5, 0.5), figure(0.51, 0.49, 0.53), "the oracle")

    assert found.share is None
    assert found.as_json()["share"] is None
    assert found.untold.startswith("the oracle is not clearly better than the best baseline, by 0.0100 [-0.0")
