"""What would bring a score down to the usual, in words."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from serving.decision import DecisionSettings
from serving.frame_types import MOVE_TYPES
from serving.moves import how_many, leads, moves_of
from serving.scored import Scored
from tests.serving.conftest import FEATURES

SETTINGS = DecisionSettings(elevated_ratio=1.2)
ACTIONABLE = tuple(replace(feature, actionable=feature.name != "nps_last") for feature in FEATURES)


@pytest.fixture(scope="module")
def whole(company: Scored, account_features: pd.DataFrame) -> pd.DataFrame:
    return moves_of(company, account_features, ACTIONABLE, SETTINGS, "EUR")


@pytest.fixture(scope="module")
def found(whole: pd.DataFrame) -> pd.DataFrame:
    return leads(whole).reset_index(drop=True)


def test_they_are_of_accounts_that_stand_out(found: pd.DataFrame, company: Scored) -> None:
    chances = company.accounts.set_index("account_id")["churn_probability"]
    average = chances.mean()
    odds = (chances / (1 - chances)) / (average / (1 - average))
    assert list(found.columns) == list(MOVE_TYPES)
    assert len(found)
    assert set(found.loc[found["outcome"] == "churn", "account_id"]) <= set(odds[odds >= 1.2].index)
    assert set(found["outcome"]) == {"churn", "adoption"}


def test_of_what_is_wanted_they_lead_up_and_are_of_those_who_do_not_stand_out_yet(
    found: pd.DataFrame, company: Scored
) -> None:
    up = found[found["outcome"] == "adoption"]
    chances = company.accounts.set_index("account_id")["adoption_probability"].dropna()
    average = chances.mean()
    bound = 1.2 * average / (1 - average) / (1 + 1.2 * average / (1 - average))
    assert up["bound"].to_numpy() == pytest.approx(bound)
    first = up[up["step"] == 1]
    assert (first["account_id"].map(chances) < bound).all()
    assert (first["probability"] > first["account_id"].map(chances)).all()
    last = up.groupby("account_id").tail(1)
    assert (last["enough"] == (last["probability"] > last["bound"])).all()
    assert last["enough"].any()
    assert "fit" not in set(up["feature"]), "what is known of the product stays as it is"


def test_nothing_is_told_of_an_outcome_of_which_nobody_has_said_whether_it_is_wanted(
    company: Scored, account_features: pd.DataFrame
) -> None:
    named = company.accounts.rename(columns={"churn_probability": "renewal_probability"})
    own = replace(company, kept={"renewal": company.kept["churn"]}, accounts=named)
    assert moves_of(own, account_features, ACTIONABLE, SETTINGS).empty


@pytest.mark.parametrize(("similar", "words"), [(5, "few"), (10, "few"), (11, "some"), (50, "many")])
def test_how_many_did_so_is_said_in_words_and_in_figures(similar: int, words: str) -> None:
    assert how_many(similar) == f"{words} similar accounts did so ({similar} of 100)"


def test_the_bound_is_where_the_usual_begins(found: pd.DataFrame, company: Scored) -> None:
    found = found[found["outcome"] == "churn"]
    average = company.accounts["churn_probability"].mean()
    odds = 1.2 * average / (1 - average)
    assert found["bound"].to_numpy() == pytest.approx(odds / (1 + odds))
    last = found.groupby("account_id").tail(1)
    assert (last["enough"] == (last["probability"] < last["bound"])).all()


def test_words_say_what_it_would_come_to_and_what_it_is_now(found: pd.DataFrame) -> None:
    use = found[found["feature"] == "active_days_28d"].iloc[0]
    assert use["text"] == f"Active days at {use['to']:.0f} in the last 28 (now: {use['value']:.0f})"


def test_a_step_names_three_of_the_numbers_that_move_and_counts_the_others(
    company: Scored, account_features: pd.DataFrame
) -> None:
    """Here all features are one idea: each part has its own row, and the first tells the whole step."""
    one = [replace(feature, idea="use", actionable=True) for feature in FEATURES]
    moved = moves_of(company, account_features, one, SETTINGS, "EUR").query("outcome == 'churn'")
    sizes = moved.groupby("account_id")["part"].transform("max")
    assert (moved["step"] == 1).all()
    pair = moved[sizes == 2]
    first, second = (pair[pair["part"] == part].iloc[0] for part in (1, 2))
    assert first["text"].endswith(f", and with it {second['text'][:1].lower()}{second['text'][1:]}")
    three = moved[sizes == 3]
    assert len(three)
    named = three[three["part"] == 1]["text"]
    assert named.str.count("; ").eq(1).all()
    assert not named.str.contains("more number").any()


def test_what_nobody_can_act_on_is_not_moved(
    found: pd.DataFrame, company: Scored, account_features: pd.DataFrame
) -> None:
    assert set(found["idea"]) <= {"use", "promises"}
    assert moves_of(company, account_features, FEATURES, SETTINGS).empty
