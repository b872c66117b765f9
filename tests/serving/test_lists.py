"""The ranked list that people work with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from serving.decision import DecisionSettings
from serving.files import as_table
from serving.frame_types import schema
from serving.lists import make_lists, scored_accounts, types_of
from serving.plays import AS_USUAL
from serving.scored import Scored

SETTINGS = DecisionSettings()


def test_columns_are_those_of_the_design(company: Scored) -> None:
    found = scored_accounts(company, None, SETTINGS)
    assert " ".join(found.columns) == (
        "account_id name owner segment as_of notice ends_on churn_probability adoption_probability adoption_product "
        "value_at_stake expected_value rank band stage play reason_1 reason_2 reason_3 change model_versions"
    )


def test_how_an_account_stands_comes_before_its_reasons(company: Scored) -> None:
    stands = replace(company, accounts=company.accounts.assign(score_trust=np.linspace(0, 100, len(company.accounts))))
    found = scored_accounts(stands, None, SETTINGS)
    columns = list(found.columns)
    assert columns[columns.index("play") + 1 : columns.index("reason_1")] == ["score_trust"]
    told = stands.accounts.set_index("account_id")["score_trust"]
    assert (found["score_trust"] == found["account_id"].map(told)).all()
    assert types_of("scored_accounts", found)["score_trust"] == "double"


def test_an_outcome_that_is_off_has_no_column(company: Scored) -> None:
    only_churn = replace(
        company,
        accounts=company.accounts.drop(columns=["adoption_probability", "adoption_product"]).dropna(
            subset="churn_probability"
        ),
        products=company.products.iloc[:0],
        reasons=company.reasons.query("outcome == 'churn'"),
        models={"churn": company.models["churn"]},
    )
    found = scored_accounts(only_churn, None, SETTINGS)
    assert not [column for column in found.columns if "adoption" in column]
    assert not found["reason_1"].str.startswith("Leaves: ").any()  # there is but one outcome it could be about
    assert found["model_versions"].unique().tolist() == [f"churn {company.models['churn'].version}"]


def test_one_row_an_account_in_the_order_of_the_ranks(company: Scored) -> None:
    found = scored_accounts(company, None, SETTINGS)
    assert found["account_id"].is_unique
    assert found["rank"].tolist() == list(range(1, 61))
    usual = found["band"] == "usual"
    assert usual.is_monotonic_increasing
    for _, group in found.groupby(usual):
        valued = group["expected_value"].dropna()
        assert valued.is_monotonic_decreasing
        assert group["expected_value"].isna().is_monotonic_increasing


def test_reasons_and_play_are_about_the_outcome_that_moves_most(company: Scored) -> None:
    found = scored_accounts(company, None, SETTINGS).set_index("account_id")
    row = found.loc["a05"]  # not asked about churn
    assert row["reason_1"].startswith((f"Takes on {row['adoption_product']}: ", "Against taking on"))
    likelier = found["churn_probability"] >= 0.1 * found["adoption_probability"].fillna(0)
    alone = found["adoption_probability"].isna() | (found["band"] == "usual")  # nothing else stands out
    assert (likelier & alone).sum() > 3
    assert found.loc[likelier & alone, "reason_1"].str.startswith(("Leaves: ", "Against leaving: ")).all()
    assert found["model_versions"].str.fullmatch(r"churn [0-9a-f]{12}; adoption [0-9a-f]{12}").all()


def test_the_leading_reason_is_the_largest_that_raises_the_probability(company: Scored) -> None:
    found = scored_accounts(company, None, SETTINGS).set_index("account_id")
    mine = company.reasons.query("outcome == 'churn' and account_id == 'a10'")
    top = mine.loc[mine["contribution"].idxmax()]
    assert found.loc["a10", "reason_1"] == f"Leaves: {top['text']}"
    assert found.loc["a10", ["reason_1", "reason_2", "reason_3"]].is_unique


def test_where_all_are_alike_nothing_is_to_be_done(company: Scored) -> None:
    alike = company.accounts.assign(churn_probability=0.3, adoption_probability=0.2)
    found = scored_accounts(replace(company, accounts=alike), None, SETTINGS)
    assert set(found["band"]) == {"usual"}
    assert set(found["play"]) == {AS_USUAL}


def test_an_account_is_on_the_list_for_what_stands_out(company: Scored) -> None:
    first = np.arange(len(company.accounts)) < 5
    unlike = company.accounts.assign(churn_probability=0.3, adoption_probability=np.where(first, 0.5, 0.05))
    found = scored_accounts(replace(company, accounts=unlike), None, SETTINGS)
    likely = found["account_id"].isin(company.accounts.loc[first, "account_id"])
    assert set(found.loc[likely, "band"]) == {"high"}
    assert found.loc[likely & found["reason_1"].ne(""), "reason_1"].str.contains("(?:akes|aking) on ").all()
    assert set(found.loc[~likely, "play"]) == {AS_USUAL}
    assert found.loc[likely, "rank"].max() < found.loc[~likely, "rank"].min()


def test_change_compares_with_the_list_before(company: Scored) -> None:
    first = scored_accounts(company, None, SETTINGS)
    assert set(first["change"]) == {"new"}
    assert set(scored_accounts(company, first, SETTINGS)["change"]) == {"as before"}
    lower = first.assign(churn_probability=first["churn_probability"] - 0.05)
    moved = scored_accounts(company, lower[lower["account_id"] != "a10"], SETTINGS).set_index("account_id")
    assert moved.loc["a10", "change"] == "new"
    for_churn = moved["reason_1"].str.contains("Leaves|leaving") & (moved["change"] != "new")
    assert set(moved.loc[for_churn, "change"]) <= {"up 4 points", "up 5 points", "up 6 points"}
    assert set(moved.loc[~for_churn, "change"]) == {"as before", "new"}


def test_lists_fit_their_schemas(company: Scored) -> None:
    lists = make_lists(company, None, SETTINGS)
    for name in ("scored_accounts", "scored_products", "reasons"):
        frame = getattr(lists, name.removeprefix("scored_"))
        types = types_of(name, frame)
        assert list(types) == list(frame.columns)
        assert as_table(frame, schema(types)).num_rows == len(frame)
    keys = lists.reasons[["account_id", "outcome", "position"]].to_records(index=False).tolist()
    assert keys == sorted(keys)
    assert np.isfinite(lists.reasons["contribution"]).all()


def test_all_of_it_is_money_of_nobody_where_nothing_is_known(company: Scored) -> None:
    poor = replace(company, accounts=company.accounts.assign(recurring_revenue=np.nan, consumed_value_91d=np.nan))
    found = scored_accounts(poor, None, SETTINGS)
    assert found["value_at_stake"].isna().all()
    churn = found[found["reason_1"].str.contains("churn", case=False)]
    assert churn["churn_probability"].is_monotonic_decreasing
    assert pd.api.types.is_float_dtype(found["expected_value"])
