"""Limits, moves and the next plan: peaks, days left, how a tier came about, what the next one would open."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

COMPANY = {
    "accounts": """
        account_id | signed_up_at
        growing    | 2023-01-01
        falling    | 2023-01-01
        top        | 2023-01-01
        ended      | 2023-01-01
        silent     | 2023-01-01
    """,
    "plans": """
        plan   | tier | family | released_at | seat_limit | quantity_limit
        basic  | 1    | suite  | 2022-01-01  | 20         | 100
        pro    | 2    | suite  | 2022-01-01  | 40         | 400
        max    | 4    | suite  | 2024-05-02  |            |
        mighty | 4    | suite  | 2024-06-02  |            |
        later  | 3    | suite  | 2024-07-01  |            |
    """,
    # 182 days before as_of is 1 January
    "subscriptions": """
        subscription_id | account_id | plan   | started_at | ended_at   | cancelled_at | seats
        s1              | growing    | basic  | 2023-02-01 | 2023-12-01 |              | 6
        s2              | growing    | pro    | 2023-12-01 | 2024-03-01 |              | 10
        s3              | growing    | pro    | 2024-03-01 |            |              | 30
        s4              | falling    | pro    | 2023-02-01 | 2023-08-01 |              | 30
        s5              | falling    | basic  | 2023-08-01 | 2023-09-01 |              | 15
        s6              | falling    | pro    | 2023-09-01 | 2024-02-01 |              | 15
        s7              | falling    | basic  | 2024-02-01 |            |              | 10
        s8              | top        | max    | 2024-05-15 |            |              | 5
        s9              | ended      | basic  | 2023-02-01 | 2024-02-01 |              | 5
    """,
    "products": """
        product | family | launched_at | min_tier
        mail    | office |             |
        sheets  | office |             | 2
        macros  | office |             | 4
        chat    | talk   | 2024-06-01  | 4
        calls   | talk   |             | 5
        slides  | office | 2024-07-01  | 4
    """,
    # 84 days before as_of is 8 April, 56 days is 6 May, 28 days is 3 June
    "consumption": """
        account_id | occurred_at | product | user_id | quantity | recorded_at
        growing    | 2024-04-07  | mail    | u1      | 900      |
        growing    | 2024-04-08  | mail    | u1      | 100      |
        growing    | 2024-05-06  | sheets  | u2      | 300      |
        growing    | 2024-06-02  | mail    | u3      | 40       |
        growing    | 2024-06-03  | mail    | u4      | 100      |
        growing    | 2024-06-30  | mail    | u4      | 50       |
        growing    | 2024-06-30  | mail    | u5      | 500      | 2024-07-01
        falling    | 2024-04-08  | mail    | u1      | 150      |
        falling    | 2024-06-30  | mail    | u1      | 50       |
        top        | 2024-06-30  | chat    | u1      | 50       |
    """,
    "upgrade_paths": """
        from_plan | to_plan | available_at | migration_hours
        basic     | pro     |              | 12
        basic     | max     |              | 2
        pro       | max     | 2024-05-02   | 30
        pro       | mighty  | 2024-06-02   | 20
        pro       | later   | 2024-07-01   | 1
    """,
}

# growing: 340 at the peak of 400; 150 now and 100 two stretches before, so that 250 more take 280 days; seats grew by
# 20 in 182 days, so that 10 more take 91. falling: 15 seats before, now 10. The next tier above pro is 4, as the plan
# of tier 3 is not released yet.
EXPECTED = parse_expected("""
    feature                 | growing | falling | top | ended | silent
    seats_of_limit          | 0.75    | 0.5     |     |       |
    seat_limit_use_91d      | 0.1     | 0.05    |     |       |
    days_to_seat_limit      | 91      |         |     |       |
    quantity_limit_peak_84d | 0.85    | 1.5     |     |       |
    days_to_quantity_limit  | 280     |         |     |       |
    moves_up                | 1       | 1       | 0   | 0     |
    moves_down              | 0       | 2       | 0   | 0     |
    days_on_tier            | 213     | 151     | 47  |       |
    next_plan_products      | 2       | 1       |     |       |
    next_plan_products_near | 1       | 1       |     |       |
    unused_products         | 0       | 0       | 3   |       |
    next_plan_hours         | 20      | 12      |     |       |
    next_plan_age_days      | 60      | 912     |     |       |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    return computed(text_tables(end=date(2024, 7, 2), **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)


def test_a_limit_that_is_hit_already_leaves_no_days() -> None:
    more = COMPANY["consumption"].replace(
        "2024-06-03  | mail    | u4      | 100 ", "2024-06-03  | mail    | u4      | 1000"
    )
    expected = parse_expected("""
        feature                 | growing
        days_to_quantity_limit  | 0
        quantity_limit_peak_84d | 2.625
    """)
    assert computed(text_tables(end=date(2024, 7, 2), **{**COMPANY, "consumption": more}), expected, AS_OF) == expected


def test_where_one_of_its_plans_has_no_limit_what_all_of_them_are_used_for_is_a_share_of_none() -> None:
    company = {
        **COMPANY,
        "plans": """
            plan  | tier | seat_limit | quantity_limit
            main  | 3    |            |
            addon | 1    | 5          | 10
        """,
        "subscriptions": """
            subscription_id | account_id | plan  | started_at | seats
            s1              | growing    | main  | 2023-02-01 | 90
            s2              | growing    | addon | 2023-02-01 | 2
            s3              | falling    | addon | 2023-02-01 | 4
        """,
    }
    expected = parse_expected("""
        feature                 | growing | falling
        seat_limit_use_28d      |         | 0.2
        seat_limit_use_91d      |         | 0.2
        quantity_limit_use_28d  |         | 5
        quantity_limit_peak_84d |         | 15
        days_to_quantity_limit  |         |
        seats_of_limit          | 0.4     | 0.8
    """)
    found = computed(text_tables(end=date(2024, 7, 2), **company), expected, AS_OF)
    for feature, values in expected.items():
        assert found[feature] == pytest.approx(values, nan_ok=True), feature
