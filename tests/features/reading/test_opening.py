"""Whatever a table comes from, the same contract table comes out."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import ibis.expr.datatypes as dt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.contract import columns_of, dtype_of
from features.data_settings import DataSettings, TableSource
from features.errors import DataError
from features.reading.opening import open_tables, tables_from_frames
from features.reading.span import connected
from features.tables import Tables
from tests.text_tables import parse_tables, text_tables

END = date(2024, 3, 1)
ACCOUNTS = """
    account_id | signed_up_at
    a1         | 2024-01-01
    a2         | 2024-01-01
"""
CONSUMPTION = """
    account_id | occurred_at         | product | quantity
    a1         | 2024-01-02 10:00    | search  | 1.5
    a2         | 2024-02-29 23:59:59 |         | 2
"""


def rows(tables: Tables, name: str) -> list[dict[str, Any]]:
    table = tables[name]
    listed: list[dict[str, Any]] = table.order_by(list(table.columns)).to_pyarrow().to_pylist()
    return listed


def column(tables: Tables, name: str, wanted: str) -> list[Any]:
    return [row[wanted] for row in rows(tables, name)]


def write(folder: Path, **tables: str) -> Path:
    """A data folder of CSV files with that content."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, frame in parse_tables(**tables).items():
        frame.to_csv(data / f"{name}.csv", index=False)
    return folder


# Types and instants ----------------------------------------------------------------------------------------------


def test_every_column_has_the_type_of_the_contract() -> None:
    tables = text_tables(accounts=ACCOUNTS, consumption=CONSUMPTION, end=END)
    for name in tables:
        for wanted in set(tables[name].columns) & set(columns_of(name)):
            assert tables[name][wanted].type() == dtype_of(name, wanted)
        assert tables[name]["known_at"].type() == dt.Timestamp(scale=6)


def test_an_optional_column_that_is_absent_stays_absent() -> None:
    tables = text_tables(accounts=ACCOUNTS, consumption=CONSUMPTION, end=END)
    assert tables["consumption"].columns == ("account_id", "occurred_at", "product", "quantity", "known_at")
    assert tables.has("consumption", "product", "quantity")
    assert not tables.has("consumption", "user_id")


def test_blank_is_null_and_money_is_exact() -> None:
    tables = text_tables(accounts=ACCOUNTS, consumption=CONSUMPTION, end=END)
    assert column(tables, "consumption", "product") == ["search", None]
    assert column(tables, "consumption", "quantity") == [Decimal("1.500000"), Decimal("2.000000")]


def test_ids_are_text_whatever_they_were() -> None:
    instants = pd.to_datetime(["2024-01-02", "2024-02-01"])
    for ids in ([7, 8], [7.0, 8.0], ["7", "8"], pd.Series([7, 8], dtype="Int64"), pd.Categorical(["7", "8"])):
        frames = {
            "accounts": pd.DataFrame({"account_id": ["7", "8"], "signed_up_at": instants}),
            "consumption": pd.DataFrame({"account_id": ids, "occurred_at": instants}),
        }
        assert column(tables_from_frames(frames, end=END), "consumption", "account_id") == ["7", "8"]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2024-01-02", datetime(2024, 1, 1, 23)),
        ("2024-01-02 10:00", datetime(2024, 1, 2, 10)),
        ("2024-01-02T10:00:00.123456", datetime(2024, 1, 2, 10, 0, 0, 123456)),
        ("2024-01-02T10:00:00Z", datetime(2024, 1, 2, 10)),
        ("2024-01-02T10:00:00+02:00", datetime(2024, 1, 2, 8)),
        ("2024-01-02 10:00:00-05", datetime(2024, 1, 2, 15)),
    ],
)
def test_a_date_is_the_local_day_and_an_instant_is_utc(written: str, instant: datetime) -> None:
    table = f"account_id | occurred_at\na1 | {written}"
    tables = text_tables(accounts=ACCOUNTS, consumption=table, end=END, timezone="Europe/Berlin")
    assert column(tables, "consumption", "occurred_at") == [instant]


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_typed_dates_and_aware_instants_mean_the_same_as_written_ones(timezone: str) -> None:
    accounts = pd.DataFrame({"account_id": ["a1"], "signed_up_at": [date(2024, 1, 1)]})
    aware = pd.to_datetime(["2024-01-02 10:00"]).tz_localize(timezone)
    frames = {"accounts": accounts, "consumption": pd.DataFrame({"account_id": ["a1"], "occurred_at": aware})}
    tables = tables_from_frames(frames, timezone=timezone, end=END)
    local = datetime(2024, 1, 1, tzinfo=ZoneInfo(timezone)).astimezone(UTC).replace(tzinfo=None)
    assert column(tables, "accounts", "signed_up_at") == [local]
    assert column(tables, "consumption", "occurred_at") == [aware[0].tz_convert("UTC").tz_localize(None)]


