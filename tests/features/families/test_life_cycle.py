"""The life cycle: each account is in exactly one stage, the first that holds."""

from __future__ import annotations

from datetime import date

import pytest

from features.families.life_cycle import STAGES
from tests.feature_values import Expected, computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

ACCOUNTS = """
    account_id | signed_up_at
    looking    | 2024-06-01
    new        | 2024-04-03
    behind     | 2024-02-01
    caught_up  | 2024-02-01
    slow       | 2023-12-01
    noticed    | 2023-01-01
    half       | 2023-01-01
    renewing   | 2023-01-01
    monthly    | 2023-01-01
    termless   | 2023-01-01
    silent     | 2023-01-01
    offered    | 2023-01-01
    answered   | 2023-01-01
    kept       | 2023-01-01
    trying     | 2023-01-01
    steady     | 2023-01-01
    later      | 2024-07-01
"""

# 28 days before as_of is 3 June, 91 days is 1 April, 60 days after it 30 August
SUBSCRIPTIONS = """
    subscription_id | account_id | plan | started_at | ended_at   | cancelled_at | term_months | renews_at
    s1              | new        | pro  | 2024-04-03 |            |              | 12          |
    s2              | behind     | pro  | 2024-02-01 |            |              | 12          |
    s3              | noticed    | pro  | 2023-01-01 | 2024-12-31 | 2024-06-30   | 12          |
    s4              | half       | pro  | 2023-02-01 | 2024-12-31 | 2024-06-30   | 12          |
    s5              | half       | data | 2023-12-01 |            |              | 12          |
    s6              | renewing   | pro  | 2023-08-30 |            |              | 12          | 2024-08-30
    s7              | monthly    | pro  | 2023-02-15 |            |              | 1           |
    s8              | silent     | pro  | 2023-12-01 |            |              | 12          |
    s9              | steady     | pro  | 2023-08-31 |            |              | 12          | 2024-08-31
    s10             | later      | pro  | 2024-07-01 |            |              | 12          |
    s11             | termless   | pro  | 2023-08-30 |            |              |             | 2024-08-30
"""

CONSUMPTION = """
    account_id | occurred_at | product | recorded_at
    new        | 2024-06-10  | mail    |
    new        | 2024-06-11  | chat    |
    behind     | 2024-06-10  | mail    |
    caught_up  | 2024-06-10  | mail    |
    slow       | 2024-06-10  | mail    |
    noticed    | 2024-06-10  | mail    |
    half       | 2024-06-10  | mail    |
    renewing   | 2024-06-10  | mail    |
    monthly    | 2024-06-10  | mail    |
    termless   | 2024-06-10  | mail    |
    silent     | 2024-03-31  | mail    |
    silent     | 2024-04-01  | mail    | 2024-07-01
    offered    | 2024-06-10  | mail    |
    answered   | 2024-06-10  | mail    |
    kept       | 2024-06-10  | mail    |
    trying     | 2023-06-10  | mail    |
    trying     | 2024-06-03  | chat    |
    steady     | 2023-06-10  | mail    |
    steady     | 2024-06-02  | chat    |
    looking    | 2024-06-10  | mail    | 2024-07-01
"""

MILESTONES = """
    account_id | milestone | due_at     | reached_at
    behind     | login     | 2024-06-30 | 2024-07-01
    caught_up  | login     | 2024-03-01 | 2024-06-30
    caught_up  | import    | 2024-07-01 |
    slow       | login     | 2024-03-01 |
"""

OFFERS = """
    offer_id | account_id | offered_at | kind      | responded_at | accepted
    o1       | offered    | 2024-06-03 | upgrade   | 2024-07-01   | true
    o2       | answered   | 2024-06-03 | upgrade   | 2024-06-30   | false
    o3       | answered   | 2024-06-02 | adoption  |              |
    o4       | kept       | 2024-06-20 | retention |              |
    o5       | noticed    | 2024-06-20 | adoption  |              |
"""

IS = {
    "looking": "shopping",  # signed up lately, and neither paid nor used anything that was known
    "new": "buying",  # also tries a second product, but is in its first 90 days
    "behind": "buying",  # its 151st day, and a milestone overdue
    "caught_up": "using",
    "slow": "using",  # behind, but too long ago to be getting started
    "noticed": "disposing",  # an offer is open, too
    "half": "using",  # one of two subscriptions is under notice
    "renewing": "disposing",
    "monthly": "using",  # a renewal is always near
    "termless": "disposing",  # no term is known, and a renewal is near
    "silent": "disposing",
    "offered": "shopping",
    "answered": "using",
    "kept": "using",  # an offer to keep it is nothing to take on
    "trying": "shopping",
    "steady": "using",
}

EXPECTED: Expected = {
    f"stage_{stage}": {account: float(now == stage) for account, now in IS.items()} | {"later": float("nan")}
    for stage in STAGES
}


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    tables = text_tables(
        end=date(2024, 7, 20),
        accounts=ACCOUNTS,
        subscriptions=SUBSCRIPTIONS,
        consumption=CONSUMPTION,
        milestones=MILESTONES,
        offers=OFFERS,
    )
    return computed(tables, EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], nan_ok=True)


def test_an_account_is_in_exactly_one_stage(values: dict[str, dict[str, float]]) -> None:
    for account in IS:
        assert sum(values[f"stage_{stage}"][account] for stage in STAGES) == 1, account


def test_without_use_nobody_is_taken_for_silent() -> None:
    expected = parse_expected("""
        feature         | silent
        stage_using     | 1
        stage_disposing | 0
    """)
    tables = text_tables(end=date(2024, 7, 20), accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS)
    assert computed(tables, expected, AS_OF) == expected
