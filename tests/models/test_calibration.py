"""The calibrator finds the line through the log-odds, knows how sure it is, keeps their order, says where it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import Calibrator, fit_calibrator, level_note
from models.scorer import expit


def drawn(slope: float, intercept: float, rows: int = 20_000, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    raw = random.normal(-1, 2, size=rows)
    return raw, (random.random(rows) < expit(slope * raw + intercept)).astype(float)


def fitted(raw: np.ndarray, labels: np.ndarray, minimum: int = 40) -> Calibrator:
    """Each row of an account of its own."""
    return fit_calibrator(raw, labels, [f"a{number}" for number in range(len(raw))], minimum)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -1.0), (2.0, 0.7)])
def test_it_finds_the_line_that_the_labels_were_drawn_from(slope: float, intercept: float) -> None:
    found = fitted(*drawn(slope, intercept))

    assert found.slope == pytest.approx(slope, rel=0.06)
    assert found.intercept == pytest.approx(intercept, abs=0.08)
    assert found.note == ""


def test_it_agrees_with_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    raw, labels = drawn(0.8, -0.4)
    theirs = LogisticRegression(C=1e9, tol=1e-9).fit(raw[:, np.newaxis], labels)
    ours = fitted(raw, labels)

    assert ours.slope == pytest.approx(theirs.coef_[0, 0], rel=2e-3)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=2e-3)


def test_the_mean_probability_becomes_the_share_of_positives() -> None:
    raw, labels = drawn(1.0, -2.0)
    found = fitted(raw, labels)

    assert expit(found.slope * raw + found.intercept).mean() == pytest.approx(labels.mean(), abs=1e-3)


def test_a_level_that_is_off_beyond_chance_is_told() -> None:
    labels = np.repeat([0.0, 1.0], [970, 30])

    assert level_note(np.full(1000, 0.035), labels) == ""
    assert "too high: on the test 6.0% were predicted on average, 3.0% came about" in level_note(
        np.full(1000, 0.06), labels
    )
    assert "too low" in level_note(np.full(1000, 0.005), labels)


def test_too_few_positives_leave_the_log_odds_alone() -> None:
    labels = np.repeat([1.0, 0.0], [39, 500])
    found = fitted(np.linspace(-1, 1, 539), labels, minimum=40)

    assert (found.slope, found.intercept) == (1.0, 0.0)
    assert "39 positives" in found.note


@pytest.mark.parametrize("raw", [np.linspace(1, -1, 200), np.full(200, -0.3)])
def test_an_order_that_is_not_kept_is_never_turned_round(raw: np.ndarray) -> None:
    labels = np.repeat([0.0, 1.0], 100)
    found = fitted(raw, labels, minimum=40)

    assert found.slope == 1.0
    assert expit(raw + found.intercept).mean() == pytest.approx(0.5, abs=1e-6)
    assert "level" in found.note
    assert not found.orders


def test_a_perfect_order_stays_finite() -> None:
    found = fitted(np.linspace(-1, 1, 200), np.repeat([0.0, 1.0], 100), minimum=40)

    assert 0 < found.slope < 1000
    assert abs(found.intercept) < 1


def test_it_is_as_sure_as_logistic_regression_says() -> None:
    raw, labels = drawn(0.8, -0.4)
    found = fitted(raw, labels)
    design = np.column_stack([raw, np.ones(len(raw))])
    chance = expit(found.slope * raw + found.intercept)
    textbook = np.linalg.inv((design * (chance * (1 - chance))[:, np.newaxis]).T @ design)

    assert found.variance == pytest.approx((textbook[0, 0], textbook[0, 1], textbook[1, 1]), rel=0.05)


def test_rows_of_one_account_are_no_evidence_of_their_own() -> None:
    raw, labels = drawn(0.8, -0.4, rows=2_000)
    once = fitted(raw, labels).variance
    again = fit_calibrator(np.tile(raw, 4), np.tile(labels, 4), [f"a{n}" for n in range(2_000)] * 4).variance

    assert again == pytest.approx(once, rel=0.05)


def test_of_a_hundred_intervals_about_ninety_five_hold_the_true_probability() -> None:
    held = []
    for seed in range(300):
        raw, labels = drawn(0.7, -1.0, rows=600, seed=seed)
        found = fitted(raw, labels)
        slope, both, intercept = found.variance or (np.nan,) * 3
        for at in (-3.0, 0.0, 2.0):
            error = 1.96 * np.sqrt(slope * at**2 + 2 * both * at + intercept)
            held.append(abs(found.slope * at + found.intercept - (0.7 * at - 1.0)) <= error)

    assert 0.92 <= np.mean(held) <= 0.98


def test_what_was_not_fitted_has_no_uncertainty_of_its_own() -> None:
    few = np.repeat([1.0, 0.0], [39, 500])
    level = fitted(np.linspace(1, -1, 200), np.repeat([0.0, 1.0], 100)).variance

    assert fitted(np.linspace(-1, 1, 539), few).variance is None
    assert level is not None
    assert level[:2] == (0.0, 0.0)
    assert level[2] > 0


@settings(deadline=None, max_examples=60)
@given(
    raw=st.lists(st.floats(-30, 30), min_size=12, max_size=40),
    seed=st.integers(0, 1000),
    scale=st.sampled_from([1e-6, 1.0, 1e3]),
)
def test_whatever_comes_the_slope_is_positive_and_finite(raw: list[float], seed: int, scale: float) -> None:
    labels = (np.random.default_rng(seed).random(len(raw)) < 0.5).astype(float)
    labels[:2] = 0.0, 1.0
    found = fitted(np.array(raw) * scale, labels, minimum=1)

    assert np.isfinite([found.slope, found.intercept, *(found.variance or ())]).all()
    assert found.slope > 0
