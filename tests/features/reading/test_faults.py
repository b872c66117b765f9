"""Every fault of the design's list: the rule, the place, the count, the examples, and what to do."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from features.errors import ConfigError, DataError, Fault
from features.reading.faults import ROW_RULES
from features.reading.opening import tables_from_frames
from tests.text_tables import parse_tables, text_tables

END = date(2024, 3, 1)
SOUND = {
    "accounts": """
        account_id | signed_up_at
        a1         | 2024-01-01
        a2         | 2024-01-01
    """,
    "consumption": """
        account_id | occurred_at
        a1         | 2024-01-02
        a2         | 2024-02-29
    """,
}


def faults_of(**tables: str) -> tuple[Fault, ...]:
    with pytest.raises(DataError) as caught:
        text_tables(end=END, **{**SOUND, **tables})
    return caught.value.faults


def only_fault(**tables: str) -> Fault:
    faults = faults_of(**tables)
    assert len(faults) == 1, [str(fault) for fault in faults]
    assert faults[0].remedy
    return faults[0]


def seen(fault: Fault) -> tuple[str, str, str | None, int | None]:
    return fault.rule, fault.table, fault.column, fault.rows


def test_sound_tables_have_no_fault() -> None:
    assert list(text_tables(end=END, **SOUND)) == ["accounts", "consumption"]


# Structure -----------------------------------------------------------------------------------------------------


def test_accounts_are_required() -> None:
    with pytest.raises(DataError) as caught:
        text_tables(end=END, consumption=SOUND["consumption"])
    assert [seen(fault) for fault in caught.value.faults] == [("missing_table", "accounts", None, None)]
    assert "accounts.parquet" in str(caught.value)


def test_consumption_or_subscriptions_are_required() -> None:
    with pytest.raises(DataError) as caught:
        text_tables(end=END, accounts=SOUND["accounts"])
    (fault,) = caught.value.faults
    assert fault.rule == "missing_table"
    assert "consumption or subscriptions" in str(fault)


def test_subscriptions_do_in_place_of_consumption() -> None:
    tables = text_tables(
        end=END,
        accounts=SOUND["accounts"],
        subscriptions="""
            account_id | plan | started_at
            a1         | pro  | 2024-01-02
        """,
    )
    assert "consumption" not in tables


def test_a_required_column_is_missing_and_the_nearest_is_named() -> None:
    fault = only_fault(
        accounts="""
            account_id | signed_up
            a1         | 2024-01-01
            a2         | 2024-01-01
        """
    )
    assert seen(fault) == ("missing_column", "accounts", "signed_up_at", None)
    assert "did you mean signed_up?" in str(fault)
    assert 'signed_up_at = "signed_up"' in fault.remedy


def test_milestones_without_any_date_are_missing_a_column() -> None:
    fault = only_fault(
        milestones="""
            account_id | milestone
            a1         | first import
        """
    )
    assert (fault.rule, fault.table) == ("missing_column", "milestones")
    assert "due_at or reached_at" in fault.message


def test_a_type_that_can_never_fit_is_a_fault_of_structure() -> None:
    frames = parse_tables(**SOUND)
    frames["consumption"]["occurred_at"] = [20240102, 20240229]
    with pytest.raises(DataError) as caught:
        tables_from_frames(frames, end=END)
    (fault,) = caught.value.faults
    assert seen(fault) == ("wrong_type", "consumption", "occurred_at", None)
    assert fault.structural
    assert "int64" in fault.message


def test_structure_is_never_allowed_through() -> None:
    frames = parse_tables(**SOUND)
    frames["consumption"]["occurred_at"] = [20240102, 20240229]
    with pytest.raises(DataError):
        tables_from_frames(frames, end=END, allow=frozenset({"wrong_type"}))


def test_data_without_any_event_has_no_end() -> None:
    with pytest.raises(DataError) as caught:
        text_tables(accounts="account_id | signed_up_at", consumption="account_id | occurred_at")
    assert [fault.rule for fault in caught.value.faults] == ["no_events"]


# Rows ----------------------------------------------------------------------------------------------------------


def test_values_of_the_wrong_type_are_counted_and_shown() -> None:
    fault = only_fault(
        consumption="""
            account_id | occurred_at | quantity
            a1         | 2024-01-02  | 3
            a1         | 2024-01-03  | three
            a1         | 2024-01-04  | four
            a1         | 2024-01-04  |
        """
    )
    assert seen(fault) == ("wrong_type", "consumption", "quantity", 2)
    assert fault.examples == ("quantity four", "quantity three")


@pytest.mark.parametrize("written", ["31/12/2023", "soon", "2024-13-01"])
def test_what_is_no_instant_is_of_the_wrong_type(written: str) -> None:
    fault = only_fault(consumption=f"account_id | occurred_at\na1 | {written}\na1 | 2024-01-01")
    assert seen(fault) == ("wrong_type", "consumption", "occurred_at", 1)
    assert fault.examples == (f"occurred_at {written}",)


def test_a_fraction_is_no_whole_number_and_perhaps_is_neither_true_nor_false() -> None:
    faults = faults_of(
        subscriptions="""
            account_id | plan | started_at | seats | auto_renew
            a1         | pro  | 2024-01-02 | 2.5   | perhaps
            a1         | pro  | 2024-02-02 | 3.0   | yes
        """
    )
    assert [seen(fault) for fault in faults] == [
        ("wrong_type", "subscriptions", "seats", 1),
        ("wrong_type", "subscriptions", "auto_renew", 1),
    ]


def test_a_key_is_filled_in() -> None:
    fault = only_fault(
        tickets="""
            ticket_id | account_id | opened_at
            t1        | a1         | 2024-01-05
                      | a1         | 2024-01-06
        """
    )
    assert seen(fault) == ("null_key", "tickets", "ticket_id", 1)
    assert "account_id a1" in fault.examples[0]


def test_an_account_id_is_filled_in_everywhere() -> None:
    fault = only_fault(consumption="account_id | occurred_at\n | 2024-01-02\na1 | 2024-01-03")
    assert seen(fault) == ("null_key", "consumption", "account_id", 1)


def test_a_required_value_is_filled_in() -> None:
    fault = only_fault(
        satisfaction="""
            account_id | occurred_at | instrument | score
            a1         | 2024-01-05  | nps        |
            a1         | 2024-01-06  | nps        | 9
        """
    )
    assert seen(fault) == ("null_value", "satisfaction", "score", 1)


def test_a_key_is_found_once() -> None:
    fault = only_fault(
        accounts="""
            account_id | signed_up_at
            a1         | 2024-01-01
            a1         | 2024-01-02
            a1         | 2024-01-03
            a2         | 2024-01-03
        """
    )
    assert seen(fault) == ("duplicate_key", "accounts", "account_id", 2)
    assert fault.examples == ("account_id a1",)


def test_versions_of_an_account_are_no_duplicates() -> None:
    tables = text_tables(
        end=END,
        consumption=SOUND["consumption"],
        accounts="""
            account_id | signed_up_at | valid_from | segment
            a1         | 2024-01-01   | 2024-01-01 | small
            a1         | 2024-01-01   | 2024-02-01 | large
            a2         | 2024-01-01   | 2024-01-01 | small
        """,
    )
    assert tables["accounts"].count().to_pyarrow().as_py() == 3


@pytest.mark.parametrize(
    ("table", "column", "rows"),
    [
        ("consumption", "occurred_at", "account_id | occurred_at\na1 | 2024-03-02\na1 | 2024-01-02"),
        ("accounts", "signed_up_at", "account_id | signed_up_at\na1 | 2024-03-02\na2 | 2024-01-01"),
        ("tickets", "resolved_at", "ticket_id | account_id | opened_at | resolved_at\nt1|a1|2024-01-01|2024-03-02"),
        ("subscriptions", "ended_at", "account_id | plan | started_at | ended_at\na1 | pro | 2024-01-01 | 9999-12-31"),
        ("subscriptions", "cancelled_at", "account_id|plan|started_at|cancelled_at\na1|pro|2024-01-01|2024-03-02"),
        ("milestones", "reached_at", "account_id | milestone | reached_at\na1 | import | 2024-03-02"),
    ],
)
def test_nothing_has_happened_after_the_end_of_the_data(table: str, column: str, rows: str) -> None:
    fault = only_fault(**{table: rows})
    assert seen(fault) == ("future_instant", table, column, 1)
    assert "`end` in [data]" in fault.remedy


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (
            "subscriptions",
            "account_id|plan|started_at|ended_at|cancelled_at|renews_at\na1|pro|2024-01-01|2024-12-31|2024-02-01|2025-01-01",
        ),
        ("milestones", "account_id | milestone | due_at\na1 | import | 2025-01-01"),
        ("plans", "plan | tier | released_at\npro | 1 | 2025-01-01"),
        ("upgrade_paths", "from_plan | to_plan | available_at\nbasic | pro | 2025-01-01"),
        ("tickets", "ticket_id | account_id | opened_at | promised_by\nt1 | a1 | 2024-02-01 | 2025-01-01"),
        ("consumption", "account_id | occurred_at\na1 | 2024-03-01 23:59\na2 | 2024-01-02"),
        ("consumption", "account_id | occurred_at | recorded_at\na1 | 2024-02-01 | 2024-06-01"),
    ],
    ids=["scheduled end", "due", "release", "path", "promise", "the unfinished day", "recorded later"],
)
def test_what_is_planned_may_lie_ahead(table: str, rows: str) -> None:
    assert table in text_tables(end=END, **{**SOUND, table: rows})


@pytest.mark.parametrize(
    ("table", "column", "rows"),
    [
        ("subscriptions", "ended_at", "account_id | plan | started_at | ended_at\na1 | pro | 2024-02-01 | 2024-01-31"),
        (
            "tickets",
            "resolved_at",
            "ticket_id|account_id|opened_at|resolved_at\nt1|a1|2024-02-01 10:00|2024-02-01 09:59",
        ),
        ("accessories", "detached_at", "account_id|accessory|attached_at|detached_at\na1|cable|2024-02-01|2024-01-01"),
        (
            "offers",
            "responded_at",
            "offer_id|account_id|offered_at|kind|responded_at\no1|a1|2024-02-01|upgrade|2024-01-01",
        ),
        (
            "overrides",
            "expires_at",
            "account_id|outcome|made_at|expires_at|made_by|verdict\na1|churn|2024-02-01|2024-01-01|Ann|stays",
        ),
    ],
)
def test_an_end_does_not_lie_before_its_start(table: str, column: str, rows: str) -> None:
    fault = only_fault(**{table: rows})
    assert seen(fault) == ("end_before_start", table, column, 1)


def test_an_end_may_equal_its_start() -> None:
    rows = "account_id | plan | started_at | ended_at\na1 | pro | 2024-02-01 | 2024-02-01"
    assert "subscriptions" in text_tables(end=END, **SOUND, subscriptions=rows)


def test_every_account_is_known() -> None:
    rows = "account_id | occurred_at\n" + "\n".join(f"x{n} | 2024-01-0{n}" for n in range(1, 9))
    fault = only_fault(consumption=rows + "\nx1 | 2024-01-09\na1 | 2024-01-09")
    assert seen(fault) == ("unknown_account", "consumption", "account_id", 9)
    assert fault.examples == tuple(f"account_id x{n}" for n in range(1, 6))


@pytest.mark.parametrize("written", ["inf", "-Infinity"])
def test_numbers_are_finite(written: str) -> None:
    fault = only_fault(consumption=f"account_id | occurred_at | value\na1 | 2024-01-02 | {written}")
    assert seen(fault) == ("infinity", "consumption", "value", 1)


def test_instants_are_finite() -> None:
    fault = only_fault(milestones="account_id | milestone | due_at\na1 | import | infinity")
    assert (fault.rule, fault.table, fault.column) == ("infinity", "milestones", "due_at")


def test_numbers_fit_the_decimal() -> None:
    fault = only_fault(
        consumption="""
            account_id | occurred_at | value
            a1         | 2024-01-02  | 1e12
            a1         | 2024-01-02  | -999999999999.999999
        """
    )
    assert seen(fault) == ("number_too_large", "consumption", "value", 1)
    assert "10^12" in fault.message


def test_an_enumeration_has_only_its_values() -> None:
    fault = only_fault(
        consumption="""
            account_id | occurred_at | status
            a1         | 2024-01-02  | ok
            a1         | 2024-01-02  |
            a1         | 2024-01-02  | OK
            a1         | 2024-01-02  | failed
        """
    )
    assert seen(fault) == ("unknown_value", "consumption", "status", 2)
    assert fault.examples == ("status OK", "status failed")
    assert "ok, error" in fault.message


def test_all_faults_of_all_tables_are_raised_together() -> None:
    faults = faults_of(
        accounts="account_id | signed_up_at\na1 | 2024-01-01\na1 | 2024-01-01",
        consumption="account_id | occurred_at | value | status\nx | 2025-01-01 | inf | bad",
        tickets="account_id | opened_at\na1 | 2024-01-01",
    )
    assert {(fault.table, fault.rule) for fault in faults} == {
        ("accounts", "duplicate_key"),
        ("consumption", "future_instant"),
        ("consumption", "infinity"),
        ("consumption", "unknown_value"),
        ("consumption", "unknown_account"),
        ("tickets", "missing_column"),
    }


def test_the_message_of_a_fault_says_place_rule_count_example_and_remedy() -> None:
    fault = only_fault(consumption="account_id | occurred_at\na1 | 2024-01-02\nzz | 2024-01-02")
    assert str(fault).startswith("consumption.account_id: ")
    for part in ("(1 row)", "For example: account_id zz.", ROW_RULES["unknown_account"], "[unknown_account]"):
        assert part in str(fault)


def test_typed_frames_are_judged_like_text() -> None:
    frames = {
        "accounts": pd.DataFrame({"account_id": [1, 2], "signed_up_at": pd.to_datetime(["2024-01-01"] * 2)}),
        "consumption": pd.DataFrame(
            {
                "account_id": [1.0, 2.0, None],
                "occurred_at": pd.to_datetime(["2024-01-02"] * 3),
                "value": [1.5, float("inf"), float("nan")],
            }
        ),
    }
    with pytest.raises(DataError) as caught:
        tables_from_frames(frames, end=END)
    assert [seen(fault) for fault in caught.value.faults] == [
        ("infinity", "consumption", "value", 1),
        ("null_key", "consumption", "account_id", 1),
    ]


def test_an_unknown_rule_cannot_be_allowed_and_the_nearest_is_named() -> None:
    with pytest.raises(ConfigError, match=r"unknown_acount is none\. Did you mean unknown_account\?"):
        tables_from_frames(parse_tables(**SOUND), end=END, allow=frozenset({"unknown_acount"}))
