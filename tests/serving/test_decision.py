"""Whom to turn to first, with what, and what the words mean."""

from __future__ import annotations

import io
import itertools
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from features.feature import Rung
from serving.decision import (
    BANDS,
    DecisionSettings,
    band,
    change,
    choose,
    expected_value,
    rank,
    stage,
    value_at_stake,
)
from serving.plays import AS_USUAL, BY_IDEA, OF_OTHERS, PLAYS, WHERE_NOTHING_LEADS, play

SETTINGS = DecisionSettings()


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text.replace(" ", "")), sep="|")


def test_a_year_of_what_is_paid_is_at_stake() -> None:
    facts = table(
        """recurring_revenue | consumed_value_91d | expected
           100               | 900                | 1200
           0                 | 900                | 3600
                             | 900                | 3600
           33.333            |                    | 400
                             | -5                 |
                             | 0                  |
                             |                    | """
    )
    np.testing.assert_array_equal(value_at_stake(facts), facts["expected"])


def test_the_outcome_that_moves_most_value_is_chosen() -> None:
    probabilities = pd.DataFrame(
        {"churn": [0.10, 0.10, np.nan, 0.02], "upgrade": [0.10, 0.50, 0.20, np.nan], "adoption": [0.1, 0.2, 0.5, 0.2]}
    )
    chosen = choose(probabilities, SETTINGS)
    assert chosen["outcome"].tolist() == ["churn", "upgrade", "upgrade", "churn"]  # of equals the first
    assert chosen["probability"].tolist() == [0.10, 0.50, 0.20, 0.02]
    np.testing.assert_allclose(chosen["weight"], [0.1, 0.125, 0.05, 0.02])


def test_expected_value_is_the_share_that_the_outcome_moves() -> None:
    money = expected_value(pd.Series([1200.0, np.nan]), pd.Series([0.125, 0.5]))
    np.testing.assert_array_equal(money, [150.0, np.nan])


def test_rank_goes_by_money_then_probability_then_account() -> None:
    accounts = table(
        """account_id | expected_value | probability
           f          |                | 0.2
           e          |                | 0.9
           d          | 10             | 0.1
           c          | 10             | 0.3
           b          | 10             | 0.3
           a          | 99             | 0.01"""
    )
    ranked = rank(accounts)
    assert ranked["account_id"].tolist() == ["a", "b", "c", "d", "e", "f"]
    assert ranked["rank"].tolist() == [1, 2, 3, 4, 5, 6]


@given(st.permutations(list(range(8))))
def test_rank_does_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    accounts = pd.DataFrame(
        {
            "account_id": list("abcdefgh"),
            "expected_value": [1.0, 1.0, np.nan, np.nan, 2.0, 2.0, 2.0, 0.0],
            "probability": [0.5, 0.5, 0.1, 0.1, 0.2, 0.3, 0.3, 0.9],
        }
    )
    pd.testing.assert_frame_equal(rank(accounts.iloc[order]), rank(accounts))


@pytest.mark.parametrize(
    ("probability", "base_rate", "expected"),
    [
        (0.10, 0.05, "high"),
        (0.07, 0.05, "elevated"),
        (0.05, 0.05, "usual"),
        (0.001, 0.05, "usual"),
        (0.75, 0.60, "high"),  # twice the odds, though not twice the probability
        (0.66, 0.60, "elevated"),
    ],
)
def test_band_compares_the_odds_with_those_of_the_base_rate(
    probability: float, base_rate: float, expected: str
) -> None:
    words = band(pd.Series([probability]), pd.Series(["churn"]), {"churn": base_rate}, SETTINGS)
    assert words.tolist() == [expected]


def test_stage_of_the_life_cycle() -> None:
    facts = table(
        """plan | recurring_revenue | consumed_value_91d | tenure_days | days_to_renewal | active | expected
           pro  | 100               |                    | 400         | 200             | True   | using
           pro  | 100               |                    | 400         | 60              | True   | disposing
           pro  | 100               |                    | 400         | 61              | True   | using
           pro  | 100               |                    | 400         |                 | False  | disposing
           pro  | 100               |                    | 89          |                 | True   | buying
           pro  | 100               |                    | 90          |                 | True   | using
                |                   |                    | 10          |                 | False  | shopping
                |                   |                    | 800         |                 | False  | disposing
                |                   | 12                 | 800         |                 | True   | using"""
    )
    assert stage(facts, SETTINGS).tolist() == facts["expected"].tolist()


def test_change_since_the_previous_list() -> None:
    now = table(
        """account_id | outcome | probability
           a          | churn   | 0.62
           b          | churn   | 0.21
           c          | churn   | 0.204
           d          | churn   | 0.30
           e          | upgrade | 0.30
           f          | churn   | 0.11"""
    )
    before = table(
        """account_id | churn_probability
           a          | 0.50
           b          | 0.24
           c          | 0.196
           e          | 0.30
           f          | 0.10"""
    )
    assert change(now, before).tolist() == ["up 12 points", "down 3 points", "as before", "new", "new", "up 1 point"]
    assert set(change(now, None)) == {"new"}


def test_every_outcome_and_rung_has_a_play() -> None:
    assert set(PLAYS) == set(itertools.product(WHERE_NOTHING_LEADS, get_args(Rung)))
    assert {outcome for outcome, _ in BY_IDEA} <= set(WHERE_NOTHING_LEADS)
    assert max(map(len, [*PLAYS.values(), *BY_IDEA.values(), *WHERE_NOTHING_LEADS.values()])) <= 90


def test_a_play_names_its_product() -> None:
    assert play("adoption", "high", "fit", "adoption", "Reports").startswith("Show Reports beside")
    assert "{" not in play("adoption", "high", None, None, None)


def test_plays_by_idea_rung_outcome_and_none() -> None:
    assert play("churn", "high", "reliability", "satisfaction", None) == BY_IDEA["churn", "reliability"]
    assert play("churn", "elevated", "use", "consumption", None) == PLAYS["churn", "consumption"]
    assert play("churn", "high", None, None, None) == WHERE_NOTHING_LEADS["churn"]
    assert play("referral", "high", "use", "consumption", None) == OF_OTHERS
    assert play("churn", "usual", "use", "consumption", None) == AS_USUAL
    assert BANDS == ("high", "elevated", "usual")


def test_bands_are_in_order() -> None:
    with pytest.raises(ValidationError, match="Lower the first"):
        DecisionSettings(high_ratio=1.5, elevated_ratio=2)
    with pytest.raises(ValidationError):
        DecisionSettings(churn_shares=1)  # type: ignore[call-arg]
