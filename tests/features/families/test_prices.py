"""Prices: what became of them while the account stayed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)  # 182 days before is 1 January, 364 days before 3 July 2023

ACCOUNTS = """
    account_id | signed_up_at
    dearer     | 2022-01-01
    long_ago   | 2022-01-01
    cheaper    | 2022-01-01
    moved      | 2022-01-01
    gone       | 2022-01-01
"""

SUBSCRIPTIONS = """
    subscription_id | account_id | plan  | started_at | ended_at   | mrr | seats | term_months | discount
    s1              | dearer     | pro   | 2022-02-01 | 2023-02-01 | 100 | 10    | 12          | 0.2
    s2              | dearer     | pro   | 2023-02-01 | 2024-02-01 | 150 | 10    | 12          | 0.1
    s3              | dearer     | pro   | 2024-02-01 |            | 360 | 20    | 12          |
    s4              | long_ago   | pro   | 2022-02-01 | 2023-02-01 | 100 |       | 12          |
    s5              | long_ago   | pro   | 2023-02-01 |            | 110 |       | 12          |
    s6              | cheaper    | pro   | 2023-02-01 | 2024-02-01 | 100 | 10    | 12          |
    s7              | cheaper    | pro   | 2024-02-01 |            | 80  | 10    | 12          | 0.2
    s8              | moved      | basic | 2023-02-01 | 2024-02-01 | 50  | 10    | 12          |
    s9              | moved      | pro   | 2024-02-01 |            | 90  | 10    | 12          |
    s10             | gone       | pro   | 2023-02-01 | 2023-08-01 | 50  | 10    | 6           | 0.3
    s11             | gone       | pro   | 2023-08-01 | 2024-02-01 | 60  | 10    | 6           |
"""

# dearer: 10, 15 and 18 for a seat, and renewed twice on the date (once at a discount); long_ago: renewed three times,
# of which one by new terms; gone: the price rose once more while it was there
EXPECTED = parse_expected("""
    feature                  | dearer | long_ago | cheaper | moved | gone
    days_since_price_rise    | 151    | 516      |         |       | 335
    price_rise_364d          | 0.2    |          |         |       | 0.2
    price_beside_first       | 1.8    | 1.1      | 0.8     | 1     |
    discount_change_182d     | -0.1   | 0        | 0.2     | 0     |
    full_price_renewal_share | 0.5    | 1        | 0       | 1     | 1
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    tables = text_tables(end=date(2024, 7, 2), accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS)
    return computed(tables, EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)
