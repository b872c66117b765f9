"""Offers: an answer counts only from its own day on."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

COMPANY = {
    "accounts": """
        account_id | signed_up_at
        asked      | 2023-01-01
        silent     | 2023-01-01
    """,
    "consumption": """
        account_id | occurred_at
        silent     | 2024-06-30
    """,
    # 182 days before as_of is 1 January
    "offers": """
        offer_id | account_id | offered_at | kind      | target | responded_at | accepted
        o1       | asked      | 2024-06-25 | adoption  | chat   | 2024-07-01   | true
        o2       | asked      | 2024-06-01 | retention |        | 2024-06-02   | true
        o3       | asked      | 2024-01-01 | upgrade   | pro    | 2024-01-09   | false
        o4       | asked      | 2023-12-31 | adoption  | chat   | 2024-01-01   | true
        o5       | asked      | 2024-07-01 | adoption  | chat   |              |
        o6       | asked      | 2023-10-01 | adoption  | mail   |              |
    """,
}

EXPECTED = parse_expected("""
    feature               | asked | silent
    offers_182d           | 3     | 0
    retention_offers_182d | 1     | 0
    offers_accepted_182d  | 2     | 0
    offers_declined_182d  | 1     | 0
    offers_accepted_share | 0.4   |
    days_since_offer      | 6     |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    return computed(text_tables(end=date(2024, 7, 2), **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], nan_ok=True)
