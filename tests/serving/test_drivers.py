"""What reasons come to in money: sums that hold exactly, for the company and for its segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.explanation import baseline
from models.scorer import expit
from serving.decision import DecisionSettings
from serving.drivers import NONE, OTHERS, START, drivers, parts_of
from serving.kept import Kept, keep, kept
from serving.lists import make_lists
from serving.scored import Scored

SETTINGS = DecisionSettings()
CHURN_ALL = "outcome == 'churn' and segment.isna()"


def table(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns).astype({name: "str" for name in ("account_id", "segment") if name in columns})


def small(points: pd.DataFrame, base: float = 0.1) -> dict[str, Kept]:
    return {"churn": Kept(None, pd.DataFrame(), points, base)}  # type: ignore[arg-type]


def by_idea(found: pd.DataFrame, segment: str | None = None) -> dict[str, float]:
    mine = found[found["segment"].isna() if segment is None else found["segment"] == segment]
    return dict(zip(mine["idea"], mine["money"].round(6), strict=True))


ACCOUNTS = table(
    account_id=["a", "b", "c", "d"],
    segment=["x", "x", "x", "x"],
    value_at_stake=[1000.0, 500.0, np.nan, 200.0],
    churn_probability=[0.30, 0.05, 0.9, np.nan],
)
POINTS = table(account_id=["a", "b", "c"], use=[15.0, -2.0, 80.0], people=[5.0, -3.0, 0.0])


def test_points_times_money_summed_over_accounts() -> None:
    #  a is 20 points above the starting point of 10 %, b is 5 below; c has no value and d was not asked about
    found = drivers(ACCOUNTS, small(POINTS), SETTINGS).query("segment.isna()").set_index("idea")
    assert found["money"].round(6).to_dict() == {"use": 140.0, "people": 35.0, START: 150.0}
    assert found.loc["use", ["raising", "lowering"]].tolist() == [150.0, -10.0]
    assert found.loc["use", ["accounts", "moving"]].tolist() == [2, 1500.0]
    assert found["money"].sum() == pytest.approx(1000 * 0.30 + 500 * 0.05)


def test_the_share_that_an_outcome_moves_is_in_it() -> None:
    halved = drivers(ACCOUNTS, small(POINTS), DecisionSettings(churn_share=0.5))
    assert by_idea(halved) == {"use": 70.0, "people": 17.5, START: 75.0}


def test_segments_of_fewer_than_ten_accounts_are_put_together() -> None:
    names = ["large"] * 10 + ["small"] * 9 + ["tiny"] * 2 + [None] * 3
    assert parts_of(pd.Series(names, dtype="str")).value_counts().to_dict() == {"large": 10, OTHERS: 11, NONE: 3}


def test_segments_add_up_to_the_whole(company: Scored) -> None:
    lists = make_lists(company, None, SETTINGS)
    accounts = lists.accounts.assign(segment=pd.Series(["s", "t", "u"] * 20, dtype="str"))
    found = drivers(accounts, company.kept, SETTINGS)
    parts = found[found["segment"].notna()].groupby(["outcome", "idea"])[["money", "raising", "accounts"]].sum()
    whole = found[found["segment"].isna()].set_index(["outcome", "idea"])[["money", "raising", "accounts"]]
    pd.testing.assert_frame_equal(parts, whole.sort_index(), check_dtype=False)
    assert drivers(accounts, company.kept, SETTINGS, segmented=False)["segment"].isna().all()


@pytest.mark.parametrize("outcome", ["churn", "adoption"])
def test_drivers_of_real_models_add_up_to_the_expected_money(company: Scored, outcome: str) -> None:
    lists = make_lists(company, None, SETTINGS)
    found = lists.drivers.query("outcome == @outcome and segment.isna()").set_index("idea")["money"]
    asked = lists.accounts[lists.accounts[f"{outcome}_probability"].notna() & lists.accounts["value_at_stake"].notna()]
    moving = asked["value_at_stake"] * SETTINGS.share(outcome)
    expected = (asked[f"{outcome}_probability"] * moving).sum()
    average = float(expit(np.array(baseline(company.kept[outcome].scorer)))) * moving.sum()
    assert found.drop(START).sum() == pytest.approx(expected - average, rel=1e-6)
    assert found[START] == pytest.approx(average, rel=1e-6)


def test_every_idea_is_kept_with_the_scores(company: Scored, tmp_path: object) -> None:
    keep(tmp_path, company.kept)  # type: ignore[arg-type]
    back = kept(tmp_path)  # type: ignore[arg-type]
    for outcome, its in company.kept.items():
        assert its.points is not None
        pd.testing.assert_frame_equal(back[outcome].points, its.points)
        assert back[outcome].base == its.base
        chances = company.accounts.set_index("account_id")[f"{outcome}_probability"].dropna()
        sums = its.points.set_index("account_id").sum(axis=1)
        np.testing.assert_allclose(chances - its.base, sums / 100, atol=1e-9)


def test_a_list_without_what_was_kept_has_no_drivers() -> None:
    assert drivers(ACCOUNTS, {"churn": Kept(None, pd.DataFrame())}, SETTINGS).empty  # type: ignore[arg-type]
