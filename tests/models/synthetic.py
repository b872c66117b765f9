"""Frames with a known signal, as a snapshot would give them, for the tests of training."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.outcomes.outcome import Outcome
from models.dataset import Dataset, dataset_of
from models.scorer import expit

CHURN = Outcome(name="churn", kind="inactivity", gap_days=0, horizon_days=28)
IDEAS = {"mrr": "price", "events_28d": "use", "recency": "use", "idle": "use"}


def synthetic_rows(
    accounts: int = 300, as_ofs: int = 8, strength: float = 2.0, level: float = -1.5, seed: int = 0
) -> Dataset:
    """Accounts every 28 days: little use and old use together mean churn; `mrr` tells a little, `idle` nothing.

    With `strength` 0 there is no signal at all.
    """
    random = np.random.default_rng(seed)
    days = [date(2024, 1, 1) + timedelta(days=28 * step) for step in range(as_ofs)]
    keys = pd.MultiIndex.from_product([[f"a{n:04}" for n in range(accounts)], days], names=["account_id", "as_of"])
    size = len(keys)
    frame = pd.DataFrame(
        {
            "events_28d": random.poisson(4, size).astype(float),
            "recency": random.exponential(10, size),
            "mrr": random.lognormal(3, 1, size),
            "idle": random.normal(size=size),
        },
        index=keys,
    ).reset_index()
    frame["as_of"] = pd.to_datetime(frame["as_of"]).astype("datetime64[us]")
    few, old = frame["events_28d"] < 3, frame["recency"] > 8
    pull = strength * (few & old) + 0.4 * strength * old - 0.1 * strength * np.log(frame["mrr"] / 20)
    label = (random.random(size) < expit((pull + level).to_numpy())).astype(float)
    frame.loc[random.random(size) < 0.1, "recency"] = np.nan
    return dataset_of("churn", frame[["account_id", "as_of"]].assign(label=label), frame)