def test_a_date_in_summer_begins_at_summer_time() -> None:
    tables = text_tables(
        accounts="account_id | signed_up_at\na1 | 2023-07-01",
        consumption=CONSUMPTION.replace("a2", "a1"),
        timezone="Europe/Berlin",
        end=END,
    )
    assert column(tables, "accounts", "signed_up_at") == [datetime(2023, 6, 30, 22)]


def test_a_column_of_nulls_only_is_no_wrong_type() -> None:
    frames = parse_tables(
        accounts=ACCOUNTS, consumption=CONSUMPTION, subscriptions="account_id | plan | started_at\na1|pro|2024-01-01"
    )
    frames["subscriptions"]["ended_at"] = [None]
    tables = tables_from_frames(frames, end=END)
    assert tables["subscriptions"]["ended_at"].type() == dt.Timestamp(scale=6)
    assert column(tables, "subscriptions", "ended_at") == [None]


def test_nan_is_null() -> None:
    frames = parse_tables(accounts=ACCOUNTS, consumption=CONSUMPTION)
    frames["consumption"]["quantity"] = ["nan", "1"]
    assert column(tables_from_frames(frames, end=END), "consumption", "quantity") == [None, Decimal(1)]


def test_flags_are_read_as_people_write_them() -> None:
    written = ["yes", "No", "TRUE", "f", "1", "0", ""]
    lines = "\n".join(f"t{n} | a1 | 2024-01-01 | {value}" for n, value in enumerate(written))
    tables = text_tables(
        accounts=ACCOUNTS,
        consumption=CONSUMPTION,
        tickets=f"ticket_id | account_id | opened_at | reopened\n{lines}",
        end=END,
    )
    read = {row["ticket_id"]: row["reopened"] for row in rows(tables, "tickets")}
    assert list(read.values()) == [True, False, True, False, True, False, None]


# When a row could be known ---------------------------------------------------------------------------------------


def test_a_row_is_known_when_it_was_recorded_but_never_before_it_happened() -> None:
    tables = text_tables(
        end=END,
        accounts=ACCOUNTS,
        consumption="""
            account_id | occurred_at      | recorded_at
            a1         | 2024-01-02 10:00 | 2024-01-05
            a1         | 2024-01-03 10:00 |
            a1         | 2024-01-04 10:00 | 2024-01-01
        """,
    )
    known = [datetime(2024, 1, 5), datetime(2024, 1, 3, 10), datetime(2024, 1, 4, 10)]
    assert column(tables, "consumption", "known_at") == known


def test_a_table_that_declares_a_delay_is_known_that_much_later(tmp_path: Path) -> None:
    base = write(tmp_path, accounts=ACCOUNTS, consumption=CONSUMPTION)
    data = DataSettings(tables={"consumption": TableSource(delay_hours=6.5)}, end=END)
    known = column(open_tables(data, base), "consumption", "known_at")
    assert known == [datetime(2024, 1, 2, 16, 30), datetime(2024, 3, 1, 6, 29, 59)]


