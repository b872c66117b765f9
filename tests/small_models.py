"""Real models of three features, trained in milliseconds, with judgements as given: something to record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from models.dataset import Dataset
from models.evaluation import Evaluation, Interval
from models.promotion import Decision
from models.record import Retrain
from models.scorer import Scorer
from models.splits import TimeSplit
from models.training import Trained

FEATURES = ("active_days_28d", "open_tickets", "nps_last")
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


@lru_cache
def rows(count: int = 120) -> pd.DataFrame:
    random = np.random.default_rng(5)
    frame = pd.DataFrame(random.integers(0, 12, (count, len(FEATURES))).astype("float64"), columns=list(FEATURES))
    frame.loc[::3, "nps_last"] = np.nan
    return frame


@lru_cache
def labels() -> np.ndarray:
    return (rows()["active_days_28d"] + rows().index % 5 < 6).to_numpy(dtype="float64")


@lru_cache
def scorer(outcome: str = "churn", trees: int = 3) -> Scorer:
    import lightgbm

    settings = {"objective": "binary", "verbose": -1, "num_leaves": 4, "min_data_in_leaf": 10, "num_threads": 1}
    data = lightgbm.Dataset(rows().to_numpy(), labels())
    booster = lightgbm.train(settings, data, num_boost_round=trees)
    return Scorer(outcome, FEATURES, booster.model_to_string(), 0.3, slope=0.8, intercept=-0.4)


def evaluation(auc: float) -> Evaluation:
    metrics = {"auc": Interval(auc, auc - 0.03, auc + 0.03), "brier": Interval(0.1, 0.09, 0.12)}
    return Evaluation(n=120, positives=40, metrics=metrics)


def result(outcome: str = "churn", trees: int = 3, promoted: bool = True, auc: float = 0.8) -> Trained:
    """A model with a judgement as given."""
    reason = "Promoted: better than no skill." if promoted else "Refused: worse than logistic regression."
    loses_to = () if promoted else ("logistic_regression",)
    keys = pd.DataFrame({"account_id": rows().index.map("a{:03d}".format), "as_of": pd.Timestamp("2025-09-01")})
    frame = pd.concat([keys.assign(label=labels()), rows()], axis="columns")
    model = scorer(outcome, trees)
    return Trained(
        scorer=model,
        split=TimeSplit((date(2025, 3, 1),), (date(2025, 6, 1),), (date(2025, 3, 1),), (date(2025, 9, 1),)),
        trees=trees,
        leaves=4,
        evaluation=evaluation(auc),
        baselines={"prevalence": evaluation(0.5), "best_feature": evaluation(0.79)},
        comparisons={"prevalence": Interval(auc - 0.5, 0.2, 0.4), "best_feature": Interval(0.01, -0.01, 0.03)},
        decision=Decision(promoted, reason, ("prevalence",), ("best_feature",), loses_to),
        test=Dataset(outcome, ("account_id", "as_of"), frame, FEATURES),
        predictions=frame[["account_id", "as_of", "label"]].assign(probability=model.probability(rows())),
        importance=model.gain(),
        notes=("validation has one as_of in place of two",),
    )


def retrain(as_of: date, *results: Trained, **changes: Any) -> Retrain:
    made = Retrain(
        as_of=as_of,
        results={result.scorer.outcome: result for result in results},
        data_digest="da7a",
        config_digest="c0f1",
        snapshot_digest="54a9",
        revision="v0.1-3-gabc",
        parameters={"seed": 7, "num_leaves": 15},
    )
    return replace(made, **changes)
