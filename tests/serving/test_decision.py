"""Whom to turn to first, with what, and what the words mean."""

from __future__ import annotations

import io
import itertools
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from features.feature import Rung
from features.library.ideas import IDEAS
from serving.decision import (
    DecisionSettings,
    band,
    change,
    choose,
    expected_value,
    odds_ratio,
    rank,
    stage,
    value_at_stake,
)
from serving.plays import BY_IDEA, OF_OTHERS, PLAYS, WHERE_NOTHING_LEADS, play

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
    for everything in (1.0, 9.0):  # nothing stands out, or all of it does
        chosen = choose(probabilities, probabilities.notna() * everything, SETTINGS)
        assert chosen["outcome"].tolist() == ["churn", "upgrade", "upgrade", "churn"]  # of equals the first
        assert chosen["probability"].tolist() == [0.10, 0.50, 0.20, 0.02]
        np.testing.assert_allclose(chosen["weight"], [0.1, 0.125, 0.05, 0.02])


def test_an_outcome_that_stands_out_goes_before_one_that_does_not() -> None:
    probabilities = pd.DataFrame({"churn": [0.10, 0.10], "adoption": [0.2, 0.2]})
    ratios = pd.DataFrame({"churn": [1.4, 1.6], "adoption": [3.0, 3.0]})
    chosen = choose(probabilities, ratios, SETTINGS)
    assert chosen["outcome"].tolist() == ["adoption", "churn"]
    assert chosen["ratio"].tolist() == [3.0, 1.6]


def test_expected_value_is_the_share_that_the_outcome_moves() -> None:
    money = expected_value(pd.Series([1200.0, np.nan]), pd.Series([0.125, 0.5]))
    np.testing.assert_array_equal(money, [150.0, np.nan])


def test_rank_goes_by_what_stands_out_then_money_then_probability_then_account() -> None:
    accounts = table(
        """account_id | band     | expected_value | probability
           h          | usual    |                | 0.2
           g          | usual    | 500            | 0.9
           f          | high     |                | 0.2
           e          | elevated |                | 0.9
           d          | high     | 10             | 0.1
           c          | elevated | 10             | 0.3
           b          | high     | 10             | 0.3
           a          | elevated | 99             | 0.01"""
    )
    ranked = rank(accounts)
    assert ranked["account_id"].tolist() == ["a", "b", "c", "d", "e", "f", "g", "h"]
    assert ranked["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert list(ranked.columns) == [*accounts.columns, "rank"]


@settings(max_examples=50, deadline=None)
@given(st.permutations(list(range(8))))
def test_rank_does_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    accounts = pd.DataFrame(
        {
            "account_id": list("abcdefgh"),
            "band": ["usual", "high"] * 4,
            "expected_value": [1.0, 1.0, np.nan, np.nan, 2.0, 2.0, 2.0, 0.0],
            "probability": [0.5, 0.5, 0.1, 0.1, 0.2, 0.3, 0.3, 0.9],
        }
    )
    pd.testing.assert_frame_equal(rank(accounts.iloc[order]), rank(accounts))


@pytest.mark.parametrize(
    ("probability", "average", "expected"),
    [
        (0.14, 0.05, "high"),
        (0.08, 0.05, "elevated"),
        (0.05, 0.05, "usual"),
        (0.001, 0.05, "usual"),
        (0.82, 0.60, "high"),  # three times the odds, though not three times the probability
        (0.70, 0.60, "elevated"),
    ],
)
def test_band_compares_the_odds_with_those_of_the_average_account(
    probability: float, average: float, expected: str
) -> None:
    assert band(odds_ratio(pd.Series([probability]), average), SETTINGS).tolist() == [expected]


def test_stage_of_the_life_cycle() -> None:
    facts = table(
        """plan| recurring_revenue | consumed_value_91d | tenure_days | days_to_renewal | term_months | active | stage
       pro | 100               |                    | 400         | 200             | 12          | True   | using
       pro | 100               |                    | 400         | 60              | 12          | True   | disposing
       pro | 100               |                    | 400         | 60              |             | True   | disposing
       pro | 100               |                    | 400         | 20              | 1           | True   | using
       pro | 100               |                    | 400         | 61              | 12          | True   | using
       pro | 100               |                    | 400         |                 |             | False  | disposing
       pro | 100               |                    | 89          |                 |             | True   | buying
       pro | 100               |                    | 90          |                 |             | True   | using
           |                   |                    | 10          |                 |             | False  | shopping
           |                   |                    | 800         |                 |             | False  | disposing
           |                   | 12                 | 800         |                 |             | True   | using"""
    )  # fmt: skip
    facts["under_notice"] = False
    untold = facts.drop(columns="stage")
    assert stage(untold).tolist() == facts["stage"].tolist()
    noticed = untold.assign(under_notice=facts["active"])
    assert stage(noticed)[facts["active"]].eq("disposing").all()
    told = facts.assign(stage=["shopping", *[None] * 10])  # an offer is open: no fact tells that
    assert stage(told).tolist() == ["shopping", *facts["stage"].tolist()[1:]]


def test_change_since_the_previous_list() -> None:
    now = table(
        """account_id | outcome | probability
           a          | churn   | 0.62
           b          | churn   | 0.21
           c          | churn   | 0.204
           d          | churn   | 0.30
           e          | upgrade | 0.30
           f          | churn   | 0.11
           g          | churn   | 0.204"""
    )
    before = table(
        """account_id | churn_probability
           a          | 0.50
           b          | 0.24
           c          | 0.196
           e          | 0.30
           f          | 0.10
           g          | 0.2"""
    )
    assert change(now, before).tolist() == [
        *("up 12 points", "down 3 points"),
        "up 1 point",  # both lists show tenths: 19.6% and 20.4%
        *("new", "new", "up 1 point", "as before"),
    ]
    assert set(change(now, None)) == {"new"}


def test_every_outcome_and_rung_has_a_play() -> None:
    assert set(PLAYS) == set(itertools.product(WHERE_NOTHING_LEADS, get_args(Rung)))
    assert {outcome for outcome, _ in BY_IDEA} <= set(WHERE_NOTHING_LEADS)
    assert max(map(len, [*PLAYS.values(), *BY_IDEA.values(), *WHERE_NOTHING_LEADS.values()])) <= 90


def test_a_play_names_its_product() -> None:
    assert play("adoption", "fit", "adoption", "Reports").startswith("Show Reports beside")
    assert "{" not in play("adoption", None, None, None)


def test_plays_by_idea_rung_outcome_and_none() -> None:
    assert play("churn", "reliability", "satisfaction", None) == BY_IDEA["churn", "reliability"]
    assert play("churn", "use", "consumption", None) == PLAYS["churn", "consumption"]
    assert play("churn", None, None, None) == WHERE_NOTHING_LEADS["churn"]
    assert play("referral", "use", "consumption", None) == OF_OTHERS


def test_every_idea_that_has_a_play_of_its_own_is_one() -> None:
    assert {idea for _, idea in BY_IDEA} <= set(IDEAS)


def test_bands_are_in_order() -> None:
    with pytest.raises(ValidationError, match="Lower the first"):
        DecisionSettings(high_ratio=1.5, elevated_ratio=2)
    with pytest.raises(ValidationError):
        DecisionSettings(churn_shares=1)  # type: ignore[call-arg]
