"""Who is there at an as_of, by what could be known before it."""

from __future__ import annotations

from datetime import date

import ibis.expr.types as ir
import pandas as pd

from features.clock import Horizon
from features.cohort import (
    account_versions,
    active_accounts,
    known_accounts,
    products_on_offer,
    subscriptions_in_force,
)
from features.days import day_table
from features.tables import Tables
from features.use import consuming_accounts
from tests.text_tables import text_tables

END = date(2024, 7, 1)
ACCOUNTS = """
    account_id | signed_up_at
    a          | 2024-01-01
    b          | 2024-01-01
    c          | 2024-01-01
"""


def at(*as_ofs: date, active_days: int = 91) -> ir.Table:
    return day_table(as_ofs, Horizon(90), active_days)


def found(tables: Tables, rows: ir.Table, *columns: str) -> list[str]:
    """The rows as `account as_of column ...`, sorted."""
    frame: pd.DataFrame = tables.connection.to_pyarrow(rows).to_pandas()
    frame["as_of"] = pd.to_datetime(frame["as_of"]).dt.strftime("%m-%d")
    names = [name for name in ("account_id", "as_of", *columns) if name in frame]
    return sorted(" ".join(map(str, row)) for row in frame[names].itertuples(index=False))


class TestAccounts:
    def test_are_known_from_the_day_after_they_signed_up(self) -> None:
        tables = text_tables(
            end=END,
            accounts="""
                account_id | signed_up_at     | recorded_at
                early      | 2024-01-01       |
                day_before | 2024-02-09 23:59 |
                same_day   | 2024-02-10 00:00 |
                told_late  | 2024-01-01       | 2024-02-10 08:00
            """,
            consumption="""
                account_id | occurred_at
                early      | 2024-01-01
            """,
        )
        known = known_accounts(tables, at(date(2024, 2, 10), date(2024, 2, 11)))
        assert found(tables, known) == [
            "day_before 02-10",
            "day_before 02-11",
            "early 02-10",
            "early 02-11",
            "same_day 02-11",
            "told_late 02-11",
        ]

    def test_show_the_latest_version_that_was_valid_before_the_as_of(self) -> None:
        tables = text_tables(
            end=END,
            accounts="""
                account_id | signed_up_at | valid_from | owner
                a          | 2024-01-01   | 2024-01-01 | Ann
                a          | 2024-01-01   | 2024-03-01 | Bob
                a          | 2024-01-01   | 2024-05-01 | Cy
                late       | 2024-01-01   | 2024-04-01 | Dee
            """,
            consumption="""
                account_id | occurred_at
                a          | 2024-01-01
            """,
        )
        versions = account_versions(tables, at(date(2024, 3, 1), date(2024, 3, 2), date(2024, 6, 1)))
        assert found(tables, versions, "owner") == ["a 03-01 Ann", "a 03-02 Bob", "a 06-01 Cy", "late 06-01 Dee"]

    def test_show_of_several_versions_of_one_day_the_last(self) -> None:
        tables = text_tables(
            end=END,
            accounts="""
                account_id | signed_up_at | valid_from       | owner
                a          | 2024-01-01   | 2024-02-01 09:00 | Ann
                a          | 2024-01-01   | 2024-02-01 17:00 | Bob
                a          | 2024-01-01   | 2024-02-01 12:00 | Cy
            """,
            consumption="""
                account_id | occurred_at
                a          | 2024-01-01
            """,
        )
        assert found(tables, account_versions(tables, at(date(2024, 3, 1))), "owner") == ["a 03-01 Bob"]


