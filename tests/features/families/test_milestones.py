"""Milestones: reached, missed and caught up with."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

COMPANY = {
    "accounts": """
        account_id | signed_up_at
        quick      | 2024-01-01
        slow       | 2024-03-01
        silent     | 2024-01-01
    """,
    "consumption": """
        account_id | occurred_at
        silent     | 2024-06-30
    """,
    # 91 days before as_of is 1 April
    "milestones": """
        account_id | milestone | due_at     | reached_at
        quick      | login     | 2024-01-05 | 2024-01-04
        quick      | import    | 2024-01-10 | 2024-01-28
        quick      | team      |            | 2024-01-29
        quick      | roll-out  | 2024-08-01 | 2024-04-01
        slow       | login     | 2024-03-10 | 2024-06-28
        slow       | import    | 2024-04-01 | 2024-07-01
        slow       | team      | 2024-05-01 |
        slow       | roll-out  | 2024-07-01 |
    """,
}

EXPECTED = parse_expected("""
    feature                  | quick  | slow | silent
    milestones_reached       | 4      | 1    | 0
    milestones_reached_91d   | 1      | 1    | 0
    milestones_overdue       | 0      | 2    | 0
    milestones_reached_share | 1      | 0.3333 |
    milestones_in_time_share | 0.6667 | 0    |
    days_to_first_milestone  | 3      | 119  |
    early_milestones         | 2      | 0    |
    days_since_milestone     | 91     | 3    |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    return computed(text_tables(end=date(2024, 7, 2), **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)
