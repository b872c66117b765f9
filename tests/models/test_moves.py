"""What would change a score: only what can be acted on, only what similar accounts did, and no more than it takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.feature import Feature, Part, Rank, Recency, Score, State
from models.moves import COLUMNS, moves
from models.scorer import Scorer

NAMES = ("active", "events", "open_tickets", "tenure")
IDEAS = {"active": "use", "events": "use", "open_tickets": "support", "tenure": "time"}
FEATURES = tuple(
    Feature(name, State("s", name), "count", IDEAS[name], "consumption", "service", name, actionable=name != "tenure")
    for name in NAMES
)


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    """Four hundred accounts at three as_ofs: use goes up or down by six days at most, events are four times as many."""
    random = np.random.default_rng(4)
    active = random.integers(0, 25, 400).astype("float64")
    parts = []
    for month in (4, 5, 6):
        active = np.clip(active + random.integers(-6, 7, 400), 0, 28).astype("float64")
        part = pd.DataFrame({"active": active, "events": 4 * active, "open_tickets": random.poisson(1.5, 400) * 1.0})
        parts.append(part.assign(account_id=[f"a{n:03}" for n in range(400)], as_of=pd.Timestamp(2025, month, 1)))
    return pd.concat(parts, ignore_index=True).assign(tenure=lambda f: 100.0 + f.index % 7)


@pytest.fixture(scope="module")
def scorer(history: pd.DataFrame) -> Scorer:
    import lightgbm

    pull = 4 - history["active"] / 4 + history["open_tickets"] - (history["tenure"] - 100) / 2
    noise = np.random.default_rng(5).logistic(size=len(history))
    settings = {"objective": "binary", "verbosity": -1, "num_leaves": 6, "num_threads": 1, "seed": 1}
    data = lightgbm.Dataset(history[list(NAMES)].to_numpy(), (pull + noise > 2).to_numpy(dtype="float64"))
    return Scorer("churn", NAMES, lightgbm.train(settings, data, 60).model_to_string(), 0.4)


def led(*args: Any, **more: Any) -> pd.DataFrame:
    """The part of each step that leads it."""
    found = moves(*args, **more)
    return found[found["part"] == 1].reset_index(drop=True)


def account(active: float, open_tickets: float, tenure: float = 103.0) -> pd.DataFrame:
    values = {"active": active, "events": 4 * active, "open_tickets": open_tickets, "tenure": tenure}
    return pd.DataFrame([{"account_id": "me", **values}])


def test_one_small_move_is_enough_where_little_is_missing(scorer: Scorer, history: pd.DataFrame) -> None:
    me = account(active=12, open_tickets=1)
    bound = float(scorer.log_odds(me[list(NAMES)])[0]) - 0.05
    found = led(scorer, me, history, FEATURES, bound)
    assert tuple(found.columns) == COLUMNS
    assert found["enough"].tolist() == [True]
    assert found["log_odds"].iloc[0] < bound
    assert 5 <= found["similar"].iloc[0] <= 100


def test_of_what_is_wanted_it_goes_up(scorer: Scorer, history: pd.DataFrame) -> None:
    me = account(active=14, open_tickets=1)
    now = float(scorer.log_odds(me[list(NAMES)])[0])
    found = led(scorer, me, history, FEATURES, now + 0.05, wanted=True)
    assert found["enough"].tolist() == [True]
    assert found["log_odds"].iloc[0] > now + 0.05
    far = led(scorer, me, history, FEATURES, 9.0, wanted=True)
    assert not far["enough"].any()
    assert far["log_odds"].is_monotonic_increasing
    assert far["log_odds"].iloc[0] > now


def test_nothing_moves_that_cannot_be_acted_on(scorer: Scorer, history: pd.DataFrame) -> None:
    found = led(scorer, account(active=2, open_tickets=5, tenure=100), history, FEATURES, -6.0)
    assert set(found["idea"]) <= {"use", "support"}
    assert not found["enough"].any()
    assert found["step"].tolist() == list(range(1, len(found) + 1))
    assert found["log_odds"].is_monotonic_decreasing


def test_it_goes_no_further_than_similar_accounts_went(scorer: Scorer, history: pd.DataFrame) -> None:
    found = led(scorer, account(active=4, open_tickets=0), history, FEATURES, -6.0).set_index("idea")
    lead = {"active": 1.0, "events": 4.0}[str(found.loc["use", "feature"])]
    assert 4 < found.loc["use", "to"] / lead <= 4 + 6 + 3  # those who stood within some days of it, and six days more


def test_features_of_an_idea_move_together(scorer: Scorer, history: pd.DataFrame) -> None:
    """Events stay four times the active days: the score after the move is that of a row which can be."""
    me = account(active=4, open_tickets=0)
    use = led(scorer, me, history, FEATURES, -6.0).set_index("idea").loc["use"]
    days = use["to"] / {"active": 1.0, "events": 4.0}[str(use["feature"])]
    there = account(active=float(days), open_tickets=0)
    assert use["step"] == 1
    assert scorer.log_odds(there[list(NAMES)])[0] == pytest.approx(use["log_odds"])


def test_nothing_gets_worse_by_what_the_scores_call_better(scorer: Scorer, history: pd.DataFrame) -> None:
    """Were more open tickets better, none would have to be solved."""
    score = Score((Part("open_tickets", Rank(State("s", "open_tickets")), higher_is_better=True),))
    odd = (*FEATURES, Feature("score", score, "points", "score", "consumption", "service", "x"))
    me = account(active=2, open_tickets=5)
    solved = led(scorer, me, history, FEATURES, -6.0).set_index("idea").loc["support"]
    assert solved["to"] < solved["value"] == 5
    found = led(scorer, me, history, odd, -6.0)
    assert (found.loc[found["idea"] == "support", "to"] >= 5).all()


def test_all_that_moves_is_told_amounts_before_the_time_since_something(scorer: Scorer, history: pd.DataFrame) -> None:
    """Whatever moves most: people are told to use it more often, and not to have used it lately."""
    since = replace(FEATURES[0], value=Recency("s", "active"))
    me, names = account(active=4, open_tickets=0), ["part", "feature"]
    plain = moves(scorer, me, history, FEATURES, -6.0).query("idea == 'use'")
    late = moves(scorer, me, history, (since, *FEATURES[1:]), -6.0).query("idea == 'use'")
    assert sorted(plain["feature"]) == ["active", "events"]
    assert late[names].to_numpy().tolist() == [[1, "events"], [2, "active"]]
    assert late["log_odds"].nunique() == late["similar"].nunique() == 1
    moved = late.set_index("feature")
    assert moved.loc["events", "to"] == 4 * moved.loc["active", "to"] > moved.loc["events", "value"] == 16


def test_nothing_becomes_unknown(scorer: Scorer, history: pd.DataFrame) -> None:
    """Here fewer than three open tickets are not told of, and the model takes what it is not told for none."""
    gaps = history.assign(open_tickets=history["open_tickets"].where(history["open_tickets"] >= 3))
    found = led(scorer, account(active=2, open_tickets=5), gaps, FEATURES, -6.0)
    assert not found.empty
    assert found["to"].notna().all()


def test_without_a_past_nothing_can_be_said(scorer: Scorer, history: pd.DataFrame) -> None:
    assert led(scorer, account(active=2, open_tickets=3), history.head(30), FEATURES, -6.0).empty
