"""Growth: more users, extensions of what is used, uses of another kind; and who is early."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

ACCOUNTS = """
    account_id | signed_up_at
    a          | 2023-01-01
    b          | 2023-01-01
    c          | 2023-01-01
    d          | 2023-01-01
    late       | 2024-03-01
    silent     | 2023-01-01
"""

PRODUCTS = """
    product | family | launched_at
    mail    | office |
    sheets  | office |
    slides  | office |
    chat    | talk   |
    calls   | talk   |
    maps    | travel | 2024-07-01
    extra   |        |
"""

# 28 days before as_of is 3 June, 91 days is 1 April, 182 days is 1 January. Of a: mail first, then sheets (of office,
# too) too early, slides in time; chat is another family, calls comes after it; maps has not been launched; late
# knowledge of a first use in June does not count.
CONSUMPTION = """
    account_id | occurred_at | product | user_id | recorded_at
    a          | 2023-06-01  | mail    | u1      |
    a          | 2023-12-31  | sheets  | u2      |
    a          | 2024-01-01  | slides  | u2      |
    a          | 2024-02-01  | chat    | u3      |
    a          | 2024-04-05  | calls   | u4      | 2024-05-05
    a          | 2024-06-10  | maps    | u5      |
    a          | 2024-06-11  | extra   | u1      |
    a          | 2024-06-20  | mail    | u6      | 2024-07-01
    b          | 2023-06-01  | mail    | u1      |
    b          | 2023-06-01  | sheets  | u1      |
    b          | 2024-03-01  | slides  | u1      |
    c          | 2023-07-01  | mail    | u1      |
    c          | 2024-06-30  | slides  | u2      |
    d          | 2023-06-01  | mail    | u1      |
    d          | 2024-05-01  | slides  | u1      |
    late       | 2024-04-01  | mail    | u1      |
    late       | 2024-06-01  | slides  |         |
"""

# Slides was first used on 1 January 2024. From then, or from signing up, a waited 0 days, b 60, late 92, d 121, c 181:
# their places are 0, 0.25, 0.5, 0.75 and 1. Sheets, chat and calls have too few adopters to order.
EXPECTED = parse_expected("""
    feature              | a      | b    | c    | d    | late | silent
    new_users_28d        | 1      | 0    | 1    | 0    | 0    | 0
    users_lost_91d       | 1      | 0    | 0    | 1    | 1    | 0
    new_users_share_91d  | 0.6667 |      | 1    | 0    | 1    |
    extensions_182d      | 2      | 1    | 1    | 1    | 1    |
    adjacent_uses_182d   | 1      | 0    | 0    | 0    | 0    |
    place_among_adopters | 0      | 0.25 | 1    | 0.75 | 0.5  |
    products_taken_early | 1      | 1    | 0    | 0    | 0    |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    tables = text_tables(end=date(2024, 7, 2), accounts=ACCOUNTS, products=PRODUCTS, consumption=CONSUMPTION)
    return computed(tables, EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)


def test_who_used_it_long_ago_is_not_new_when_that_becomes_known() -> None:
    consumption = """
        account_id | occurred_at | user_id | recorded_at
        a          | 2024-01-05  | u1      | 2024-06-20
        a          | 2024-01-06  | u2      | 2024-06-20
        a          | 2024-06-10  | u1      |
        a          | 2024-06-11  | u3      |
    """
    tables = text_tables(end=date(2024, 7, 2), accounts=ACCOUNTS, consumption=consumption)
    for as_of, new, share in ((date(2024, 6, 15), 2, 1.0), (AS_OF, 1, 0.5)):  # until 20 June u1 seemed to be new
        expected = {"new_users_28d": {"a": new}, "new_users_share_91d": {"a": share}}
        assert computed(tables, expected, as_of) == expected, as_of