def test_a_milestone_is_dated_by_whichever_comes_first() -> None:
    tables = text_tables(
        end=END,
        accounts=ACCOUNTS,
        consumption=CONSUMPTION,
        milestones="""
            account_id | milestone | due_at     | reached_at
            a1         | a         | 2024-02-01 | 2024-01-15
            a1         | b         | 2024-02-01 |
            a1         | c         |            | 2024-02-05
            a1         | d         |            |
        """,
    )
    known = [datetime(2024, 1, 15), datetime(2024, 2, 1), datetime(2024, 2, 5), None]
    assert [row["known_at"] for row in sorted(rows(tables, "milestones"), key=lambda row: row["milestone"])] == known


def test_a_version_of_an_account_is_known_once_it_is_valid() -> None:
    tables = text_tables(
        end=END,
        consumption=CONSUMPTION.replace("a2", "a1"),
        accounts="""
            account_id | signed_up_at | valid_from | segment
            a1         | 2024-01-01   | 2024-01-01 | small
            a1         | 2024-01-01   | 2024-02-01 | large
        """,
    )
    known = {row["segment"]: row["known_at"] for row in rows(tables, "accounts")}
    assert known == {"small": datetime(2024, 1, 1), "large": datetime(2024, 2, 1)}


def test_of_events_with_one_id_the_one_known_first_stays() -> None:
    tables = text_tables(
        end=END,
        accounts=ACCOUNTS,
        consumption="""
            account_id | occurred_at | event_id | recorded_at | quantity
            a1         | 2024-01-02  | e1       | 2024-01-09  | 9
            a1         | 2024-01-02  | e1       | 2024-01-03  | 3
            a1         | 2024-01-02  | e2       | 2024-01-03  | 5
            a1         | 2024-01-02  |          | 2024-01-03  | 7
            a1         | 2024-01-02  |          | 2024-01-03  | 7
        """,
    )
    assert sorted(column(tables, "consumption", "quantity")) == [3, 5, 7, 7]


# Where the data begins and ends ----------------------------------------------------------------------------------


def test_the_end_is_the_last_day_boundary_at_or_before_the_last_event() -> None:
    tables = text_tables(accounts=ACCOUNTS, consumption=CONSUMPTION)
    assert (tables.calendar.start, tables.calendar.end) == (date(2024, 1, 2), date(2024, 2, 29))


def test_the_end_is_a_local_day() -> None:
    tables = text_tables(accounts=ACCOUNTS, consumption=CONSUMPTION, timezone="Asia/Tokyo")
    assert tables.calendar.end == date(2024, 3, 1)


def test_a_column_that_is_filled_in_later_moves_the_end_and_a_scheduled_end_does_not() -> None:
    tables = text_tables(
        accounts=ACCOUNTS,
        consumption=CONSUMPTION,
        tickets="ticket_id | account_id | opened_at | resolved_at\nt1 | a1 | 2024-02-20 | 2024-03-05",
        subscriptions="account_id|plan|started_at|ended_at|cancelled_at\na1|pro|2024-01-01|2024-12-31|2024-02-01",
        milestones="account_id | milestone | due_at\na1 | import | 2024-12-31",
    )
    assert tables.calendar.end == date(2024, 3, 5)


def test_an_isolated_bunch_far_after_the_rest_is_a_fault_and_not_the_end() -> None:
    days = "\n".join(f"a1 | {day:%Y-%m-%d}" for day in pd.date_range("2024-01-01", "2024-02-29"))
    consumption = f"account_id | occurred_at\n{days}\na1 | 2024-04-15\na2 | 2024-04-16"
    with pytest.raises(DataError) as caught:
        text_tables(accounts=ACCOUNTS, consumption=consumption)
    (fault,) = caught.value.faults
    assert (fault.rule, fault.rows) == ("future_instant", 2)
    assert "2024-02-29" in fault.message
    assert text_tables(accounts=ACCOUNTS, consumption=consumption, end=date(2024, 4, 16)).calendar.end.month == 4


