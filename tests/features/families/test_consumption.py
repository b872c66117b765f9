"""Consumption and adoption: use by hand, counted by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

COMPANY = {
    "accounts": """
        account_id | signed_up_at
        busy       | 2023-01-01
        left       | 2023-01-01
        silent     | 2023-01-01
    """,
    "products": """
        product | family | core
        mail    | office | true
        sheets  | office | false
        chat    | talk   | false
    """,
    # 28 days before as_of is 3 June, 91 days is 1 April, 182 days is 1 January, 364 days is 3 July
    "consumption": """
        account_id | occurred_at      | product | user_id | quantity | value | status
        busy       | 2024-06-30 08:00 | mail    | u1      | 2        | 10    | ok
        busy       | 2024-06-30 09:00 | sheets  | u1      | 3        | 5     | error
        busy       | 2024-06-24 00:00 | mail    | u2      | 1        | 1     | ok
        busy       | 2024-06-23 23:59 | mail    | u1      | 4        | 4     | ok
        busy       | 2024-06-03 00:00 | mail    | u1      |          |       | ok
        busy       | 2024-06-02 12:00 | chat    | u3      | 5        | 6     | error
        busy       | 2024-05-10 12:00 |         | u4      |          |       | error
        busy       | 2024-04-01 00:00 | mail    | u1      |          | 4     | ok
        busy       | 2024-03-31 00:00 | mail    | u5      |          | 15    | ok
        busy       | 2024-01-01 00:00 | mail    | u1      |          |       | ok
        busy       | 2024-07-01 00:00 | chat    | u9      | 100      | 100   | error
        left       | 2024-01-10 00:00 | chat    | u7      | 1        | 3     |
        left       | 2023-12-31 00:00 | mail    | u7      | 1        | 3     |
        left       | 2023-07-03 00:00 | mail    | u7      | 1        | 2     |
        left       | 2023-07-02 23:59 | mail    | u7      | 1        | 7     |
    """,
}

EXPECTED = parse_expected("""
    feature                   | busy | left | silent
    active_days_7d            | 2    | 0    | 0
    active_days_28d           | 4    | 0    | 0
    active_days_91d           | 7    | 0    | 0
    active_days_182d          | 9    | 1    | 0
    active_days_364d          | 9    | 3    | 0
    events_28d                | 5    | 0    | 0
    events_91d                | 8    | 0    | 0
    active_days_trend_28d     | 2    |      |
    active_days_trend_91d     | 3.5  | 0    |
    events_trend_28d          | 2.5  |      |
    quantity_trend_28d        | 2    |      |
    value_trend_91d           | 2    | 0    |
    days_since_use            | 1    | 173  |
    events_per_active_day_28d | 1.25 |      |
    error_share_28d           | 0.2  |      |
    error_share_91d           | 0.375 |     |
    error_trend_28d           | 0.5  |      |
    value_28d                 | 20   | 0    | 0
    value_91d                 | 30   | 0    | 0
    value_364d                | 45   | 8    | 0
    quantity_28d              | 10   | 0    | 0
    products_28d              | 2    | 0    | 0
    products_91d              | 3    | 0    | 0
    families_91d              | 2    | 0    | 0
    users_28d                 | 2    | 0    | 0
    users_91d                 | 4    | 0    | 0
    users_kept_91d            | 0.5  |      |
    beyond_core_share_91d     | 0.285714286 |  |
    products_added_91d        | 2    | 0    |
    days_since_product_added  | 1    | 173  |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    return computed(text_tables(end=AS_OF, **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], nan_ok=True)


def test_an_earlier_use_that_becomes_known_later_moves_the_first_use() -> None:
    tables = text_tables(
        end=AS_OF,
        accounts=COMPANY["accounts"],
        consumption="""
            account_id | occurred_at | recorded_at | product
            busy       | 2024-01-01  | 2024-01-01  | mail
            busy       | 2024-06-01  | 2024-06-01  | chat
            busy       | 2024-02-01  | 2024-06-20  | chat
        """,
    )
    expected = parse_expected("""
        feature                  | busy
        products_added_91d       | 1
        days_since_product_added | 9
    """)
    assert computed(tables, expected, date(2024, 6, 10)) == expected
    expected = parse_expected("""
        feature                  | busy
        products_added_91d       | 0
        days_since_product_added | 151
    """)
    assert computed(tables, expected, AS_OF) == expected
