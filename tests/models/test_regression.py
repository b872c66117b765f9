"""Small regressions: in the targets' own units, the same whatever the number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from models.regression import regressed
from models.training_settings import TrainingSettings

SETTINGS = TrainingSettings()


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    """(2000, 3) features, and (2000, 2) targets: a step of the first in thousands, and noise."""
    random = np.random.default_rng(0)
    features = random.normal(size=(2000, 3))
    return features, np.column_stack([np.where(features[:, 0] > 0, 5000.0, 2000.0), random.normal(size=2000)])


def said(rows: tuple[np.ndarray, np.ndarray], settings: TrainingSettings = SETTINGS) -> np.ndarray:
    features, targets = rows
    return regressed(features[:1500], targets[:1500], np.arange(1500) % 4 == 0, features[1500:], settings)


def test_a_step_is_told_and_noise_is_left_at_its_mean(rows: tuple[np.ndarray, np.ndarray]) -> None:
    found, true = said(rows), rows[1][1500:]

    assert np.abs(found[:, 0] - true[:, 0]).mean() < 50
    assert found[:, 1].std() < 0.3
    assert ((found[:, 1] - true[:, 1]) ** 2).mean() < 1.05 * true[:, 1].var()


def test_the_number_of_threads_changes_no_digit(rows: tuple[np.ndarray, np.ndarray]) -> None:
    assert (said(rows) == said(rows, TrainingSettings(threads=2))).all()


def test_a_target_is_told_alike_with_or_without_others(rows: tuple[np.ndarray, np.ndarray]) -> None:
    features, targets = rows

    assert (said((features, targets[:, :1]))[:, 0] == said(rows)[:, 0]).all()