def _days(*spans: tuple[str, str]) -> list[date]:
    return [day.date() for first, last in spans for day in pd.date_range(first, last)]


@pytest.mark.parametrize(
    ("days", "last"),
    [
        (_days(("2024-01-01", "2024-02-29")), "2024-02-29"),
        (_days(("2024-01-01", "2024-02-29"), ("2024-03-30", "2024-03-30")), "2024-03-30"),
        (_days(("2024-01-01", "2024-02-29"), ("2024-03-31", "2024-03-31")), "2024-02-29"),
        (_days(("2024-01-01", "2024-02-29"), ("2024-03-31", "2024-04-30")), "2024-04-30"),
        (_days(("2024-01-01", "2024-01-03"), ("2099-12-31", "2099-12-31")), "2024-01-03"),
        (_days(("2024-01-01", "2024-01-01"), ("2024-06-01", "2024-06-01")), "2024-06-01"),
        (_days(("2010-01-01", "2010-01-01"), ("2024-01-01", "2024-01-09")), "2024-01-09"),
    ],
    ids=["one bunch", "30 days apart", "31 days apart", "a long bunch", "a far one", "few days, not far", "history"],
)
def test_which_bunches_are_isolated(days: list[date], last: str) -> None:
    assert connected(days)[-1] == date.fromisoformat(last)


def test_the_beginning_is_that_of_consumption_not_of_history() -> None:
    tables = text_tables(
        accounts="account_id | signed_up_at\na1 | 2010-01-01\na2 | 2012-01-01",
        subscriptions="account_id | plan | started_at\na1 | pro | 2010-01-01",
        consumption=CONSUMPTION,
    )
    assert tables.calendar.start == date(2024, 1, 2)


# Files, queries, databases ---------------------------------------------------------------------------------------


def typed(**tables: str) -> dict[str, pd.DataFrame]:
    """The same tables as pandas would hold them after reading well."""
    return {name: text_tables_frame(frame) for name, frame in parse_tables(**tables).items()}


