"""Affinity and curves: a product beside what an account and those like it use, and how far it has spread."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)  # 91 days before is 1 April

LARGE = ("a", "b", "c", "d", "e", "f", "g")
ACCOUNTS = "account_id | signed_up_at | segment | valid_from\n" + "\n".join(
    f"{account} | 2023-01-01 | {'large' if account in LARGE else 'small'} | 2023-01-01" for account in "abcdefghi"
)

COMPANY = {
    "accounts": ACCOUNTS,
    "plans": """
        plan  | tier
        basic | 1
        pro   | 2
    """,
    "subscriptions": """
        subscription_id | account_id | plan  | started_at | ended_at
        s1              | a          | basic | 2023-02-01 |
        s2              | b          | pro   | 2023-02-01 |
        s3              | c          | basic | 2023-02-01 |
        s4              | d          | basic | 2023-02-01 |
        s5              | e          | basic | 2023-02-01 |
        s6              | f          | basic | 2023-02-01 |
        s7              | g          | basic | 2023-02-01 | 2024-05-01
        s8              | h          | basic | 2023-02-01 |
        s9              | i          | basic | 2023-02-01 |
    """,
    "products": """
        product | min_tier
        mail    |
        chat    | 2
        sheets  | 3
        maps    |
    """,
    "consumption": """
        account_id | occurred_at | product | user_id | status | recorded_at
        a          | 2023-06-01  | mail    | u1      | ok     |
        a          | 2024-06-01  | sheets  | u1      | error  |
        a          | 2024-06-02  | sheets  | u2      | ok     |
        a          | 2024-03-31  | sheets  | u3      | error  |
        b          | 2023-06-01  | mail    | u1      | ok     |
        b          | 2024-04-01  | chat    | u1      | ok     |
        c          | 2023-06-01  | mail    | u1      | ok     |
        c          | 2024-03-31  | chat    | u1      | ok     |
        d          | 2023-06-01  | mail    | u1      | ok     |
        d          | 2024-06-01  | chat    | u1      | ok     | 2024-07-01
        e          | 2023-06-01  | mail    | u1      | ok     |
        g          | 2023-06-01  | chat    | u1      | ok     |
        h          | 2023-06-01  | chat    | u1      | ok     |
        h          | 2023-06-01  | maps    | u1      | ok     |
        i          | 2023-06-01  | chat    | u1      | ok     |
    """,
    "offers": """
        offer_id | account_id | offered_at | kind     | target | responded_at | accepted
        o1       | a          | 2024-05-01 | adoption | chat   | 2024-05-11   | false
        o2       | a          | 2024-06-01 | adoption | chat   | 2024-07-01   | false
        o3       | b          | 2024-06-01 | adoption | chat   | 2024-06-30   | true
    """,
}

# Mail was used by a to e, chat by b, c, g, h and i (of d it was not known), nothing by f. Of the users of mail, b and
# c used chat; all in all 5 of 8 used it. Too few used sheets to say what goes with it. g is no longer active: of the
# large that are, b and c have used chat, b lately. Of the 8 active accounts 4 have used it: b took it on in these 91
# days, c in those before.
EXPECTED = parse_expected("""
    feature                   | a/chat | f/chat | a/mail | b/chat | h/chat | a/sheets | a/none
    co_use_share              | 0.4    |        |        | 0.4    |        | 0.2      | 0
    co_use_lift               | 0.64   |        |        | 0.64   |        | 1.6      |
    segment_reach             | 0.4    | 0.4    | 0.8    | 0.2    |        | 0        | 0
    segment_reach_gained_91d  | 0.2    | 0.2    | 0      | 0      |        | 0        | 0
    tiers_short               | 1      | 1      | 0      | 0      | 1      | 2        |
    product_users_91d         | 0      | 0      | 0      | 1      | 0      | 2        | 0
    product_tries_failed_91d  |        |        |        | 0      |        | 0.5      |
    product_offers_declined   | 1      | 0      | 0      | 0      | 0      | 0        | 0
    days_since_product_answer | 51     |        |        | 1      |        |          |
    product_reach             | 0.5    | 0.5    | 0.625  | 0.5    | 0.5    | 0.125    | 0
    product_reach_gained_91d  | 0.125  | 0.125  | 0      | 0.125  | 0.125  | 0        | 0
    product_early             | 0      | 0      | 0      | 0      | 0      | 0        | 1
    product_chasm             | 0      | 0      | 0      | 0      | 0      | 1        | 0
    product_tornado           | 0      | 0      | 0      | 0      | 0      | 0        | 0
    product_main_street       | 1      | 1      | 1      | 1      | 1      | 0        | 0
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    return computed(text_tables(end=date(2024, 7, 2), **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)


STAGES = ("early", "chasm", "tornado", "main_street")


@pytest.mark.parametrize(
    ("first_uses", "stage"),
    [
        # of 20 active accounts, how many days before as_of some of them began
        ((), "early"),
        ((10, 100), "early"),  # 10 %, as many lately as before
        ((100, 120, 300), "chasm"),  # 15 %, fewer lately
        ((10, 100, 120, 300), "tornado"),  # 20 %, a quarter of them new
        ((100, 120, 300, 300), "main_street"),  # 20 %, none of them new
        ((10, 20, *[30] * 8), "main_street"),  # half of them
    ],
)
def test_the_stage_follows_the_curve(first_uses: tuple[int, ...], stage: str) -> None:
    everybody = [f"a{number}" for number in range(20)]
    days = [AS_OF - timedelta(days=age) for age in first_uses]
    uses = [f"{account} | 2024-06-20 | mail" for account in everybody]
    uses += [f"{account} | {day} | maps" for account, day in zip(everybody, days, strict=False)]
    tables = text_tables(
        end=AS_OF,
        accounts="account_id | signed_up_at\n" + "\n".join(f"{account} | 2023-01-01" for account in everybody),
        consumption="account_id | occurred_at | product\n" + "\n".join(uses),
    )
    expected = {f"product_{name}": {"a19/maps": float(name == stage)} for name in STAGES}
    assert computed(tables, expected, AS_OF) == expected


def test_a_stage_is_that_of_its_day() -> None:
    """What came in June was not on the curve in May."""
    everybody = [f"a{number}" for number in range(20)]
    uses = [f"{account} | 2024-04-20 | mail" for account in everybody]
    uses += [f"{account} | 2024-06-10 | maps" for account in everybody[:12]]
    tables = text_tables(
        end=AS_OF,
        accounts="account_id | signed_up_at\n" + "\n".join(f"{account} | 2023-01-01" for account in everybody),
        consumption="account_id | occurred_at | product\n" + "\n".join(uses),
    )
    for as_of, stage in ((date(2024, 6, 10), "early"), (date(2024, 6, 11), "main_street")):
        expected = {f"product_{name}": {"a19/maps": float(name == stage)} for name in STAGES}
        assert computed(tables, expected, as_of) == expected
