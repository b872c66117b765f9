"""Subscriptions: terms as they were known, renewals counted on from the first."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

ACCOUNTS = """
    account_id | signed_up_at
    grown      | 2023-01-01
    leaving    | 2024-01-01
    gone       | 2023-01-01
    silent     | 2024-07-01
"""

# 28 days before as_of is 3 June, 182 days is 1 January
CONSUMPTION = """
    account_id | occurred_at | user_id
    grown      | 2024-06-03  | u1
    grown      | 2024-06-20  | u2
    grown      | 2024-06-02  | u3
"""

COLUMNS = (
    "subscription_id | account_id | plan | started_at | ended_at   | cancelled_at | mrr | seats | term_months"
    " | renews_at  | auto_renew | discount"
)
SUBSCRIPTIONS = f"""
    {COLUMNS}
    s1 | grown   | pro  | 2023-01-31 | 2024-01-31 |            | 100 | 10 | 12 | 2024-01-31 | false | 0.1
    s2 | grown   | pro  | 2024-01-31 |            |            | 150 | 10 | 1  | 2024-02-29 | true  |
    s3 | grown   | data | 2024-05-01 |            |            | 60  | 5  | 24 |            |       | 0.2
    s4 | leaving | pro  | 2024-01-15 | 2024-07-15 | 2024-06-01 | 90  |    | 6  | 2024-07-15 | true  |
    s5 | leaving | data | 2024-02-01 | 2024-07-10 | 2024-07-02 | 30  | 3  | 12 | 2025-02-01 |       |
    s6 | gone    | pro  | 2023-01-31 | 2024-06-30 | 2024-06-15 | 90  | 3  | 12 | 2024-01-31 |       | 0.5
"""

EXPECTED = parse_expected("""
    feature                  | grown  | leaving | gone | silent
    recurring_revenue        | 210    | 120     |      |
    seats                    | 15     | 3       |      |
    discount                 | 0.2    | 0       |      |
    price_rises_accepted     | 1      | 0       | 0    |
    term_months              | 24     | 12      |      |
    days_to_renewal          | 28     | 215     |      |
    days_on_terms            | 61     | 151     |      |
    days_subscribed          | 517    | 168     | 517  |
    renewals                 | 6      | 0       | 1    |
    renewals_at_full_price   | 6      | 0       | 0    |
    notice_share             | 0      | 0.5     |      |
    auto_renew_share         | 0.5    | 0.5     |      |
    revenue_change_182d      | 2.1    |         |      |
    seats_change_182d        | 1.5    |         |      |
    seat_price_change_182d   | 1.4    |         |      |
    seat_price               | 14     | 40      |      |
    price_per_active_day_28d | 105    |         |      |
    seat_use_28d             | 0.1333 | 0       |      |
    tenure_days              | 547    | 182     | 547  |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    tables = text_tables(end=date(2024, 7, 20), accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS, consumption=CONSUMPTION)
    return computed(tables, EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)


@pytest.mark.parametrize(
    ("as_of", "days", "renewals"),
    [
        (date(2023, 6, 1), 244, 0),  # the first one is ahead
        (date(2024, 1, 31), 0, 0),  # on the day itself it has not passed
        (date(2024, 2, 1), 365, 1),  # the next follows a term later
        (date(2025, 1, 31), 0, 1),
        (date(2025, 2, 1), 364, 2),
    ],
)
def test_the_next_renewal_follows_the_first_in_steps_of_the_term(as_of: date, days: int, renewals: int) -> None:
    subscriptions = f"""
        {COLUMNS}
        s1 | grown | pro | 2023-01-31 | | | 100 | 10 | 12 | 2024-01-31 | |
    """
    tables = text_tables(end=date(2025, 6, 1), accounts=ACCOUNTS, subscriptions=subscriptions)
    expected = {"days_to_renewal": {"grown": float(days)}, "renewals": {"grown": float(renewals)}}
    assert computed(tables, expected, as_of) == expected


def test_an_end_is_not_seen_before_it_or_before_the_notice_of_it() -> None:
    tables = text_tables(end=date(2024, 7, 20), accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS)
    standing = parse_expected("""
        feature           | leaving | gone
        recurring_revenue | 120     | 90
        notice_share      | 0       | 0
        days_to_renewal   | 44      | 244
    """)
    assert computed(tables, standing, date(2024, 6, 1)) == standing
    noticed = parse_expected("""
        feature           | leaving | gone
        recurring_revenue | 120     | 90
        notice_share      | 0.5     | 1
        days_to_renewal   | 229     |
    """)
    assert computed(tables, noticed, date(2024, 6, 17)) == {
        **noticed,
        "days_to_renewal": pytest.approx(noticed["days_to_renewal"], nan_ok=True),
    }


def test_without_a_date_of_its_own_the_first_renewal_is_a_term_after_the_start() -> None:
    subscriptions = """
        subscription_id | account_id | plan | started_at | term_months | renews_at
        s1              | grown      | pro  | 2024-01-31 | 1           |
    """
    tables = text_tables(end=date(2024, 7, 20), accounts=ACCOUNTS, subscriptions=subscriptions)
    for as_of, days, renewals in (
        (date(2024, 2, 1), 28, 0),  # the last of February, which has no 31st
        (date(2024, 3, 1), 30, 1),  # the 31st again
        (date(2024, 4, 1), 29, 2),
    ):
        expected = {"days_to_renewal": {"grown": float(days)}, "renewals": {"grown": float(renewals)}}
        assert computed(tables, expected, as_of) == expected, as_of


def test_what_runs_beside_a_subscription_neither_hides_its_renewal_nor_makes_it_dearer() -> None:
    subscriptions = """
        subscription_id | account_id | plan | started_at | ended_at   | mrr | seats | term_months | renews_at
        s1              | grown      | pro  | 2023-01-01 | 2024-01-01 | 100 | 10    | 12          | 2024-01-01
        s2              | grown      | pro  | 2023-06-01 |            | 150 | 10    | 24          | 2025-06-01
        s3              | grown      | data | 2023-07-01 |            | 60  |       | 24          | 2025-07-01
        s4              | grown      | pro  | 2024-01-01 |            | 120 | 10    | 12          | 2025-01-01
    """
    expected = parse_expected("""
        feature              | grown
        renewals             | 1
        price_rises_accepted | 1
    """)
    tables = text_tables(end=date(2024, 7, 20), accounts=ACCOUNTS, subscriptions=subscriptions)
    assert computed(tables, expected, AS_OF) == expected


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_contracts_far_outside_the_data_begin_and_renew_on_their_own_days(timezone: str) -> None:
    """Dates of summers long before any use, and long after: each is a day in the company's zone, summer time or not."""
    subscriptions = f"""
        {COLUMNS}
        s1 | old  | pro | 2012-07-01 | | | 100 | | 12 |            | |
        s2 | long | pro | 2024-01-01 | | | 100 | | 12 | 2036-07-01 | |
    """
    tables = text_tables(
        accounts="account_id | signed_up_at\nold | 2012-07-01\nlong | 2024-01-01",
        consumption="account_id | occurred_at\nold | 2024-01-05\nlong | 2024-06-20",
        subscriptions=subscriptions,
        timezone=timezone,
        end=AS_OF,
    )
    expected = parse_expected("""
        feature         | old  | long
        tenure_days     | 4383 | 182
        days_subscribed | 4383 | 182
        renewals        | 11   | 0
        days_to_renewal | 0    | 4383
    """)
    assert computed(tables, expected, AS_OF) == expected
