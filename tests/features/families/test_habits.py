"""Habits: an account beside its own past, and how regularly it uses."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)  # a Monday

ACCOUNTS = """
    account_id | signed_up_at
    steady     | 2023-01-01
    young      | 2024-05-01
    unknown    | 2023-01-01
    silent     | 2023-01-01
"""

# 28 days before as_of is 3 June, 91 days is 1 April, 364 days is 3 July 2023
CONSUMPTION = """
    account_id | occurred_at      | status | value | recorded_at
    steady     | 2024-03-11 10:00 | ok     | 10    | 2024-03-12
    steady     | 2024-03-12 10:00 | ok     | 10    |
    steady     | 2024-04-08 10:00 | error  | 10    |
    steady     | 2024-05-06 10:00 | ok     | 12    |
    steady     | 2024-06-08 10:00 | ok     | 3     |
    steady     | 2024-06-16 10:00 | error  | 3     |
    steady     | 2024-06-16 11:00 | error  | 3     |
    steady     | 2024-06-25 11:00 | ok     | 3     |
    young      | 2024-05-07 10:00 | ok     | 5     |
    young      | 2024-06-30 10:00 | ok     | 5     |
    unknown    | 2024-06-03 10:00 | ok     | 5     | 2024-07-01
"""

TICKETS = """
    ticket_id | account_id | opened_at
    t1        | steady     | 2024-04-01
    t2        | steady     | 2024-05-01
    t3        | steady     | 2024-06-03
"""

SATISFACTION = """
    account_id | occurred_at | instrument | score
    steady     | 2024-06-30  | csat       | 2
    steady     | 2024-03-31  | csat       | 5
    steady     | 2023-07-03  | csat       | 4
    steady     | 2023-07-02  | csat       | 1
"""

# steady uses it since 11 March (112 days): 84 days before the last 28 are 3 stretches, in which it had 4 uses on 4 days
# worth 42, a quarter of them errors, and 2 tickets. 112 days with 7 active ones make a mean pause of 16 days, and its
# pause is one of 6. Of young too little is known (55 days) to say what is usual for it.
EXPECTED = parse_expected("""
    feature                        | steady | young  | unknown | silent
    use_beside_usual_336d          | 3      |        |         |
    active_days_beside_usual_336d  | 2.25   |        |         |
    value_beside_usual_336d        | 0.8571 |        |         |
    errors_beside_usual_336d       | 2      |        |         |
    tickets_beside_usual_336d      | 1.5    |        |         |
    satisfaction_beside_usual_273d | -62.5  |        |         |
    pause_beside_usual_364d        | 0.375  | 0.0364 |         |
    active_weeks_91d               | 5      | 2      | 0       | 0
    days_to_first_use              |        | 6      |         |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    tables = text_tables(
        end=date(2024, 7, 2), accounts=ACCOUNTS, consumption=CONSUMPTION, tickets=TICKETS, satisfaction=SATISFACTION
    )
    return computed(tables, EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)


def test_a_past_that_was_recorded_later_begins_with_the_first_use_known_by_then() -> None:
    company = {
        "accounts": """
            account_id | signed_up_at
            first      | 2023-01-01
            late       | 2024-04-02
        """,
        "consumption": """
            account_id | occurred_at | recorded_at
            first      | 2024-01-05  |
            late       | 2024-05-22  | 2024-05-25
            late       | 2024-04-05  | 2024-06-20
        """,
    }
    days = {date(2024, 6, 1): (50, 1.0), AS_OF: (3, 40 / 43.5)}  # by 1 June, the use in April was not known
    for as_of, (days_to_first_use, pause) in days.items():
        expected = {"days_to_first_use": {"late": days_to_first_use}, "pause_beside_usual_364d": {"late": pause}}
        found = computed(text_tables(end=date(2024, 7, 2), **company), expected, as_of)
        assert found == {name: pytest.approx(values) for name, values in expected.items()}, as_of
