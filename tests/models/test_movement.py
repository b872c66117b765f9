"""A difference of two scores falls apart into data, model and calibration, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError
from models.movement import Movement, movement, points
from models.scorer import expit
from tests.small_models import FEATURES, rows, scorer


def then() -> pd.DataFrame:
    return rows(40).reset_index(drop=True)


def now() -> pd.DataFrame:
    return rows(80).iloc[40:].reset_index(drop=True)


def whole(moved: Movement) -> np.ndarray:
    return moved.data.sum(axis=1).to_numpy() + moved.model + moved.calibration


OLD, NEW = scorer(trees=3), replace(scorer(trees=9), slope=1.3, intercept=0.2)


def test_the_parts_add_up_to_the_difference() -> None:
    moved = movement(OLD, NEW, then(), now())
    np.testing.assert_allclose(moved.before, OLD.log_odds(then()))
    np.testing.assert_allclose(moved.now, NEW.log_odds(now()))
    np.testing.assert_allclose(whole(moved), moved.now - moved.before, atol=1e-9)


def test_where_only_the_data_changed_all_of_it_is_the_datas() -> None:
    moved = movement(OLD, OLD, then(), now())
    assert not moved.model.any()
    assert not moved.calibration.any()
    np.testing.assert_allclose(moved.data.sum(axis=1), OLD.log_odds(now()) - OLD.log_odds(then()), atol=1e-9)


def test_a_feature_that_stayed_made_nothing() -> None:
    later = then().assign(active_days_28d=now()["active_days_28d"])
    moved = movement(NEW, NEW, then(), later)
    assert moved.data["active_days_28d"].any()
    assert not moved.data.drop(columns="active_days_28d").to_numpy().any()


def test_where_only_the_trees_changed_all_of_it_is_the_models() -> None:
    later = replace(scorer(trees=9), slope=OLD.slope, intercept=OLD.intercept)
    moved = movement(OLD, later, now(), now())
    assert not moved.data.to_numpy().any()
    assert not moved.calibration.any()
    np.testing.assert_allclose(moved.model, later.log_odds(now()) - OLD.log_odds(now()), atol=1e-9)


def test_where_only_the_calibration_changed_all_of_it_is_the_calibrations() -> None:
    moved = movement(OLD, replace(OLD, slope=1.1, intercept=0.0), now(), now())
    assert not moved.data.to_numpy().any()
    assert not moved.model.any()


def test_a_share_is_the_mean_over_the_orders_in_which_the_three_can_change() -> None:
    """By hand, from the eight combinations of old and new."""

    def at(trees: int, line: int, day: int) -> np.ndarray:
        known, drawn, frame = (OLD, NEW)[trees], (OLD, NEW)[line], (then, now)[day]()
        return drawn.slope * known.raw(frame) + drawn.intercept

    moved = movement(OLD, NEW, then(), now())
    model = (at(1, 0, 0) - at(0, 0, 0)) / 3 + (at(1, 1, 1) - at(0, 1, 1)) / 3
    model += (at(1, 1, 0) - at(0, 1, 0)) / 6 + (at(1, 0, 1) - at(0, 0, 1)) / 6
    np.testing.assert_allclose(moved.model, model, atol=1e-9)


def test_models_of_other_features_are_told_of_all_of_them() -> None:
    fewer = replace(OLD, features=tuple(reversed(FEATURES)))
    moved = movement(fewer, NEW, then(), now())
    assert list(moved.data.columns) == list(FEATURES)
    np.testing.assert_allclose(whole(moved), moved.now - moved.before, atol=1e-9)


def test_points_add_up_to_the_difference_of_the_probabilities() -> None:
    moved = movement(OLD, NEW, then(), now())
    parts = np.column_stack([moved.data.to_numpy(), moved.model, moved.calibration])
    told = points(parts, moved.before, moved.now)
    np.testing.assert_allclose(told.sum(axis=1), 100 * (expit(moved.now) - expit(moved.before)), atol=1e-9)


def test_parts_of_a_score_that_did_not_move_cancel_out() -> None:
    told = points(np.array([[0.4, -0.4]]), np.array([0.0]), np.array([0.0]))
    np.testing.assert_allclose(told, [[10.0, -10.0]])


def test_rows_that_do_not_match_are_refused() -> None:
    with pytest.raises(InputError, match="40 rows then and 39 now"):
        movement(OLD, NEW, then(), now().head(39))
