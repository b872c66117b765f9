"""Upgrades and accessories: limits, what stands above, what the move asks, what still fits."""

from __future__ import annotations

from datetime import date

import pytest

from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)

COMPANY = {
    "accounts": """
        account_id | signed_up_at
        middle     | 2023-01-01
        top        | 2023-01-01
        low        | 2023-01-01
        ended      | 2023-01-01
        silent     | 2023-01-01
    """,
    "plans": """
        plan  | tier | family | list_price | released_at | seat_limit | quantity_limit
        basic | 1    | suite  | 50         |             | 5          | 100
        pro   | 2    | suite  | 100        | 2020-01-01  | 10         | 1000
        max   | 3    | suite  | 250        | 2024-01-01  |            |
        ultra | 4    | suite  | 900        | 2024-06-30  |            |
        later | 5    | suite  | 1          | 2024-07-01  |            |
        other | 9    | else   | 7          |             |            |
    """,
    "subscriptions": """
        subscription_id | account_id | plan  | started_at | ended_at
        s1              | middle     | basic | 2023-02-01 | 2024-02-01
        s2              | middle     | pro   | 2024-02-01 |
        s3              | top        | ultra | 2024-06-30 |
        s5              | low        | basic | 2024-03-01 |
        s4              | ended      | pro   | 2023-02-01 | 2024-02-01
    """,
    "consumption": """
        account_id | occurred_at | user_id | quantity
        middle     | 2024-06-03  | u1      | 150
        middle     | 2024-06-30  | u2      | 100
        middle     | 2024-06-02  | u3      | 700
    """,
    "upgrade_paths": """
        from_plan | to_plan | available_at | new_capabilities   | migration_hours
        pro       | max     | 2024-01-01   | chat, mail; search | 12
        pro       | ultra   |              | chat               | 8.5
        pro       | later   | 2024-07-01   | a, b, c, d, e      | 1
        basic     | pro     |              | 7                  | 2
    """,
    "accessories": """
        account_id | accessory | attached_at | detached_at
        middle     | printer   | 2023-03-01  |
        middle     | scanner   | 2023-03-01  | 2024-07-01
        middle     | plotter   | 2023-03-01  | 2024-05-01
        middle     | camera    | 2024-07-01  |
        ended      | printer   | 2022-03-01  | 2023-05-01
    """,
    "compatibility": """
        accessory | plan  | works | since
        printer   | max   | true  |
        printer   | ultra | false |
        scanner   | max   | true  | 2024-06-30
        scanner   | ultra | true  | 2024-07-01
        plotter   | max   | true  |
        printer   | basic | true  |
        printer   | pro   | true  |
        scanner   | pro   | false | 2024-06-30
        camera    | pro   | false |
        plotter   | pro   | false |
    """,
}

EXPECTED = parse_expected("""
    feature                   | middle | top | low | ended | silent
    plan_tier                 | 2      | 4   | 1   |       |
    tier_change_182d          | 1      |     |     |       |
    tiers_above               | 2      | 0   | 3   |       |
    next_tier_price           | 2.5    |     | 2   |       |
    seat_limit_use_28d        | 0.2    |     | 0   |       |
    quantity_limit_use_28d    | 0.25   |     | 0   |       |
    new_capabilities          | 3      |     | 7   |       |
    migration_hours           | 8.5    |     | 2   |       |
    accessories_attached      | 2      | 0   | 0   | 0     | 0
    accessories_detached_182d | 1      | 0   | 0   | 0     | 0
    accessories_fitting_share | 0.6667 |     |     |       |
    accessories_breaking      | 0      |     |     |       |
    accessories_broken        | 1      |     |     |       |
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    return computed(text_tables(end=date(2024, 7, 2), **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)


def test_capabilities_are_a_number_or_names_of_which_empty_ones_do_not_count() -> None:
    for told, count in (("7", 7), ("chat", 1), ("chat, mail; search", 3), ("chat,; mail,", 2), (",", 0)):
        paths = f"""
            from_plan | to_plan | new_capabilities
            pro       | max     | {told}
        """
        parts = ("accounts", "plans", "subscriptions")
        tables = text_tables(end=AS_OF, **{name: COMPANY[name] for name in parts}, upgrade_paths=paths)
        expected = {"new_capabilities": {"middle": float(count)}}
        assert computed(tables, expected, AS_OF) == expected, told


def test_of_the_plans_above_only_the_next_one_can_break_what_is_attached() -> None:
    fits = """
        accessory | plan  | works | since
        printer   | max   | false |
        scanner   | max   | true  | 2024-06-30
        scanner   | ultra | false |
    """
    expected = parse_expected("""
        feature                   | middle
        accessories_breaking      | 1
        accessories_fitting_share | 0.3333
        accessories_broken        | 0
    """)
    found = computed(text_tables(end=date(2024, 7, 2), **{**COMPANY, "compatibility": fits}), expected, AS_OF)
    assert {name: values["middle"] for name, values in found.items()} == pytest.approx(
        {name: values["middle"] for name, values in expected.items()}, abs=1e-3
    )


def test_the_next_price_is_held_against_that_of_the_plan_that_is_moved_from() -> None:
    company = {
        **COMPANY,
        "plans": """
            plan  | tier | family | list_price
            pro   | 2    | suite  | 100
            max   | 3    | suite  | 200
            addon | 1    | extra  | 800
        """,
        "subscriptions": """
            subscription_id | account_id | plan  | started_at
            s1              | middle     | pro   | 2024-02-01
            s2              | middle     | addon | 2024-02-01
        """,
    }
    expected = parse_expected("""
        feature         | middle
        next_tier_price | 2
    """)
    assert computed(text_tables(end=date(2024, 7, 2), **company), expected, AS_OF) == expected
