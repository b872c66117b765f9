"""What the models say about every account."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError, RefusedError
from models.explanation import baseline
from models.scorer import Scorer
from serving.scored import Scored
from serving.scoring import scored
from tests.serving.conftest import FEATURES, T


def test_every_account_that_was_asked_about_has_its_probability(
    company: Scored, scorers: dict[str, Scorer], cohorts: dict[str, pd.DataFrame]
) -> None:
    accounts = company.accounts.set_index("account_id")
    assert len(accounts) == 60
    assert accounts["churn_probability"].isna().sum() == 1
    assert pd.isna(accounts.loc["a05", "churn_probability"])
    assert accounts["adoption_probability"].isna().sum() == 10
    row = cohorts["churn"].query("account_id == 'a10'")[list(scorers["churn"].features)]
    assert accounts.loc["a10", "churn_probability"] == scorers["churn"].probability(row)[0]


def test_outcomes_stand_in_their_order(company: Scored) -> None:
    assert list(company.models) == ["churn", "adoption"]
    assert list(company.accounts.columns)[-4:] == [
        "as_of",
        "churn_probability",
        "adoption_probability",
        "adoption_product",
    ]


def test_an_accounts_product_is_its_likeliest_candidate(company: Scored) -> None:
    best = company.products.groupby("account_id")["probability"].idxmax()
    likeliest = company.products.loc[best].set_index("account_id")
    accounts = company.accounts.set_index("account_id").loc[likeliest.index]
    assert accounts["adoption_product"].tolist() == likeliest["product"].tolist()
    assert accounts["adoption_probability"].tolist() == likeliest["probability"].tolist()
    assert company.products.groupby("account_id")["position"].apply(list).map(tuple).unique().tolist() == [(1, 2)]


def test_equally_likely_candidates_go_by_name(
    scorers: dict[str, Scorer], cohorts: dict[str, pd.DataFrame], facts: pd.DataFrame, account_features: pd.DataFrame
) -> None:
    same = {"adoption": cohorts["adoption"].assign(fit=0.5).iloc[::-1]}
    only = {"adoption": scorers["adoption"]}
    found = scored(T, only, same, facts, account_features, None, FEATURES)
    assert found.accounts["adoption_product"].unique().tolist() == ["chat"]


def test_the_stage_of_an_account_is_the_one_that_its_features_tell(
    scorers: dict[str, Scorer], cohorts: dict[str, pd.DataFrame], facts: pd.DataFrame, account_features: pd.DataFrame
) -> None:
    first = {"shopping": "a00", "buying": "a01", "disposing": "a02"}
    told = {name: account_features["account_id"].eq(account).astype(float) for name, account in first.items()}
    told["using"] = 1 - sum(told.values())
    flags = account_features.assign(**{f"stage_{name}": flag for name, flag in told.items()})
    only = {"churn": scorers["churn"]}
    found = scored(T, only, cohorts, facts, flags, None, FEATURES).accounts
    assert found["stage"].tolist() == ["shopping", "buying", "disposing", *["using"] * (len(found) - 3)]
    assert "stage" not in scored(T, only, cohorts, facts, flags.drop(columns="stage_using"), None, FEATURES).accounts


def test_reasons_add_up_to_the_probability(company: Scored, scorers: dict[str, Scorer]) -> None:
    for outcome, scorer in scorers.items():
        mine = company.reasons[company.reasons["outcome"] == outcome]
        log_odds = mine.groupby("account_id")["contribution"].sum() + baseline(scorer)
        expected = company.accounts.set_index("account_id")[f"{outcome}_probability"].dropna()
        np.testing.assert_allclose(1 / (1 + np.exp(-log_odds)), expected, rtol=0, atol=1e-9)


def test_reasons_are_about_the_product_that_was_chosen(company: Scored) -> None:
    reasons = company.reasons.query("outcome == 'adoption'")
    chosen = company.accounts.set_index("account_id")["adoption_product"]
    assert (reasons["product"] == reasons["account_id"].map(chosen)).all()
    assert company.reasons.query("outcome == 'churn'")["product"].isna().all()


def test_reasons_tell_what_is_usual(company: Scored, account_features: pd.DataFrame) -> None:
    own = (
        account_features[account_features["as_of"] < pd.Timestamp(T)].groupby("account_id")["active_days_28d"].median()
    )
    use = company.reasons.query("outcome == 'churn' and feature == 'active_days_28d'").set_index("account_id")
    assert use["usual"].tolist() == own.loc[use.index].tolist()
    assert use["text"].str.contains("usually|others|as usual").all()


def test_row_order_does_not_matter(
    company: Scored,
    scorers: dict[str, Scorer],
    cohorts: dict[str, pd.DataFrame],
    facts: pd.DataFrame,
    account_features: pd.DataFrame,
    pair_features: pd.DataFrame,
) -> None:
    shuffled = {name: frame.sample(frac=1, random_state=5) for name, frame in cohorts.items()}
    again = scored(
        T,
        dict(reversed(scorers.items())),
        shuffled,
        facts.sample(frac=1, random_state=6),
        account_features.sample(frac=1, random_state=7),
        pair_features.sample(frac=1, random_state=8),
        FEATURES,
        "EUR",
    )
    pd.testing.assert_frame_equal(again.accounts, company.accounts)
    pd.testing.assert_frame_equal(again.products, company.products)
    pd.testing.assert_frame_equal(again.reasons, company.reasons)


def test_scores_are_read_as_they_were_written(company: Scored, tmp_path: Path) -> None:
    company.write(tmp_path / "one")
    company.write(tmp_path / "two")
    back = Scored.read(tmp_path / "one")
    pd.testing.assert_frame_equal(back.accounts, company.accounts)
    pd.testing.assert_frame_equal(back.products, company.products)
    pd.testing.assert_frame_equal(back.reasons, company.reasons)
    assert (back.as_of, back.models) == (company.as_of, company.models)
    assert list(back.kept) == sorted(company.kept)
    for outcome, its in back.kept.items():
        assert its.scorer.digest == company.kept[outcome].scorer.digest
    files = [path.relative_to(tmp_path / "one") for path in sorted((tmp_path / "one").rglob("*")) if path.is_file()]
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_unfinished_scores_are_refused(company: Scored, tmp_path: Path) -> None:
    company.write(tmp_path)
    (tmp_path / "scored.json").unlink()
    with pytest.raises(RefusedError, match="finished scores"):
        Scored.read(tmp_path)


def test_no_model_is_no_list(facts: pd.DataFrame, account_features: pd.DataFrame) -> None:
    with pytest.raises(RefusedError, match="at least one outcome"):
        scored(T, {}, {}, facts, account_features, None, FEATURES)


def test_an_account_without_facts_is_an_error(
    scorers: dict[str, Scorer], cohorts: dict[str, pd.DataFrame], facts: pd.DataFrame, account_features: pd.DataFrame
) -> None:
    only = {"churn": scorers["churn"]}
    with pytest.raises(InputError, match=r"1 have none, for example a00"):
        scored(T, only, cohorts, facts.iloc[1:], account_features, None, FEATURES)