class TestSubscriptions:
    def test_are_in_force_from_the_day_after_their_start_until_the_day_of_their_end(self) -> None:
        tables = text_tables(
            end=END,
            accounts=ACCOUNTS,
            subscriptions="""
                account_id | plan | started_at       | ended_at
                a          | p    | 2024-02-01 09:00 | 2024-02-04 09:00
            """,
        )
        days = at(*(date(2024, 2, day) for day in range(1, 8)))
        assert found(tables, subscriptions_in_force(tables, days)) == ["a 02-02", "a 02-03", "a 02-04"]

    def test_show_a_notice_only_from_the_day_after_it_was_given(self) -> None:
        tables = text_tables(
            end=END,
            accounts=ACCOUNTS,
            subscriptions="""
                account_id | plan | started_at | ended_at   | cancelled_at
                a          | p    | 2024-01-01 | 2024-02-20 | 2024-02-05
                b          | p    | 2024-01-01 |            |
            """,
        )
        held = subscriptions_in_force(tables, at(date(2024, 2, 5), date(2024, 2, 6), date(2024, 2, 21)))
        assert found(tables, held, "under_notice") == [
            "a 02-05 False",
            "a 02-06 True",
            "b 02-05 False",
            "b 02-06 False",
            "b 02-21 False",
        ]

    def test_recorded_late_are_not_there_before(self) -> None:
        tables = text_tables(
            end=END,
            accounts=ACCOUNTS,
            subscriptions="""
                account_id | plan | started_at | recorded_at
                a          | p    | 2024-01-01 | 2024-02-05 10:00
            """,
        )
        assert found(tables, subscriptions_in_force(tables, at(date(2024, 2, 5), date(2024, 2, 6)))) == ["a 02-06"]


class TestActiveAccounts:
    def test_hold_a_subscription_where_there_are_subscriptions(self) -> None:
        tables = text_tables(
            end=END,
            accounts=ACCOUNTS,
            subscriptions="""
                account_id | plan | started_at
                a          | p    | 2024-01-01
            """,
            consumption="""
                account_id | occurred_at
                a          | 2024-01-01
                b          | 2024-05-31
            """,
        )
        assert found(tables, active_accounts(tables, at(date(2024, 6, 1)))) == ["a 06-01"]

    def test_consumed_lately_where_there_are_none(self) -> None:
        tables = text_tables(
            end=END,
            accounts=ACCOUNTS,
            consumption="""
                account_id | occurred_at      | recorded_at
                a          | 2024-05-22 00:00 |
                b          | 2024-05-21 23:59 |
                c          | 2024-05-31 10:00 | 2024-06-01 10:00
            """,
        )
        ten_days = at(date(2024, 6, 1), active_days=10)
        assert found(tables, active_accounts(tables, ten_days)) == ["a 06-01"]
        assert found(tables, consuming_accounts(tables, at(date(2024, 6, 2), active_days=10))) == ["c 06-02"]

    def test_are_known_accounts(self) -> None:
        tables = text_tables(
            end=END,
            accounts="""
                account_id | signed_up_at
                a          | 2024-03-01
            """,
            consumption="""
                account_id | occurred_at
                a          | 2024-02-01
            """,
        )
        assert found(tables, active_accounts(tables, at(date(2024, 3, 1)))) == []
        assert found(tables, active_accounts(tables, at(date(2024, 3, 2)))) == ["a 03-02"]


class TestProductsOnOffer:
    CONSUMPTION = """
        account_id | occurred_at | product
        a          | 2024-01-01  | core
        a          | 2024-03-01  | extra
        a          | 2024-03-02  |
    """

    def test_are_those_launched_before_the_as_of(self) -> None:
        tables = text_tables(
            end=END,
            accounts=ACCOUNTS,
            consumption=self.CONSUMPTION,
            products="""
                product | launched_at
                core    |
                labs    | 2024-02-01
            """,
        )
        offered = products_on_offer(tables, at(date(2024, 2, 1), date(2024, 2, 2)))
        assert found(tables, offered, "product") == ["02-01 core", "02-02 core", "02-02 labs"]

    def test_are_those_seen_in_use_where_there_is_no_table_of_products(self) -> None:
        tables = text_tables(end=END, accounts=ACCOUNTS, consumption=self.CONSUMPTION)
        offered = products_on_offer(tables, at(date(2024, 3, 1), date(2024, 3, 2)))
        assert found(tables, offered, "product") == ["03-01 core", "03-02 core", "03-02 extra"]


def test_days_are_the_companys_own() -> None:
    """23:30 UTC of the day before is half past midnight of the as_of itself in Berlin: not yet visible."""
    rows = """
        account_id | occurred_at
        a          | 2024-02-09 23:30
        b          | 2024-02-09 22:30
    """
    utc = text_tables(end=END, accounts=ACCOUNTS, consumption=rows)
    berlin = text_tables(timezone="Europe/Berlin", end=END, accounts=ACCOUNTS, consumption=rows)
    day = at(date(2024, 2, 10))
    assert found(utc, consuming_accounts(utc, day)) == ["a 02-10", "b 02-10"]
    assert found(berlin, consuming_accounts(berlin, day)) == ["b 02-10"]
