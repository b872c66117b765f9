"""How the expected money moved: parts that add up to the difference, whatever happened."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from serving.changes import no_changes
from serving.decision import DecisionSettings
from serving.moved import PARTS, moved

SETTINGS = DecisionSettings()


def accounts(**rows: tuple[float, float]) -> pd.DataFrame:
    """Probability and value at stake of each account."""
    told = [(key, "s", chance, value) for key, (chance, value) in rows.items()]
    columns = ["account_id", "segment", "churn_probability", "value_at_stake"]
    return pd.DataFrame(told, columns=columns).astype({"account_id": "str", "segment": "str"})


def changes(*rows: tuple[str, str, float]) -> pd.DataFrame:
    told = pd.DataFrame(rows, columns=["account_id", "part", "points"]).assign(outcome="churn")
    return pd.concat([no_changes(), told], ignore_index=True)


def parts(now: pd.DataFrame, before: pd.DataFrame, told: pd.DataFrame, then: DecisionSettings = SETTINGS) -> dict:
    found = moved(now, before, told, "churn", SETTINGS, then)
    assert tuple(found["part"]) == PARTS
    return {part: round(money, 6) for part, money in zip(found["part"], found["money"], strict=True) if money}


def test_accounts_that_went_and_came() -> None:
    now, before = accounts(a=(0.1, 1000), c=(0.2, 300)), accounts(a=(0.1, 1000), b=(0.5, 400))
    assert parts(now, before, changes()) == {"gone": -200.0, "new": 60.0}


def test_one_that_is_no_longer_asked_about_is_gone() -> None:
    assert parts(accounts(a=(np.nan, 1000)), accounts(a=(0.1, 1000)), changes()) == {"gone": -100.0}


def test_a_score_that_moved_falls_apart_as_the_list_tells_it() -> None:
    told = changes(("a", "data", 15.0), ("a", "others", -3.0), ("a", "model", 6.0), ("a", "calibration", 2.0))
    found = parts(accounts(a=(0.30, 1000)), accounts(a=(0.10, 1000)), told)
    assert found == {"data": 120.0, "model": 60.0, "calibration": 20.0}


def test_where_money_and_chance_both_changed_each_gets_half_of_what_lies_between() -> None:
    #  0.1 x 1000 = 100 became 0.3 x 2000 = 600: value 1000 x 0.2, chance 0.2 x 1500
    found = parts(accounts(a=(0.30, 2000)), accounts(a=(0.10, 1000)), changes(("a", "data", 20.0)))
    assert found == {"value": 200.0, "data": 300.0}


def test_an_assumption_that_was_changed_counts_as_what_accounts_pay() -> None:
    then = DecisionSettings(churn_share=0.5)
    assert parts(accounts(a=(0.1, 1000)), accounts(a=(0.1, 1000)), changes(), then) == {"value": 50.0}


def test_what_no_list_tells_apart_stays_together() -> None:
    assert parts(accounts(a=(0.3, 1000)), accounts(a=(0.1, 1000)), changes()) == {"untold": 200.0}


def test_an_account_that_had_no_value_pays_from_now_on() -> None:
    assert parts(accounts(a=(0.1, 500)), accounts(a=(0.1, np.nan)), changes()) == {"value": 50.0}


def test_parts_add_up_to_the_difference_whatever_happened() -> None:
    random = np.random.default_rng(4)
    sides = []
    for _ in range(2):
        ids = pd.Series(sorted(random.choice([f"a{n:02}" for n in range(40)], 30, replace=False)), dtype="str")
        chance = np.where(random.random(30) < 0.1, np.nan, random.random(30))
        value = np.where(random.random(30) < 0.1, np.nan, random.lognormal(8, 1, 30).round(2))
        sides.append(pd.DataFrame({"account_id": ids, "churn_probability": chance, "value_at_stake": value}))
    before, now = (side.assign(segment="s") for side in sides)
    both = now.merge(before, on="account_id", suffixes=("", "_then"))
    difference = 100 * (both["churn_probability"] - both["churn_probability_then"])
    split = both.assign(outcome="churn", part="data", points=difference * 0.7)
    split = pd.concat([split, split.assign(part="model", points=difference * 0.3)]).dropna(subset=["points"])
    kept = split[split["account_id"] < "a30"][["account_id", "outcome", "part", "points"]]

    found = moved(now, before, kept, "churn", SETTINGS, DecisionSettings(churn_share=0.8))

    expected = (now["churn_probability"] * now["value_at_stake"]).sum()
    was = 0.8 * (before["churn_probability"] * before["value_at_stake"]).sum()
    assert found["money"].sum() == pytest.approx(expected - was, abs=0.05)
    assert (found["money"] != 0).sum() >= 5
