"""Tickets: what is opened, what waits, how long it takes, and promises."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

ACCOUNTS = """
    account_id | signed_up_at
    helped     | 2023-01-01
    silent     | 2023-01-01
"""

# 28 days before as_of is 3 June, 91 days is 1 April, 182 days is 1 January
TICKETS = """
    ticket_id | account_id | opened_at        | kind      | severity | promised_by | resolved_at      | reopened
    t1        | helped     | 2024-06-20 10:00 | incident  | High     | 2024-06-22  | 2024-06-21 10:00 | true
    t2        | helped     | 2024-06-10 00:00 | how_to    | low      | 2024-06-12  | 2024-06-13 00:00 | false
    t3        | helped     | 2024-05-01 00:00 | billing   |          | 2024-05-05  |                  |
    t4        | helped     | 2024-04-01 00:00 | complaint | P1       |             | 2024-04-03 00:00 |
    t5        | helped     | 2024-03-31 00:00 | request   |          | 2024-07-05  |                  |
    t6        | helped     | 2024-06-25 00:00 | incident  |          | 2024-06-26  | 2024-07-02 00:00 | true
    t7        | helped     | 2023-11-01 00:00 | how_to    |          | 2023-11-05  | 2023-11-02 00:00 | true
    t8        | helped     | 2024-07-01 00:00 | incident  | high     |             |                  |
"""

CONSUMPTION = """
    account_id | occurred_at
    helped     | 2024-06-29
    helped     | 2024-06-30
"""

EXPECTED = parse_expected("""
    feature                   | helped | silent
    tickets_28d               | 3      | 0
    tickets_91d               | 5      | 0
    incidents_91d             | 2      | 0
    how_to_tickets_91d        | 1      | 0
    billing_tickets_91d       | 1      | 0
    complaints_91d            | 1      | 0
    requests_91d              | 0      | 0
    severe_tickets_91d        | 2      | 0
    tickets_per_active_day_91d | 2.5   |
    resolution_hours_182d     | 48     |
    reopened_share_182d       | 0.3333 |
    tickets_open              | 3      | 0
    promises_kept_share_182d  | 0.25   |
    promises_broken_91d       | 3      | 0
    promises_overdue          | 2      | 0
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    tables = text_tables(end=date(2024, 7, 3), accounts=ACCOUNTS, tickets=TICKETS, consumption=CONSUMPTION)
    return computed(tables, EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)


def test_a_ticket_without_its_optional_columns_is_counted() -> None:
    tickets = """
        ticket_id | account_id | opened_at
        t1        | helped     | 2024-06-20
    """
    tables = text_tables(end=AS_OF, accounts=ACCOUNTS, tickets=tickets, consumption=CONSUMPTION)
    expected = parse_expected("""
        feature     | helped | silent
        tickets_28d | 1      | 0
    """)
    assert computed(tables, expected, AS_OF) == expected
