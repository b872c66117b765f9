"""Products and markets: an account and a product that it may take on."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

COMPANY = {
    "accounts": """
        account_id | signed_up_at
        a          | 2023-01-01
        b          | 2023-01-01
        c          | 2023-01-01
    """,
    "plans": """
        plan  | tier
        basic | 1
        pro   | 2
    """,
    "subscriptions": """
        subscription_id | account_id | plan  | started_at | ended_at
        s1              | a          | basic | 2023-02-01 |
        s2              | b          | basic | 2023-02-01 |
        s3              | b          | pro   | 2024-02-01 |
        s4              | c          | pro   | 2023-02-01 | 2024-05-01
    """,
    "products": """
        product | family | launched_at | min_tier
        mail    | office | 2020-07-01  |
        sheets  | office |             |
        chat    | talk   | 2024-06-21  | 2
        calls   | talk   | 2024-07-01  |
    """,
    # 91 days before as_of is 1 April, 182 days is 1 January
    "consumption": """
        account_id | occurred_at      | product | status
        a          | 2024-06-30 08:00 | mail    | ok
        a          | 2024-06-30 09:00 | mail    | ok
        a          | 2024-06-01 09:00 | sheets  | ok
        a          | 2024-05-01 09:00 | mail    | error
        a          | 2024-03-31 09:00 | mail    | ok
        a          | 2024-03-30 09:00 | mail    | ok
        b          | 2024-04-01 09:00 | mail    | ok
        b          | 2024-01-01 09:00 | sheets  | ok
        c          | 2023-12-31 09:00 | sheets  | ok
        b          | 2024-07-01 09:00 | chat    | ok
    """,
    "offers": """
        offer_id | account_id | offered_at | kind     | target | responded_at | accepted
        o1       | a          | 2024-06-25 | adoption | chat   | 2024-06-26   | false
        o2       | b          | 2024-06-01 | adoption | chat   | 2024-06-02   | true
        o3       | b          | 2023-12-31 | adoption | chat   |              |
        o4       | c          | 2024-06-01 | adoption | chat   | 2024-07-01   | true
        o5       | c          | 2024-06-01 | adoption |        | 2024-06-02   | true
    """,
}

EXPECTED = parse_expected("""
    feature                    | a/mail | a/sheets | a/chat | b/sheets | b/chat | c/chat | c/calls
    product_active_days_91d    | 2      | 1        | 0      | 0        | 0      | 0      | 0
    days_since_product_use     | 1      | 30       |        | 182      |        |        |
    family_active_days_91d     | 1      | 2        | 0      | 1        | 0      | 0      | 0
    family_trend_91d           |        | 1.5      |        |          |        |        |
    plan_allows_product        | 1      | 1        | 0      | 1        | 1      |        |
    product_offers             | 0      | 0        | 1      | 0        | 2      | 1      | 0
    product_offers_accepted    | 0      | 0        | 0      | 0        | 1      | 0      | 0
    days_since_product_offer   |        |          | 6      |          | 30     | 30     |
    product_accounts_91d       | 2      | 1        | 0      | 1        | 0      | 0      | 0
    product_penetration_91d    | 1      | 0.5      | 0      | 0.5      | 0      | 0      | 0
    product_adopters_91d       | 1      | 1        | 0      | 1        | 0      | 0      | 0
    product_adopters_trend_91d | 1      | 1        |        | 1        |        |        |
    product_use_trend_91d      | 2      | 1        |        | 1        |        |        |
    product_error_share_91d    | 0.25   | 0        |        | 0        |        |        |
    product_age_days           | 1461   |          | 10     |          | 10     | 10     |
    target_accepted_share_182d |        |          | 0.3333 |          | 0.3333 | 0.3333 |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    return computed(text_tables(end=date(2024, 7, 2), **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)


def test_what_a_list_says_of_a_product_is_not_seen_before_its_launch() -> None:
    tables = text_tables(
        end=AS_OF,
        accounts=COMPANY["accounts"],
        plans=COMPANY["plans"],
        subscriptions=COMPANY["subscriptions"],
        products="""
            product | family | core  | launched_at | min_tier
            chat    | talk   | true  |             | 2
            calls   | talk   | false | 2024-06-10  | 1
        """,
        consumption="""
            account_id | occurred_at | product
            b          | 2024-06-01  | calls
            b          | 2024-06-02  | chat
        """,
    )
    before = parse_expected("""
        feature                | b/chat | b/calls
        families_91d           | 1      | 1
        beyond_core_share_91d  | 0      | 0
        family_active_days_91d | 0      | 0
        plan_allows_product    | 1      |
    """)
    after = parse_expected("""
        feature                | b/chat | b/calls
        families_91d           | 1      | 1
        beyond_core_share_91d  | 0.5    | 0.5
        family_active_days_91d | 1      | 1
        plan_allows_product    | 1      | 1
    """)
    for as_of, expected in ((date(2024, 6, 10), before), (date(2024, 6, 11), after)):
        found = computed(tables, expected, as_of)
        for feature, values in expected.items():
            assert found[feature] == pytest.approx(values, nan_ok=True), (as_of, feature)


def test_whether_a_product_will_be_launched_is_not_seen_in_the_use_of_it() -> None:
    consumption = """
        account_id | occurred_at | product
        b          | 2024-06-01  | mail
        b          | 2024-06-01  | sheets
        b          | 2024-06-02  | calls
    """
    listed = """
        product | core  | launched_at
        mail    | true  |
        sheets  | false |
    """
    for products in (listed, f"{listed}calls | false | 2024-07-15"):
        tables = text_tables(
            end=date(2024, 8, 1), accounts=COMPANY["accounts"], products=products, consumption=consumption
        )
        expected = {"beyond_core_share_91d": {"b": pytest.approx(1 / 3)}}
        assert computed(tables, expected, AS_OF) == expected
