"""The data report: what is there, what its gaps cost, what is wrong, and what is suspicious though allowed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from features.data_settings import DataSettings, TableSource
from features.report.data_report import DataReport, data_report, render
from features.report.suspicion import Suspicion
from tests.text_tables import parse_tables

END = date(2024, 3, 1)
SOUND = {
    "accounts": """
        account_id | signed_up_at
        a1         | 2024-01-01
        a2         | 2024-01-01
    """,
    "consumption": """
        account_id | occurred_at      | product
        a1         | 2024-01-02 10:00 | search
        a1         | 2024-02-02 10:00 | search
        a2         | 2024-02-28       | mail
    """,
}
Reporter = Callable[..., DataReport]


@pytest.fixture
def report(tmp_path: Path) -> Reporter:
    """Writes tables as CSV and reports on them."""

    def write_and_report(allow: frozenset[str] = frozenset(), end: date | None = END, **tables: str) -> DataReport:
        (tmp_path / "data").mkdir(exist_ok=True)
        for name, frame in parse_tables(**{**SOUND, **tables}).items():
            frame.to_csv(tmp_path / "data" / f"{name}.csv", index=False)
        return data_report(DataSettings(end=end), tmp_path, allow=allow)

    return write_and_report


def days(first: str, last: str) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(first, last)]


def found(report: DataReport, rule: str) -> list[tuple[str, int, int]]:
    return [(warning.table, warning.count, warning.of) for warning in report.warnings if warning.rule == rule]


def one(report: DataReport, rule: str) -> Suspicion:
    (warning,) = [warning for warning in report.warnings if warning.rule == rule]
    return warning


def test_sound_data_is_usable_and_gives_no_warning(report: Reporter) -> None:
    seen = report()
    assert seen.usable
    assert seen.warnings == ()
    assert seen.notices == ()
    assert (seen.start, seen.end, seen.end_given) == (date(2024, 1, 2), END, True)


def test_each_table_with_its_rows_its_span_and_the_accounts_that_it_covers(report: Reporter) -> None:
    seen = {table.name: table for table in report(plans="plan | tier\nbasic | 1\npro | 2").tables}
    assert list(seen) == ["accounts", "plans", "consumption"]
    use = seen["consumption"]
    assert (use.rows, use.accounts, use.first, use.last) == (3, 2, date(2024, 1, 2), date(2024, 2, 28))
    assert (seen["plans"].rows, seen["plans"].accounts, seen["plans"].first) == (2, None, None)


def test_an_end_found_in_the_data_says_so(report: Reporter) -> None:
    seen = report(end=None)
    assert (seen.end, seen.end_given) == (date(2024, 2, 28), False)


def test_what_is_absent_and_what_that_costs(report: Reporter) -> None:
    absent = {(absence.table, absence.column): absence for absence in report().absent}
    assert ("tickets", None) in absent
    assert "accounts" not in {table for table, column in absent if column is None}
    assert absent[("tickets", None)].cost.startswith("No tickets")
    assert absent[("tickets", None)].features
    assert absent[("consumption", "user_id")].cost == "no breadth of users"
    assert ("consumption", "product") not in absent


def test_faults_are_reported_not_raised(report: Reporter) -> None:
    seen = report(consumption="account_id | occurred_at | quantity\nzz | 2024-01-02 | inf")
    assert not seen.usable
    assert {fault.rule for fault in seen.faults} == {"unknown_account", "infinity"}


def test_allowed_faults_stay_in_the_report(report: Reporter) -> None:
    rows = SOUND["consumption"] + "\nzz | 2024-01-02 | mail"
    seen = report(allow=frozenset({"unknown_account"}), consumption=rows)
    assert seen.usable
    assert [fault.rule for fault in seen.faults] == ["unknown_account"]
    assert seen.as_json()["faults"][0]["allowed"] is True


def test_a_folder_without_anything_gives_a_report_too(tmp_path: Path) -> None:
    seen = data_report(DataSettings(), tmp_path)
    assert [fault.rule for fault in seen.faults] == ["missing_table", "missing_table"]
    assert seen.end is None
    assert "cannot be used: 2 faults" in render(seen)


def test_columns_that_the_contract_does_not_know_give_a_notice(report: Reporter) -> None:
    seen = report(accounts="account_id | signed_up_at | favourite\na1 | 2024-01-01 | tea\na2 | 2024-01-01 | milk")
    assert seen.usable
    (notice,) = seen.notices
    assert notice.table == "accounts"
    assert "favourite" in notice.message


def test_the_report_as_json_is_plain(report: Reporter) -> None:
    written = json.loads(json.dumps(report(accounts="account_id | signed_up_at\na1 | 2024-02-01").as_json()))
    assert written["usable"] is False
    assert written["end"] == "2024-03-01"
    assert {table["name"] for table in written["tables"]} == {"accounts", "consumption"}
    assert written["faults"][0]["rule"] == "unknown_account"
    assert written["faults"][0]["examples"] == ["account_id a2"]
    assert written["warnings"][0] == {
        **{"table": "consumption", "rule": "before_signup", "count": 1, "of": 3, "unit": "rows", "share": 0.333333},
        "message": written["warnings"][0]["message"],
    }


def test_the_report_as_text_ends_with_the_verdict(report: Reporter) -> None:
    sound = render(report())
    assert sound.startswith("The data covers the days from 2024-01-02 up to, not including, 2024-03-01")
    assert "tickets: No tickets: nothing of incidents" in sound
    assert sound.endswith("The data can be used.")
    broken = render(report(consumption="account_id | occurred_at\nzz | 2024-01-02"))
    assert "consumption.account_id: " in broken
    assert broken.endswith("The data cannot be used: 1 fault to correct first.")


# Warnings --------------------------------------------------------------------------------------------------------


def test_events_before_their_account_signed_up(report: Reporter) -> None:
    seen = report(
        accounts="account_id | signed_up_at\na1 | 2024-02-01 12:00\na2 | 2024-01-01",
        consumption="""
            account_id | occurred_at
            a1         | 2024-01-31
            a1         | 2024-02-01 09:00
            a1         | 2024-02-02
            a2         | 2024-01-05
        """,
        tickets="ticket_id | account_id | opened_at\nt1 | a1 | 2024-01-05\nt2 | a2 | 2024-01-05",
    )
    assert found(seen, "before_signup") == [("consumption", 1, 4), ("tickets", 1, 2)]
    assert "(1 of 4 rows, 25%)" in str(next(w for w in seen.warnings if w.rule == "before_signup"))


def test_consumption_outside_every_subscription(report: Reporter) -> None:
    seen = report(
        subscriptions="""
            account_id | plan | started_at | ended_at
            a1         | pro  | 2024-01-05 | 2024-01-10
            a1         | pro  | 2024-02-01 |
        """,
        consumption="""
            account_id | occurred_at
            a1         | 2024-01-04
            a1         | 2024-01-05
            a1         | 2024-01-10
            a1         | 2024-01-20
            a1         | 2024-02-20
            a2         | 2024-02-20
        """,
    )
    assert found(seen, "outside_subscription") == [("consumption", 3, 6)]


def test_subscriptions_that_overlap(report: Reporter) -> None:
    seen = report(
        subscriptions="""
            account_id | plan | started_at | ended_at
            a1         | pro  | 2024-01-01 | 2024-02-01
            a1         | pro  | 2024-01-10 | 2024-01-20
            a1         | pro  | 2024-01-25 | 2024-02-20
            a2         | pro  | 2024-01-01 | 2024-02-01
            a2         | pro  | 2024-02-01 |
        """
    )
    assert found(seen, "overlapping_subscriptions") == [("subscriptions", 2, 5)]


def test_subscriptions_without_any_end_overlap_from_the_second_on(report: Reporter) -> None:
    seen = report(subscriptions="account_id | plan | started_at\na1 | pro | 2024-01-01\na1 | max | 2024-02-01")
    assert found(seen, "overlapping_subscriptions") == [("subscriptions", 1, 2)]


def test_a_first_renewal_follows_the_start(report: Reporter) -> None:
    seen = report(subscriptions="account_id | plan | started_at | renews_at\na1 | pro | 2024-01-02 | 2024-01-02")
    assert found(seen, "renewed_before_start") == [("subscriptions", 1, 1)]


def test_a_renewal_more_than_a_term_and_a_month_after_the_start_is_hardly_the_first(report: Reporter) -> None:
    seen = report(
        subscriptions="""
            account_id | plan | started_at | term_months | renews_at
            a1         | pro  | 2024-01-31 | 12          | 2025-01-31
            a1         | max  | 2024-01-31 | 12          | 2025-02-28
            a2         | pro  | 2022-01-31 | 12          | 2025-01-31
            a2         | max  | 2022-01-31 |             | 2025-01-31
        """
    )
    warning = one(seen, "renewed_late")
    assert (warning.table, warning.count, warning.of) == ("subscriptions", 1, 4)
    assert "the first renewal" in warning.message
    assert "leave the column out" in warning.message


def test_plans_and_products_that_their_tables_do_not_know(report: Reporter) -> None:
    seen = report(
        plans="plan | tier\nbasic | 1",
        products="product | family\nsearch | core",
        subscriptions="account_id | plan | started_at\na1 | basic | 2024-01-01\na2 | gold | 2024-01-01",
    )
    assert found(seen, "unknown_plan") == [("subscriptions", 1, 2)]
    assert found(seen, "unknown_product") == [("consumption", 1, 3)]


def test_a_table_whose_events_stop_long_before_the_end(report: Reporter) -> None:
    rows = "\n".join(f"t{n} | a1 | {day}" for n, day in enumerate(days("2024-01-02", "2024-01-25")))
    seen = report(tickets=f"ticket_id | account_id | opened_at\n{rows}")
    warning = one(seen, "stopped_early")
    assert (warning.table, warning.count, warning.unit) == ("tickets", 36, "days")
    assert "nothing after 2024-01-25" in warning.message


def test_a_table_that_pauses_as_long_as_ever_has_not_stopped(report: Reporter) -> None:
    times = [*(["2024-01-02"] * 10), *(["2024-01-20"] * 15)]
    rows = "\n".join(f"t{n} | a1 | {day}" for n, day in enumerate(times))
    assert found(report(tickets=f"ticket_id | account_id | opened_at\n{rows}"), "stopped_early") == []


def test_a_month_without_telemetry(report: Reporter) -> None:
    rows = "\n".join(f"a1 | {day}" for day in [*days("2023-11-15", "2023-12-31"), *days("2024-02-01", "2024-02-29")])
    seen = report(consumption=f"account_id | occurred_at\n{rows}")
    warning = one(seen, "silent_month")
    assert (warning.count, warning.of, warning.unit) == (1, 3, "months")
    assert "2024-01" in warning.message


def test_events_that_bear_an_id_seen_before(report: Reporter) -> None:
    seen = report(
        consumption="""
            account_id | occurred_at | event_id
            a1         | 2024-01-02  | e1
            a1         | 2024-01-02  | e1
            a1         | 2024-02-02  | e2
            a1         | 2024-02-02  |
            a1         | 2024-02-02  |
        """
    )
    assert found(seen, "repeated_event") == [("consumption", 1, 5)]


def test_rows_equal_in_every_column(report: Reporter) -> None:
    seen = report(consumption=SOUND["consumption"] + "\na2 | 2024-02-28 | mail")
    assert found(seen, "repeated_row") == [("consumption", 1, 4)]


def test_rows_recorded_before_they_happened_or_after_the_end(report: Reporter) -> None:
    seen = report(
        consumption="""
            account_id | occurred_at | recorded_at
            a1         | 2024-01-02  | 2024-01-01
            a1         | 2024-01-03  | 2024-06-01
            a1         | 2024-01-04  | 2024-01-04
        """
    )
    assert found(seen, "recorded_early") == [("consumption", 1, 3)]
    assert found(seen, "recorded_late") == [("consumption", 1, 3)]


def test_columns_that_say_the_same_in_every_row(report: Reporter) -> None:
    rows = "\n".join(
        f"a1 | {day} | search | {n} | ok | {'1' if n % 2 else ''}"
        for n, day in enumerate(days("2024-02-01", "2024-02-29"))
    )
    seen = report(consumption=f"account_id | occurred_at | product | quantity | status | value\n{rows}")
    warning = one(seen, "constant_column")
    assert (warning.count, warning.of, warning.unit) == (2, 6, "columns")
    assert "product (search), status (ok)" in warning.message


@pytest.mark.parametrize(
    ("instrument", "scores", "odd"),
    [
        ("nps", "0 10 11 -1", 2),
        ("csat", "1 5 87", 1),
        ("ces", "1 7 8", 1),
        ("stars", "1 5 0", 1),
        ("thumbs", "0 1 2", 1),
    ],
)
def test_scores_outside_their_scale(report: Reporter, instrument: str, scores: str, odd: int) -> None:
    rows = "\n".join(f"a1 | 2024-01-05 | {instrument} | {score}" for score in scores.split())
    seen = report(satisfaction=f"account_id | occurred_at | instrument | score\n{rows}")
    assert found(seen, "odd_score") == [("satisfaction", odd, len(scores.split()))]


# Public data -----------------------------------------------------------------------------------------------------


@pytest.mark.real_data
def test_ravenstacks_report_is_full_of_warnings(real_data: Callable[[str], Path]) -> None:
    """More than half of what happens in it happens before the account has signed up."""
    place = real_data("ravenstack")
    sources = {
        "accounts": TableSource(
            file=str(place / "ravenstack_accounts.csv"), columns={"signed_up_at": "signup_date", "name": "account_name"}
        ),
        "subscriptions": TableSource(
            file=str(place / "ravenstack_subscriptions.csv"),
            columns={"plan": "plan_tier", "started_at": "start_date", "ended_at": "end_date", "mrr": "mrr_amount"},
        ),
        "tickets": TableSource(
            file=str(place / "ravenstack_support_tickets.csv"),
            columns={"opened_at": "submitted_at", "resolved_at": "closed_at"},
        ),
    }
    seen = data_report(DataSettings(tables=sources), place)
    early = next(w for w in seen.warnings if w.rule == "before_signup" and w.table == "tickets")
    assert round(early.share, 2) == 0.54
    assert one(seen, "overlapping_subscriptions").share > 0.8
