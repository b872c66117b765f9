"""An account that has given notice: decided, and told as such in the list, on the page and by `explain`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from features.errors import RefusedError
from models.scorer import Scorer
from serving.account import explain
from serving.account_text import as_text
from serving.decision import DecisionSettings
from serving.lists import Lists, make_lists
from serving.manifest import Model, Record
from serving.notice import PLAY, not_asked, notices
from serving.pages.accounts import page_data
from serving.pages.material import Material
from serving.pages.words import said
from serving.published import published
from serving.publishing import publish
from serving.scored import Scored
from serving.scoring import scored
from tests.page_company import nothing_happened
from tests.serving.conftest import FEATURES, T

SETTINGS = DecisionSettings()
GONE = "a10"
NOTICE = "Notice given, ends 14 Aug 2025"


@pytest.fixture(scope="module")
def company(
    scorers: dict[str, Scorer],
    cohorts: dict[str, pd.DataFrame],
    facts: pd.DataFrame,
    account_features: pd.DataFrame,
    pair_features: pd.DataFrame,
) -> Scored:
    """As it would be had a10 given notice: the cohort of adoption still has it, that of churn no longer."""
    noticed = facts["account_id"] == GONE
    told = facts.assign(under_notice=noticed, days_to_end=pd.Series(45.0, index=facts.index).where(noticed))
    asked = {**cohorts, "churn": cohorts["churn"].query("account_id != @GONE")}
    return scored(T, scorers, asked, told, account_features, pair_features, FEATURES, "EUR")


@pytest.fixture(scope="module")
def lists(company: Scored) -> Lists:
    return make_lists(company, None, SETTINGS)


@pytest.fixture(scope="module")
def record(company: Scored) -> Record:
    models = {name: Model(version=model.version, base_rate=model.base_rate) for name, model in company.models.items()}
    outcomes = {"churn": {"kind": "subscription_end"}, "adoption": {"kind": "product_adopted"}}
    for settings in outcomes.values():
        settings.update(gap_days=14, horizon_days=56)  # type: ignore[call-overload]
    return Record(
        company="acme",
        currency="EUR",
        data_digest="d",
        config_digest="c",
        code_revision="r",
        models=models,
        settings={"outcomes": outcomes},
    )


def test_it_is_on_the_list_without_a_chance_and_with_its_last_day(lists: Lists) -> None:
    row = lists.accounts.set_index("account_id").loc[GONE]
    assert (row["notice"], row["ends_on"].date(), row["band"]) == (NOTICE, date(2025, 8, 14), "notice")
    assert row["play"] == f"{NOTICE}: {PLAY}"
    assert row["reason_1"] == NOTICE
    assert row["stage"] == "disposing"
    assert row[["churn_probability", "adoption_probability", "expected_value", "adoption_product"]].isna().all()
    assert lists.accounts["notice"].notna().sum() == 1


def test_it_stands_behind_those_that_stand_out_and_before_the_usual(lists: Lists) -> None:
    bands = lists.accounts["band"].tolist()
    assert bands.index("notice") > max(place for place, band in enumerate(bands) if band in ("high", "elevated"))
    assert bands.index("notice") < bands.index("usual")


def test_nothing_of_it_counts_in_what_is_predicted(lists: Lists, company: Scored) -> None:
    for frame in (lists.reasons, lists.products, lists.moves, *(kept.rows for kept in company.kept.values())):
        assert GONE not in set(frame["account_id"])


def test_that_notice_is_new_is_what_changed(company: Scored, lists: Lists) -> None:
    before = lists.accounts.assign(notice=None, churn_probability=0.2)
    again = make_lists(company, lists.accounts, SETTINGS).accounts.set_index("account_id")
    since = make_lists(company, before, SETTINGS).accounts.set_index("account_id")
    assert (since.loc[GONE, "change"], again.loc[GONE, "change"]) == ("notice given since", "as before")


def test_a_list_that_predicts_it_all_the_same_is_not_published(tmp_path: Path, lists: Lists, record: Record) -> None:
    told = lists.accounts.assign(adoption_probability=lists.accounts["adoption_probability"].fillna(0.1))
    with pytest.raises(RefusedError, match="1 accounts have given notice and are predicted all the same"):
        publish(tmp_path, replace(lists, accounts=told), record)
    usual = lists.accounts.assign(band="usual")
    with pytest.raises(RefusedError, match="band: it is notice for others than those"):
        publish(tmp_path, replace(lists, accounts=usual), record)


def test_explain_says_that_it_is_decided_and_when_it_ends(tmp_path: Path, lists: Lists, record: Record) -> None:
    publish(tmp_path, lists, record)
    text = as_text(explain(GONE, published(tmp_path), None))
    assert f"\n{NOTICE}\nNext step: {NOTICE}: {PLAY}\n" in text
    assert "Leaves: Decided: notice given, ends 14 Aug 2025." in text
    assert "Takes on more: Not asked: notice given, ends 14 Aug 2025." in text
    other = explain("a55", published(tmp_path), None)
    assert other.silent == {"adoption": "Not asked: it has used every product that is on offer."}


def test_the_page_says_so_in_one_word_of_the_filter_and_with_the_day_of_each(
    lists: Lists, record: Record, facts: pd.DataFrame
) -> None:
    opening, _ = page_data(Material(lists, record, facts, nothing_happened()))
    columns, row = opening["list"], opening["list"]["account_id"].index(GONE)
    assert columns["notice"]["words"][columns["notice"]["at"][row]] == NOTICE
    assert columns["play"]["words"][columns["play"]["at"][row]] == f"Notice given: {PLAY}"
    assert columns["churn_probability"][row] is columns["adoption_probability"][row] is None
    assert [outcome["silent"] for outcome in opening["outcomes"]] == [
        "Not asked: no contract of it is in force that could end.",
        "Not asked: it has used every product that is on offer.",
    ]


def test_an_end_that_is_not_known_is_not_told() -> None:
    facts = pd.DataFrame({"under_notice": [True, True, False], "days_to_end": [None, 1.0, None]})
    told = notices(facts, T)
    assert told.iloc[:2].tolist() == ["Notice given", "Notice given, ends 1 Jul 2025"]
    assert pd.isna(told.iloc[2])


@pytest.mark.parametrize(
    ("outcome", "kind", "notice", "why"),
    [
        ("upgrade", "tier_up", "", "Not asked: no plan higher than its own is on offer."),
        ("upgrade", "spend_up", "", "Not asked: it has not spent anything yet that could rise."),
        ("churn", "inactivity", "", "Not asked: it has not been used of late, so there is no use that could end."),
        ("churn", "subscription_end", "Notice given", "Decided: notice given."),
        ("upgrade", "tier_up", "Notice given", "Not asked: notice given."),
        ("referral", "sql", "Notice given", "Not asked: it is none of those whom this outcome is about."),
    ],
)
def test_why_nothing_is_told_of_an_outcome(outcome: str, kind: str, notice: str, why: str) -> None:
    assert not_asked(outcome, kind, notice) == why
    assert said(outcome)["title"]
