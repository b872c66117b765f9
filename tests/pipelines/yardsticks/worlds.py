"""A small world whose truth is known: a logistic law of two states, of which a model may see one, both or a shadow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.scorer import expit

DAYS = pd.to_datetime(["2026-01-01", "2026-01-29"]).astype("datetime64[us]")


@dataclass(frozen=True)
class World:
    """Rows with their labels, and the law that drew them."""

    predictions: pd.DataFrame
    truth: pd.DataFrame
    seen: np.ndarray
    """Log-odds of whoever sees one of the two states."""


def world(accounts: int = 1500, seed: int = 0, outcome: str = "churn", error: float = 0.0) -> World:
    """Two days an account; `prevalence` and `one_state` stand among the predictions as baselines."""
    random = np.random.default_rng(seed)
    keys = pd.MultiIndex.from_product([[f"a{n:05}" for n in range(accounts)], DAYS], names=["account_id", "as_of"])
    frame = keys.to_frame(index=False)
    first, second = random.normal(size=(2, len(frame)))
    odds = -1.5 + 1.2 * first + 0.9 * second
    probability = expit(odds)
    label = (random.random(len(frame)) < probability).astype(float)
    seen = -1.4 + 1.1 * first
    noisy = np.clip(probability + error * random.normal(size=len(frame)), 1e-6, 1 - 1e-6)
    truth = frame.assign(product="", outcome=outcome, probability=noisy, error=error)
    predictions = frame.assign(
        label=label, probability=expit(seen), prevalence=float(probability.mean()), one_state=expit(-1.3 + 0.9 * second)
    )
    return World(predictions, truth, seen)
