"""Interactions: contacts of each kind, who began them, and voices raised for us."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

COMPANY = {
    "accounts": """
        account_id | signed_up_at
        friend     | 2023-01-01
        silent     | 2023-01-01
    """,
    "consumption": """
        account_id | occurred_at
        silent     | 2024-06-30
    """,
    # 91 days before as_of is 1 April, 182 days is 1 January
    "interactions": """
        account_id | occurred_at | kind      | direction
        friend     | 2024-07-01  | meeting   | inbound
        friend     | 2024-06-20  | call      | Inbound
        friend     | 2024-06-01  | meeting   | outbound
        friend     | 2024-05-01  | email     |
        friend     | 2024-04-01  | meeting   | out
        friend     | 2024-03-31  | call      | in
        friend     | 2024-03-01  | review    |
        friend     | 2024-02-01  | referral  |
        friend     | 2024-02-02  | referral  |
        friend     | 2024-01-01  | advocacy  |
        friend     | 2023-12-31  | advocacy  |
        friend     | 2024-01-20  | community |
    """,
}

EXPECTED = parse_expected("""
    feature            | friend | silent
    contacts_91d       | 4      | 0
    meetings_91d       | 2      | 0
    calls_91d          | 1      | 0
    reviews_182d       | 1      | 0
    referrals_182d     | 2      | 0
    advocacy_182d      | 1      | 0
    community_182d     | 1      | 0
    referrals          | 2      | 0
    days_since_praise  | 150    |
    inbound_share_91d  | 0.25   |
    days_since_contact | 11     |
    days_since_meeting | 30     |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    return computed(text_tables(end=AS_OF, **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], nan_ok=True)
