"""The settings of an outcome, and which outcomes a company's tables allow."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from features.outcomes.kinds import KINDS, default_outcomes
from features.outcomes.outcome import Outcome
from features.tables import Tables
from tests.text_tables import text_tables

END = date(2024, 7, 1)
ACCOUNTS = """
    account_id | signed_up_at
    a          | 2024-01-01
"""
CONSUMPTION = """
    account_id | occurred_at
    a          | 2024-01-01
"""


def test_a_subscriptions_end_is_certain_after_its_grace_days() -> None:
    assert (
        Outcome(name="churn", kind="subscription_end", gap_days=14, horizon_days=90, grace_days=7).horizon.total == 111
    )
    assert Outcome(name="churn", kind="inactivity", gap_days=14, horizon_days=90, grace_days=7).horizon.total == 104


def test_an_offer_is_the_act_itself_and_needs_no_gap() -> None:
    assert Outcome(name="adoption", kind="offer_accepted").gap_days == 0
    assert Outcome(name="adoption", kind="offer_accepted", gap_days=3).gap_days == 3
    assert Outcome(name="adoption", kind="product_adopted").gap_days == 14


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "guess"},
        {"kind": "inactivity", "horizon_days": 0},
        {"kind": "inactivity", "gap_days": -1},
        {"kind": "spend_up", "min_increase": 0},
        {"kind": "inactivity", "horizon": 30},
        {"kind": "query"},
        {"kind": "inactivity", "query": "select 1"},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Outcome.model_validate({"name": "churn", **wrong})


def test_the_unit_is_what_the_keys_say() -> None:
    keys = {
        "account": ("account_id",),
        "pair": ("account_id", "product"),
        "offer": ("offer_id", "account_id", "product"),
    }
    for kind, record in KINDS.items():
        query = "select 1" if kind == "query" else None
        assert record.keys == keys[Outcome(name="churn", kind=kind, query=query).unit]


def test_the_tables_decide_what_an_outcome_means_by_default() -> None:
    contractual = text_tables(
        end=END,
        check=False,
        accounts=ACCOUNTS,
        consumption="account_id | occurred_at | product\na | 2024-01-01 | core",
        subscriptions="account_id | plan | started_at | ended_at | mrr\na | p | 2024-01-01 | | 10",
        plans="plan | tier\np | 1",
    )
    shop = text_tables(
        end=END,
        check=False,
        accounts=ACCOUNTS,
        consumption="account_id | occurred_at | value\na | 2024-01-01 | 1",
        offers="offer_id | account_id | offered_at | kind | accepted\no | a | 2024-01-01 | adoption | true",
    )
    bare = text_tables(end=END, accounts=ACCOUNTS, consumption=CONSUMPTION)
    assert _kinds(contractual) == {"churn": "subscription_end", "upgrade": "tier_up", "adoption": "product_adopted"}
    assert _kinds(shop) == {"churn": "inactivity", "upgrade": "spend_up", "adoption": "offer_accepted"}
    assert _kinds(bare) == {"churn": "inactivity"}


def _kinds(tables: Tables) -> dict[str, str]:
    return {name: outcome.kind for name, outcome in default_outcomes(tables).items()}
