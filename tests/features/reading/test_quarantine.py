"""Rows that break an allowed rule are kept whole, with their reason, and seen by nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.data_settings import DataSettings
from features.errors import ConfigError, DataError
from features.reading.opening import open_tables
from tests.text_tables import parse_tables

DATA = DataSettings(end=date(2024, 3, 1))
ACCOUNTS = "account_id | signed_up_at\na1 | 2024-01-01\na2 | 2024-01-01"
CONSUMPTION = """
    account_id | occurred_at | quantity | status | reason | page
    a1         | 2024-01-02  | 1        | ok     | x      | p1
    zz         | 2024-01-03  | 2        | ok     | y      | p2
    zz         | 2024-01-04  | inf      | broken | z      | p3
    a2         | 2024-01-05  | many     |        |        | p4
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    for name, frame in parse_tables(accounts=ACCOUNTS, consumption=CONSUMPTION).items():
        frame.to_csv(tmp_path / "data" / f"{name}.csv", index=False)
    return tmp_path


def accounts_seen(base: Path, *allow: str) -> list[str]:
    tables = open_tables(DATA, base, allow=frozenset(allow), quarantine=base / "quarantine")
    return sorted(tables["consumption"].to_pyarrow()["account_id"].to_pylist())


ALL = ("unknown_account", "infinity", "unknown_value", "wrong_type")


def test_what_is_not_allowed_is_still_refused_and_said(base: Path) -> None:
    with pytest.raises(DataError) as caught:
        accounts_seen(base, "unknown_account")
    assert {fault.rule for fault in caught.value.faults} == {"infinity", "unknown_value", "wrong_type"}


def test_allowed_rows_are_left_out(base: Path) -> None:
    assert accounts_seen(base, *ALL) == ["a1"]


def test_rejected_rows_are_kept_whole_as_text_with_rule_and_reason(base: Path) -> None:
    accounts_seen(base, *ALL)
    kept = pq.read_table(base / "quarantine" / "consumption.parquet")
    assert kept.column_names == [
        *("account_id", "occurred_at", "quantity", "status", "reason_brought", "page", "rule", "reason")
    ]
    assert all(kind in (pa.string(), pa.large_string()) for kind in kept.schema.types)
    rows = {row["page"]: row for row in kept.to_pylist()}
    assert set(rows) == {"p2", "p3", "p4"}
    assert rows["p4"]["quantity"] == "many"
    assert rows["p3"]["quantity"] == "inf"
    assert rows["p3"]["reason_brought"] == "z"
    assert {page: row["rule"] for page, row in rows.items()} == {
        "p2": "unknown_account",
        "p3": "infinity",
        "p4": "wrong_type",
    }
    for rule in ("infinity", "unknown_value", "unknown_account"):
        assert f"[{rule}]" in rows["p3"]["reason"]


def test_the_quarantine_is_written_even_where_other_faults_refuse(base: Path) -> None:
    with pytest.raises(DataError):
        accounts_seen(base, "unknown_account")
    assert pq.read_table(base / "quarantine" / "consumption.parquet").num_rows == 2


def test_a_quarantine_tells_of_the_last_reading_only(base: Path) -> None:
    accounts_seen(base, *ALL)
    (base / "data" / "consumption.csv").write_text("account_id,occurred_at\na1,2024-01-02\n")
    accounts_seen(base, *ALL)
    assert not (base / "quarantine" / "consumption.parquet").exists()


def test_the_same_rows_give_the_same_file(base: Path) -> None:
    accounts_seen(base, *ALL)
    file = base / "quarantine" / "consumption.parquet"
    first = file.read_bytes()
    lines = (base / "data" / "consumption.csv").read_text().splitlines()
    (base / "data" / "consumption.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    accounts_seen(base, *ALL)
    assert file.read_bytes() == first


def test_nothing_is_written_where_nothing_is_allowed(base: Path) -> None:
    with pytest.raises(DataError):
        accounts_seen(base)
    assert not (base / "quarantine").exists()


def test_of_a_key_found_twice_the_first_known_row_stays(base: Path) -> None:
    (base / "data" / "consumption.csv").write_text("account_id,occurred_at\na1,2024-01-02\n")
    (base / "data" / "tickets.csv").write_text(
        "ticket_id,account_id,opened_at,severity\nt1,a1,2024-01-03,late\nt1,a1,2024-01-02,early\nt2,a1,2024-01-02,only\n"
    )
    tables = open_tables(DATA, base, allow=frozenset({"duplicate_key"}), quarantine=base / "quarantine")
    assert sorted(tables["tickets"].to_pyarrow()["severity"].to_pylist()) == ["early", "only"]
    assert pq.read_table(base / "quarantine" / "tickets.parquet")["severity"].to_pylist() == ["late"]


def test_an_account_that_is_rejected_is_unknown_to_every_other_table(base: Path) -> None:
    (base / "data" / "accounts.csv").write_text("account_id,signed_up_at\na1,2024-01-01\nzz,soon\na2,2024-01-01\n")
    (base / "data" / "consumption.csv").write_text("account_id,occurred_at\na1,2024-01-02\nzz,2024-01-03\n")
    with pytest.raises(DataError) as caught:
        accounts_seen(base, "wrong_type")
    assert [(fault.table, fault.rule) for fault in caught.value.faults if fault.rule != "wrong_type"] == [
        ("consumption", "unknown_account")
    ]
    assert accounts_seen(base, "wrong_type", "unknown_account") == ["a1"]


@pytest.mark.parametrize(("name", "near"), [("infinite", "infinity"), ("missing_table", "null_value")])
def test_only_rules_of_rows_can_be_allowed(base: Path, name: str, near: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} is none.*{near}"):
        accounts_seen(base, name)


def test_a_parquet_row_is_kept_as_text_too(base: Path) -> None:
    (base / "data" / "consumption.csv").unlink()
    table = pa.table(
        {
            "account_id": ["a1", "zz"],
            "occurred_at": pa.array([1704200000000000, 1704300000000000], pa.timestamp("us")),
            "tags": [["a"], ["b", "c"]],
        }
    )
    pq.write_table(table, base / "data" / "consumption.parquet")
    assert accounts_seen(base, "unknown_account") == ["a1"]
    (row,) = pq.read_table(base / "quarantine" / "consumption.parquet").to_pylist()
    assert row["tags"] == "[b, c]"
    assert row["occurred_at"] == "2024-01-03 16:40:00"
