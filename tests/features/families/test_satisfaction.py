"""Satisfaction: instruments brought to one scale."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

ACCOUNTS = """
    account_id | signed_up_at
    heard      | 2023-01-01
    once       | 2023-01-01
    silent     | 2023-01-01
"""

CONSUMPTION = """
    account_id | occurred_at
    silent     | 2024-06-30
"""

# 91 days before as_of is 1 April, 182 days is 1 January
SATISFACTION = """
    account_id | occurred_at | instrument | score
    heard      | 2024-06-27  | nps        | 9
    heard      | 2024-06-01  | nps        | 3
    heard      | 2024-05-01  | csat       | 5
    heard      | 2024-04-01  | ces        | 4
    heard      | 2024-03-31  | nps        | 10
    heard      | 2024-02-01  | stars      | 4
    heard      | 2024-01-01  | thumbs     | 0
    heard      | 2024-01-02  | thumbs     | 1
    heard      | 2023-12-31  | csat       | 1
    heard      | 2024-07-01  | nps        | 0
    once       | 2023-06-01  | nps        | 7
"""

EXPECTED = parse_expected("""
    feature                 | heard  | once | silent
    satisfaction_91d        | 67.5   |      |
    satisfaction_182d       | 68.125 |      |
    nps_182d                | 73.333 |      |
    csat_182d               | 100    |      |
    ces_182d                | 50     |      |
    stars_182d              | 75     |      |
    thumbs_182d             | 50     |      |
    satisfaction_change_91d | -1.25  |      |
    promoter_balance_182d   | 0.333  |      |
    low_answers_91d         | 1      | 0    | 0
    promoters_182d          | 2      | 0    | 0
    thumbs_up_182d          | 1      | 0    | 0
    delighted_share_182d    | 0.5    |      |
    answers_182d            | 8      | 0    | 0
    days_since_answer       | 4      | 396  |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    tables = text_tables(end=AS_OF, accounts=ACCOUNTS, consumption=CONSUMPTION, satisfaction=SATISFACTION)
    return computed(tables, EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)


def test_a_score_beyond_its_scale_counts_as_the_end_of_it() -> None:
    answers = """
        account_id | occurred_at | instrument | score
        heard      | 2024-06-27  | csat       | 9
        once       | 2024-06-27  | csat       | -3
    """
    tables = text_tables(end=AS_OF, accounts=ACCOUNTS, consumption=CONSUMPTION, satisfaction=answers, check=False)
    expected = parse_expected("""
        feature          | heard | once
        satisfaction_91d | 100   | 0
    """)
    assert computed(tables, expected, AS_OF) == expected
