"""A little company with two small real models: one of accounts, one of accounts and products."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.feature import Feature, State
from models.scorer import Scorer
from serving.scored import Scored
from serving.scoring import scored

T = date(2025, 6, 30)
EARLIER = [date(2025, 4, 7), date(2025, 5, 5), date(2025, 6, 2)]
ACCOUNTS = 60
PRODUCTS = ("chat", "mail")

FEATURES = (
    Feature(
        "active_days_28d",
        State("use", "days"),
        unit="count",
        idea="use",
        rung="consumption",
        purpose="service",
        phrase="Active days {moved} {value} in the last 28",
    ),
    Feature(
        "open_tickets",
        State("tickets", "open"),
        unit="count",
        idea="promises",
        rung="trust",
        purpose="service",
        phrase="{value} open tickets",
    ),
    Feature(
        "nps_last",
        State("answers", "nps"),
        unit="points",
        idea="joy",
        rung="satisfaction",
        purpose="service",
        phrase="Last answer to the recommendation question: {value}",
        missing="unknown",
        missing_phrase="No satisfaction answer so far",
    ),
    Feature(
        "fit",
        State("products", "fit"),
        unit="share",
        idea="fit",
        rung="adoption",
        purpose="growth",
        phrase="{value} of similar accounts use it",
        about="pair",
    ),
)


def days(day: date, count: int) -> pd.Series:
    return pd.Series([pd.Timestamp(day)] * count, dtype="datetime64[us]")


@pytest.fixture(scope="session")
def account_features() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    parts = []
    for day in [*EARLIER, T]:
        part = pd.DataFrame({"account_id": pd.Series([f"a{n:02}" for n in range(ACCOUNTS)], dtype="str")})
        part["as_of"] = days(day, ACCOUNTS)
        part["active_days_28d"] = rng.integers(0, 29, ACCOUNTS).astype(float)
        part["open_tickets"] = rng.poisson(1, ACCOUNTS).astype(float)
        part["nps_last"] = np.where(rng.random(ACCOUNTS) < 0.5, rng.integers(0, 11, ACCOUNTS), np.nan)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="session")
def pair_features(account_features: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(12)
    keys = account_features[["account_id", "as_of"]].merge(pd.DataFrame({"product": PRODUCTS}), how="cross")
    return keys.assign(fit=rng.random(len(keys)))[["account_id", "product", "as_of", "fit"]]


@pytest.fixture(scope="session")
def facts() -> pd.DataFrame:
    number = np.arange(ACCOUNTS)
    return pd.DataFrame(
        {
            "account_id": pd.Series([f"a{n:02}" for n in number], dtype="str"),
            "name": pd.Series([f"Account {n}" for n in number], dtype="str").where(number != 3),
            "owner": pd.Series(["kim", "lee"] * (ACCOUNTS // 2), dtype="str"),
            "segment": pd.Series(["small"] * ACCOUNTS, dtype="str"),
            "plan": pd.Series(["pro"] * ACCOUNTS, dtype="str"),
            "recurring_revenue": np.where(number % 10 == 0, np.nan, 50.0 * (number % 7 + 1)),
            "consumed_value_91d": np.where(number % 10 == 0, np.nan, 10.0),
            "tenure_days": number * 10,
            "days_to_renewal": np.where(number % 2 == 0, np.nan, number * 3.0),
            "active": number != 7,
            "under_notice": False,
            "days_to_end": np.nan,
        }
    )


@pytest.fixture(scope="session")
def cohorts(account_features: pd.DataFrame, pair_features: pd.DataFrame) -> dict[str, pd.DataFrame]:
    now = account_features[account_features["as_of"] == pd.Timestamp(T)]
    pairs = pair_features[pair_features["as_of"] == pd.Timestamp(T)]
    asked = pairs.merge(now, on=["account_id", "as_of"]).query("account_id < 'a50'")
    return {"churn": now.query("account_id != 'a05'"), "adoption": asked}


def trained(outcome: str, frame: pd.DataFrame, pull: pd.Series, features: list[str]) -> Scorer:
    import lightgbm

    rng = np.random.default_rng(13)
    label = (pull + rng.normal(size=len(frame)) > pull.median() + 0.5).astype(float)
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": 1, "min_data_in_leaf": 5}
    booster = lightgbm.train(settings, lightgbm.Dataset(frame[features].to_numpy(), label), 20)
    return Scorer(outcome, tuple(features), booster.model_to_string(), float(label.mean()), slope=0.9, intercept=-0.1)


@pytest.fixture(scope="session")
def scorers(account_features: pd.DataFrame, pair_features: pd.DataFrame) -> dict[str, Scorer]:
    of_accounts = ["active_days_28d", "open_tickets", "nps_last"]
    churn = -account_features["active_days_28d"] / 8 + account_features["open_tickets"]
    pairs = pair_features.merge(account_features, on=["account_id", "as_of"])
    adoption = 4 * pairs["fit"] + pairs["active_days_28d"] / 8
    return {
        "adoption": trained("adoption", pairs, adoption, [*of_accounts, "fit"]),
        "churn": trained("churn", account_features, churn, of_accounts),
    }


@pytest.fixture(scope="session")
def company(
    scorers: dict[str, Scorer],
    cohorts: dict[str, pd.DataFrame],
    facts: pd.DataFrame,
    account_features: pd.DataFrame,
    pair_features: pd.DataFrame,
) -> Scored:
    return scored(T, scorers, cohorts, facts, account_features, pair_features, FEATURES, "EUR")
