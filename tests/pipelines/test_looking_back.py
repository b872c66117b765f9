"""What a run finds out about earlier lists and offers, and which list it looks at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from features.outcomes.outcome import Outcome
from features.tables import Tables
from pipelines.looking_back import closed_list, look_back, realised
from pipelines.settings import Company, Settings
from serving.lists import Lists
from serving.publishing import publish
from tests.page_company import material
from tests.text_tables import text_tables

END = date(2025, 9, 1)
CHURN = Outcome.model_validate({"name": "churn", "kind": "subscription_end", "gap_days": 14, "horizon_days": 30})


@pytest.fixture(scope="module")
def tables() -> Tables:
    ids = [f"a{number}" for number in range(10)]
    ends = {"a0": "2025-06-20", "a1": "2025-05-07", "a2": "2025-07-20"}
    return text_tables(
        end=END,
        check=False,
        accounts="account_id | signed_up_at\n" + "\n".join(f"{name} | 2025-01-01" for name in ids),
        subscriptions="account_id | plan | started_at | ended_at\n"
        + "\n".join(f"{name} | p | 2025-01-01 | {ends.get(name, '')}" for name in ids),
        offers="offer_id | account_id | offered_at | kind | assigned | treated\n"
        "o0 | a0 | 2025-06-01 | retention | random | false\n"
        "o3 | a3 | 2025-06-01 | retention | random | true\n"
        "o4 | a4 | 2025-08-30 | retention | random | true",
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(company=Company(workspace=tmp_path), base=tmp_path)


def published(settings: Settings, as_of: date, told: dict[str, object] | None = None) -> None:
    """A list of that day with ten accounts, a0 to a9, that tells of churn alone."""
    made, day = material(), pd.Timestamp(as_of)
    accounts = made.lists.accounts.drop(columns=["adoption_probability", "adoption_product"]).assign(as_of=day)
    first = made.lists.reasons.head(1).assign(as_of=day, points=1.0, peers=1.0, actionable=True)
    reasons = first.loc[first.index.repeat(len(accounts))].reset_index(drop=True)
    chance = accounts["churn_probability"].to_numpy()
    adds_up = {"contribution": np.log(chance / (1 - chance)), "points": 100 * chance}
    reasons = reasons.assign(account_id=accounts["account_id"].to_numpy(), **adds_up)
    models = {"churn": made.record.models["churn"]}
    record = made.record.model_copy(
        update={"models": models, "settings": {"outcomes": {"churn": told}} if told else {}}
    )
    products = made.lists.products.head(0)
    publish(settings.workspace, Lists(as_of, accounts, products, reasons), record)


def test_the_newest_list_whose_outcome_is_certain_is_looked_at(settings: Settings, tables: Tables) -> None:
    for day in (date(2025, 5, 5), date(2025, 6, 2), date(2025, 8, 4)):
        published(settings, day)
    look_back(settings, tables, {"churn": CHURN}, END)
    found = realised(settings, END)

    #  as of 2 June: 14 days of gap, then 30 that count; a0 leaves on the 20th of June, a1 had left, a2 in July later on
    assert found.lists["list"].dt.date.unique().tolist() == [date(2025, 6, 2)]
    assert dict(zip(found.lists["account_id"], found.lists["label"], strict=True)) == {
        "a0": 1.0,
        **{f"a{number}": 0.0 for number in range(2, 10)},
    }
    assert found.offers[["offer_id", "treated", "outcome", "label"]].to_numpy().tolist() == [
        ["o0", False, "churn", 1.0],
        ["o3", True, "churn", 0.0],
    ]


def test_standing_earlier_it_looks_further_back(settings: Settings, tables: Tables) -> None:
    for day in (date(2025, 5, 5), date(2025, 6, 2)):
        published(settings, day)
    found = closed_list(settings, CHURN, date(2025, 7, 15))
    assert found is not None
    assert found.as_of == date(2025, 5, 5)
    assert closed_list(settings, CHURN, date(2025, 6, 15)) is None


def test_a_list_that_asked_another_question_is_passed_over(settings: Settings) -> None:
    published(settings, date(2025, 5, 5), CHURN.model_dump(mode="json"))
    published(settings, date(2025, 6, 2), CHURN.model_copy(update={"horizon_days": 60}).model_dump(mode="json"))
    found = closed_list(settings, CHURN, END)
    assert found is not None
    assert found.as_of == date(2025, 5, 5)


def test_offers_whose_purpose_is_not_allowed_are_not_read(settings: Settings, tables: Tables) -> None:
    unreadable = tables["offers"].mutate(assigned=ibis.literal("nonsense").cast("int64").cast("string"))
    closed = replace(tables, tables={**tables.tables, "offers": unreadable})
    with pytest.raises(Exception, match="nonsense"):
        look_back(settings, closed, {"churn": CHURN}, END)
    look_back(settings, closed, {"churn": CHURN}, END, offers=False)
    assert realised(settings, END).offers.empty


def test_a_company_without_offers_or_with_new_ones_only_has_none_to_learn_from(
    settings: Settings, tables: Tables
) -> None:
    without = replace(tables, tables={name: rows for name, rows in tables.tables.items() if name != "offers"})
    new = replace(
        tables, tables={**tables.tables, "offers": tables["offers"].filter(lambda rows: rows.offer_id == "o4")}
    )
    for company in (without, new):
        look_back(settings, company, {"churn": CHURN}, END)
        assert realised(settings, END).offers.empty


def test_where_nothing_was_looked_at_nothing_is_known(settings: Settings) -> None:
    found = realised(settings, END)
    assert found.lists.empty
    assert found.offers.empty
