"""What is looked at again later: labels of just those who were asked, and offers that chance assigned."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from features.accounts.experiments import random_offers
from features.outcomes.labels import labelled_cohort, labels_of
from features.outcomes.outcome import Outcome
from features.tables import Tables
from tests.text_tables import text_tables

END = date(2024, 7, 1)
AS_OFS = (date(2024, 3, 1), date(2024, 4, 5))
OUTCOMES = [
    {"name": "churn", "kind": "subscription_end"},
    {"name": "upgrade", "kind": "tier_up"},
    {"name": "adoption", "kind": "product_adopted", "min_days": 1},
    {"name": "churn", "kind": "inactivity"},
]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return text_tables(
        end=END,
        check=False,
        accounts="account_id | signed_up_at\na | 2024-01-01\nb | 2024-01-01\nc | 2024-01-01\nd | 2024-01-01",
        plans="plan | tier\nbasic | 1\npro | 2",
        subscriptions="""
            account_id | plan  | started_at | ended_at
            a          | basic | 2024-01-01 | 2024-03-08
            b          | basic | 2024-01-01 | 2024-03-07 23:59
            b          | pro   | 2024-03-08 |
            c          | basic | 2024-01-01 | 2024-03-03
            d          | basic | 2024-01-01 |
        """,
        products="product\nchat\nmail",
        consumption="""
            account_id | occurred_at | product
            a          | 2024-02-20  | mail
            b          | 2024-02-20  | mail
            b          | 2024-03-09  | chat
            d          | 2024-02-25  | mail
            d          | 2024-04-12  | chat
        """,
        offers="""
            offer_id | account_id | offered_at | kind      | target | assigned | treated | recorded_at
            o1       | a          | 2024-03-01 | retention |        | random   | true    | 2024-03-01
            o2       | a          | 2024-04-01 | retention |        | random   | false   | 2024-04-01
            o3       | a          | 2024-04-02 | upgrade   | pro    | random   | false   | 2024-04-02
            o4       | b          | 2024-03-05 | adoption  | chat   | random   | true    | 2024-03-05
            o5       | c          | 2024-03-05 | adoption  | chat   | targeted | true    | 2024-03-05
            o6       | d          | 2024-03-06 | retention |        | random   |         | 2024-03-06
            o7       | d          | 2024-03-07 | retention |        | random   | true    | 2024-06-15
        """,
    )


@pytest.mark.parametrize("settings", OUTCOMES, ids=lambda settings: settings["kind"])
def test_those_who_are_asked_have_the_labels_of_the_cohort(tables: Tables, settings: dict[str, object]) -> None:
    """Through the same rules, whoever else is asked: what training learns from and what a page looks back on agree."""
    asked = Outcome.model_validate({"gap_days": 5, "horizon_days": 10, "grace_days": 5, **settings})
    cohort = labelled_cohort(tables, asked, AS_OFS, END)
    cohort = cohort[cohort["label"].notna()].reset_index(drop=True)
    assert cohort["label"].nunique() == 2

    pd.testing.assert_frame_equal(labels_of(tables, asked, cohort, END), cohort)
    some = cohort[cohort["account_id"].isin(["b", "d"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(labels_of(tables, asked, some.iloc[::-1], END), some)


def test_whose_label_is_not_certain_or_came_too_early_has_none(tables: Tables) -> None:
    asked = Outcome.model_validate({"name": "churn", "kind": "subscription_end", "gap_days": 5, "horizon_days": 10})
    rows = pd.DataFrame({"account_id": ["a", "c", "nobody"], "as_of": pd.Timestamp("2024-03-01")})
    assert labels_of(tables, asked, rows, END)["account_id"].tolist() == ["a"]  # c left in the gap
    assert labels_of(tables, asked, rows, date(2024, 3, 20)).empty
    assert labels_of(tables, asked, rows.head(0), END).empty


def test_random_offers_are_those_that_chance_assigned_and_were_known(tables: Tables) -> None:
    """The first of each kind an account; made or held back; neither targeted ones nor ones nobody says that of."""
    found = random_offers(tables, date(2024, 6, 1))
    assert found["offer_id"].tolist() == ["o1", "o3", "o4"]
    assert found["treated"].tolist() == [True, False, True]
    assert found["as_of"].tolist() == [date(2024, 3, 1), date(2024, 4, 2), date(2024, 3, 5)]
    assert random_offers(tables, END)["offer_id"].tolist() == ["o1", "o3", "o4", "o7"]  # recorded only in June
    assert random_offers(tables, date(2024, 3, 1)).empty


def test_a_company_that_does_not_draw_has_none() -> None:
    without = text_tables(
        end=END,
        check=False,
        accounts="account_id | signed_up_at\na | 2024-01-01",
        consumption="account_id | occurred_at\na | 2024-02-20",
    )
    assert random_offers(without, END).empty
