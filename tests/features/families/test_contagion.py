"""Contagion: what the others of an account's segment, and those on its plan, did in the last 91 days."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)  # 91 days before is 1 April

# large: a and six others; small: z and two others, too few to say anything
COMPANY = {
    "accounts": """
        account_id | signed_up_at | segment | valid_from
        a          | 2023-01-01   | small   | 2023-01-01
        a          | 2023-01-01   | large   | 2024-01-01
        b          | 2023-01-01   | large   | 2023-01-01
        c          | 2023-01-01   | large   | 2023-01-01
        d          | 2023-01-01   | large   | 2023-01-01
        e          | 2023-01-01   | large   | 2023-01-01
        f          | 2023-01-01   | large   | 2023-01-01
        new        | 2023-01-01   | large   | 2023-01-01
        z          | 2023-01-01   | small   | 2023-01-01
        y          | 2023-01-01   | small   | 2023-01-01
        later      | 2023-01-01   | small   | 2023-01-01
        later      | 2023-01-01   | large   | 2024-07-01
    """,
    "plans": """
        plan  | tier
        basic | 1
        pro   | 2
    """,
    # b left in time, c gave notice, d's end lies ahead and nobody has told, e moved up in time and f too early
    "subscriptions": """
        subscription_id | account_id | plan  | started_at | ended_at   | cancelled_at
        s1              | a          | basic | 2023-02-01 | 2024-05-01 |
        s2              | a          | pro   | 2024-05-01 |            |
        s3              | b          | basic | 2023-02-01 | 2024-04-01 |
        s4              | c          | basic | 2023-02-01 | 2024-08-01 | 2024-06-30
        s5              | d          | basic | 2023-02-01 | 2024-07-20 | 2024-07-01
        s6              | e          | basic | 2023-02-01 | 2024-06-01 |
        s7              | e          | pro   | 2024-06-01 |            |
        s8              | f          | basic | 2023-02-01 | 2024-03-30 |
        s9              | f          | pro   | 2024-03-30 |            |
        s10             | new        | pro   | 2024-04-02 | 2024-06-01 |
        s11             | z          | basic | 2023-02-01 |            |
        s12             | y          | basic | 2023-02-01 |            |
        s13             | later      | basic | 2023-02-01 | 2024-06-01 |
    """,
    # e took on mail in time, f too early; d's chat was its first day; what was not known by then does not count
    "consumption": """
        account_id | occurred_at | product | recorded_at
        a          | 2023-05-01  | chat    |
        a          | 2024-06-01  | mail    |
        c          | 2023-05-01  | chat    |
        c          | 2024-06-01  | mail    | 2024-07-01
        d          | 2024-06-01  | chat    |
        d          | 2024-06-01  | mail    |
        e          | 2023-05-01  | chat    |
        e          | 2024-04-01  | mail    |
        f          | 2023-05-01  | chat    |
        f          | 2024-03-31  | mail    |
        b          | 2023-05-01  | chat    |
        b          | 2024-03-31  | mail    |
        new        | 2024-04-10  | chat    |
        z          | 2023-05-01  | chat    |
        z          | 2024-06-01  | mail    |
    """,
}

# Held something on 1 April: a to f, z, y, later (b's last day in force was its end). Basic was held by a, b, c, d, e,
# z, y and later; pro by f alone. Active with use: a, c, d, e, f, z.
EXPECTED = parse_expected("""
    feature              | b      | c      | d     | f   | z | new
    segment_left_91d     | 0.2    | 0.2    | 0.4   | 0.4 |   | 0.3333
    segment_moved_up_91d | 0.4    | 0.4    | 0.4   | 0.4 |   | 0.3333
    plan_left_91d        |        | 0.2857 | 0.4286 |    | 0.4286 |
    plan_moved_up_91d    |        | 0.2857 | 0.2857 |    | 0.2857 |
    segment_took_on_91d  | 0.4    |        |       |     |   | 0.4
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    return computed(text_tables(end=date(2024, 7, 2), **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)


def test_a_notice_that_was_given_before_is_none_of_the_last_91_days() -> None:
    # Of the seven others of a, long_ago had given notice by 1 April: of the six that are left, lately did since.
    company = {
        "accounts": "account_id | signed_up_at | segment | valid_from\n"
        + "\n".join(
            f"{account} | 2023-01-01 | large | 2023-01-01" for account in ("a", *"bcdef", "long_ago", "lately")
        ),
        "subscriptions": """
            account_id | plan  | started_at | ended_at   | cancelled_at
            a          | basic | 2023-02-01 |            |
            b          | basic | 2023-02-01 |            |
            c          | basic | 2023-02-01 |            |
            d          | basic | 2023-02-01 |            |
            e          | basic | 2023-02-01 |            |
            f          | basic | 2023-02-01 |            |
            long_ago   | basic | 2023-02-01 | 2024-12-31 | 2024-03-31
            lately     | basic | 2023-02-01 | 2024-12-31 | 2024-04-01
        """,
    }
    expected = parse_expected("""
        feature          | a      | long_ago
        segment_left_91d | 0.1667 | 0.1429
        plan_left_91d    | 0.1667 | 0.1429
    """)
    found = computed(text_tables(end=date(2024, 7, 2), **company), expected, AS_OF)
    for feature, values in expected.items():
        assert found[feature] == pytest.approx(values, abs=1e-3), feature
