"""Effort: contacts for what was solved, how fast, how long the oldest waits, and how long ago things last failed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)  # 91 days before is 1 April, 182 days is 1 January

COMPANY = {
    "accounts": """
        account_id | signed_up_at
        a          | 2023-01-01
        b          | 2023-01-01
        silent     | 2023-01-01
    """,
    "tickets": """
        ticket_id | account_id | opened_at        | kind     | promised_by | resolved_at
        t1        | a          | 2024-06-01 10:00 | incident | 2024-06-02  | 2024-06-02 10:00
        t2        | a          | 2024-05-01 10:00 | how_to   |             | 2024-05-03 10:00
        t3        | a          | 2024-03-01 10:00 | how_to   |             | 2024-03-01 22:00
        t4        | a          | 2024-06-20 10:00 | request  | 2024-07-01  |
        t5        | a          | 2024-06-10 10:00 | request  | 2024-06-25  | 2024-07-01 10:00
        t6        | b          | 2023-12-30 10:00 | billing  |             | 2023-12-31 10:00
        t7        | b          | 2024-07-01 10:00 | incident |             |
    """,
    "interactions": """
        account_id | occurred_at | kind
        a          | 2024-06-01  | call
        a          | 2024-01-01  | email
        a          | 2024-06-01  | meeting
        a          | 2023-12-31  | email
        b          | 2024-06-01  | call
    """,
    "consumption": """
        account_id | occurred_at | status | recorded_at
        a          | 2024-06-11  | error  |
        a          | 2024-06-12  | ok     |
        a          | 2024-06-13  | error  | 2024-07-01
        b          | 2024-06-12  | ok     |
    """,
}

EXPECTED = parse_expected("""
    feature                      | a      | b | silent
    contacts_per_resolved_182d   | 0.6667 |   |
    quick_resolutions_share_182d | 0.6667 |   |
    resolution_trend_91d         | 3      |   |
    oldest_open_ticket_days      | 21     |   |
    days_since_incident          | 30     |   |
    days_since_error             | 20     |   |
    days_since_promise_broken    | 6      |   |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    return computed(text_tables(end=date(2024, 7, 2), **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)