def text_tables_frame(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy()
    for name in frame.columns:
        if name.endswith("_at"):
            frame[name] = pd.to_datetime(frame[name], format="mixed")
        if name == "quantity":
            frame[name] = frame[name].astype(float)
    return frame


def test_csv_parquet_folder_pattern_query_and_database_give_the_same(tmp_path: Path) -> None:
    expected = text_tables(accounts=ACCOUNTS, consumption=CONSUMPTION, end=END)
    base = write(tmp_path, accounts=ACCOUNTS)
    folder = base / "data"
    (folder / "parts").mkdir()
    frame = typed(consumption=CONSUMPTION)["consumption"]
    frame.to_parquet(folder / "use.parquet")
    frame.iloc[:1].to_parquet(folder / "parts" / "one.parquet")
    frame.iloc[1:].to_parquet(folder / "parts" / "two.parquet")
    parse_tables(consumption=CONSUMPTION)["consumption"].to_csv(folder / "use.csv", index=False)
    with duckdb.connect(str(folder / "company.duckdb")) as database:
        database.execute("create table consumption as select * from read_parquet(?)", [str(folder / "use.parquet")])
        database.execute("create table accounts as select * from read_csv(?)", [str(folder / "accounts.csv")])
        database.execute("create schema other; create table other.use as select * from consumption")
    sources = [
        TableSource(file="use.csv"),
        TableSource(file="use.parquet"),
        TableSource(file="parts"),
        TableSource(file="parts/*.parquet"),
        TableSource(query="select * from read_parquet('use.parquet');"),
        TableSource(query="select * from read_parquet('data/parts/*.parquet')"),
    ]
    for source in sources:
        tables = open_tables(DataSettings(tables={"consumption": source}, end=END), base)
        assert rows(tables, "consumption") == rows(expected, "consumption"), source
        assert tables.digest == expected.digest, source
    for table in ({}, {"consumption": TableSource(table="other.use")}):
        tables = open_tables(DataSettings(path="data/company.duckdb", tables=table, end=END), base)
        assert tables.digest == expected.digest, table


def test_columns_are_renamed_and_unknown_ones_give_a_notice(tmp_path: Path) -> None:
    use = CONSUMPTION.replace("account_id", "customer").replace("product", "feature") + "\n"
    base = write(tmp_path, accounts=ACCOUNTS, consumption=use)
    source = TableSource(columns={"account_id": "customer", "product": "feature"})
    tables = open_tables(DataSettings(tables={"consumption": source}, end=END), base)
    assert tables.digest == text_tables(accounts=ACCOUNTS, consumption=CONSUMPTION, end=END).digest


def test_declared_attributes_come_along(tmp_path: Path) -> None:
    accounts = "account_id | signed_up_at | vat | founded\na1 | 2024-01-01 | DE1 | 1990"
    base = write(tmp_path, accounts=accounts, consumption="account_id | occurred_at\na1 | 2024-01-02")
    source = TableSource(attributes=("vat",))
    tables = open_tables(DataSettings(tables={"accounts": source}, end=END), base)
    assert tables["accounts"].columns == ("account_id", "signed_up_at", "vat", "known_at")


def faults(data: DataSettings, base: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(DataError) as caught:
        open_tables(data, base)
    return [(fault.table, fault.rule, str(fault)) for fault in caught.value.faults]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    base = write(tmp_path, accounts=ACCOUNTS, consumption=CONSUMPTION)
    ((table, rule, message),) = faults(DataSettings(tables={"tickets": TableSource(file="tikets.csv")}, end=END), base)
    assert (table, rule) == ("tickets", "missing_file")
    assert "tikets.csv" in message


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    base = write(tmp_path, accounts=ACCOUNTS, consumption=CONSUMPTION)
    (base / "data" / "tickets.parquet").write_bytes(b"this is no Parquet file")
    ((table, rule, _),) = faults(DataSettings(end=END), base)
    assert (table, rule) == ("tickets", "unreadable_file")


def test_a_file_that_is_damaged_inside(tmp_path: Path) -> None:
    base = write(tmp_path, accounts=ACCOUNTS)
    file = base / "data" / "consumption.parquet"
    typed(consumption=CONSUMPTION)["consumption"].to_parquet(file)
    content = bytearray(file.read_bytes())
    content[4:200] = bytes(196)
    file.write_bytes(content)
    ((table, rule, _),) = faults(DataSettings(end=END), base)
    assert (table, rule) == ("consumption", "unreadable_file")


@pytest.mark.parametrize(
    "query", ["selekt 1", "select * from nowhere", "select 1 / account_id from read_csv('accounts.csv')"]
)
def test_a_query_that_fails(tmp_path: Path, query: str) -> None:
    base = write(tmp_path, accounts=ACCOUNTS, consumption=CONSUMPTION)
    ((table, rule, message),) = faults(DataSettings(tables={"plans": TableSource(query=query)}, end=END), base)
    assert (table, rule) in {("plans", "failed_query"), ("plans", "missing_column")}
    assert "[data.tables.plans]" in message


def test_two_files_of_one_name(tmp_path: Path) -> None:
    base = write(tmp_path, accounts=ACCOUNTS, consumption=CONSUMPTION)
    typed(consumption=CONSUMPTION)["consumption"].to_parquet(base / "data" / "consumption.parquet")
    ((table, rule, message),) = faults(DataSettings(end=END), base)
    assert (table, rule) == ("consumption", "ambiguous_file")
    assert "consumption.parquet, consumption.csv" in message


def test_a_renamed_column_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    base = write(tmp_path, accounts=ACCOUNTS, consumption=CONSUMPTION)
    source = TableSource(columns={"product": "produkt"})
    ((table, rule, message),) = faults(DataSettings(tables={"consumption": source}, end=END), base)
    assert (table, rule) == ("consumption", "missing_column")
    assert "produkt, which is not there (did you mean product?)" in message


def test_a_renaming_of_no_column_of_ours_names_the_nearest(tmp_path: Path) -> None:
    base = write(tmp_path, accounts=ACCOUNTS, consumption=CONSUMPTION)
    source = TableSource(columns={"acount_id": "account_id"})
    ((_, rule, message),) = faults(DataSettings(tables={"consumption": source}, end=END), base)
    assert rule == "unknown_column"
    assert "did you mean account_id?" in message


def test_a_folder_that_is_not_there_says_what_is_missing(tmp_path: Path) -> None:
    assert [(table, rule) for table, rule, _ in faults(DataSettings(), tmp_path)] == [
        ("accounts", "missing_table"),
        ("consumption", "missing_table"),
    ]


def test_a_table_comes_from_one_place() -> None:
    with pytest.raises(ValueError, match="file and query: keep one"):
        TableSource(file="a.csv", query="select 1")


# The same data gives the same ------------------------------------------------------------------------------------


@settings(max_examples=5)
@given(order=st.permutations(range(6)))
def test_the_digest_does_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    frames = {
        "accounts": pd.DataFrame({"account_id": ["a1"], "signed_up_at": pd.to_datetime(["2024-01-01"])}),
        "consumption": pd.DataFrame(
            {
                "account_id": "a1",
                "occurred_at": pd.to_datetime([f"2024-01-0{n}" for n in (1, 1, 2, 3, 4, 5)]),
                "quantity": [1.0, 2.0, 2.0, 0.1, 0.2, 0.3],
            }
        ),
    }
    shuffled = {**frames, "consumption": frames["consumption"].iloc[order]}
    assert tables_from_frames(shuffled, end=END).digest == tables_from_frames(frames, end=END).digest


def test_the_digest_tells_one_row_more_and_one_value_else() -> None:
    digests = {
        text_tables(accounts=ACCOUNTS, consumption=consumption, end=END).digest
        for consumption in (
            CONSUMPTION,
            CONSUMPTION + "\na1 | 2024-01-02 10:00 | search | 1.5",
            CONSUMPTION.replace("1.5", "1.500001"),
            CONSUMPTION.replace("search", ""),
        )
    }
    assert len(digests) == 4


def test_neither_the_session_nor_the_machine_has_a_say_in_the_time_zone(tmp_path: Path) -> None:
    base = write(tmp_path, accounts=ACCOUNTS, consumption=CONSUMPTION.replace("10:00 ", "10:00:00+01 "))
    code = (
        "from pathlib import Path; from features.data_settings import DataSettings; "
        "from features.reading.opening import open_tables; "
        f"print(open_tables(DataSettings(), Path({str(base)!r}), timezone='Europe/Berlin').digest)"
    )
    here = Path(__file__).parents[3]
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"TZ": zone, "PATH": "/usr/bin:/bin"},
            cwd=here,
            capture_output=True,
            check=True,
        ).stdout
        for zone in ("UTC", "America/Los_Angeles")
    }
    assert len(digests) == 1


def test_memory_and_threads_are_settings(tmp_path: Path) -> None:
    base = write(tmp_path, accounts=ACCOUNTS, consumption=CONSUMPTION)
    tables = open_tables(DataSettings(memory_limit="1GB", threads=1, end=END), base)
    shown = tables.connection.raw_sql("select current_setting('threads'), current_setting('memory_limit')").fetchone()
    assert shown[0] == 1
    assert shown[1].startswith("953")
