"""Tables that come as a folder of files: only new and changed files are read, and nothing else is different for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.data_settings import DataSettings, TableSource
from features.errors import DataError
from features.reading.arrivals import Memory
from features.reading.fingerprints import fingerprint
from features.reading.opening import open_tables
from features.tables import Tables

END = date(2024, 3, 1)
TYPES: dict[str, pa.DataType] = {
    "account_id": pa.string(),
    "occurred_at": pa.timestamp("us"),
    "quantity": pa.decimal128(18, 6),
    "status": pa.string(),
    "event_id": pa.string(),
}


def use(account: str = "a1", day: int = 1, quantity: int = 1, **more: str) -> dict[str, Any]:
    return {"account_id": account, "occurred_at": datetime(2024, 2, day, 12), "quantity": Decimal(quantity), **more}


def put(folder: Path, day: str, *rows: dict[str, Any], types: dict[str, pa.DataType] = TYPES) -> Path:
    file = folder / "data" / "consumption" / f"{day}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    names = [name for name in types if name in rows[0]]
    pq.write_table(pa.table({name: pa.array([row[name] for row in rows], types[name]) for name in names}), file)
    return file


def accounts(folder: Path, *ids: str) -> None:
    table = pa.table({"account_id": list(ids), "signed_up_at": [datetime(2024, 1, 1)] * len(ids)})
    pq.write_table(table, folder / "data" / "accounts.parquet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three days of use of two accounts."""
    for day in (1, 2, 3):
        put(tmp_path, f"2024-02-0{day}", use("a1", day), use("a2", day, 5))
    accounts(tmp_path, "a1", "a2")
    return tmp_path


def read(
    folder: Path, end: date = END, allow: frozenset[str] = frozenset(), **settings: Any
) -> tuple[Tables, tuple[int, int] | None]:
    """The tables, and how many files of consumption were read of how many; the same as a full reading gives."""
    memory = Memory(folder / "readings")
    data = DataSettings(end=end, tables={"consumption": TableSource(**settings)} if settings else {})
    tables = open_tables(data, folder, allow=allow, memory=memory)
    full = open_tables(data, folder, allow=allow)
    assert tables.digest == full.digest
    assert {name: marked.digest for name, marked in tables.marked.items()} == {
        name: marked.digest for name, marked in full.marked.items()
    }
    assert tables.marked["consumption"].days == full.marked["consumption"].days
    assert tables.calendar == full.calendar
    return tables, memory.anew.get("consumption")


def test_files_are_read_once(folder: Path) -> None:
    assert read(folder)[1] == (3, 3)
    assert read(folder)[1] == (0, 3)
    put(folder, "2024-02-04", use("a1", 4))
    assert read(folder)[1] == (1, 4)


@pytest.mark.parametrize(
    ("what", "change", "files"),
    [
        ("a value", lambda f: put(f, "2024-02-02", use("a1", 2, 7), use("a2", 2, 5)), (1, 3)),
        ("a late row", lambda f: put(f, "2024-02-04", use("a1", 1, 7)), (1, 4)),
        ("a file gone", lambda f: (f / "data/consumption/2024-02-02.parquet").unlink(), (0, 2)),
        ("a file touched", lambda f: os.utime(f / "data/consumption/2024-02-02.parquet"), (1, 3)),
        ("a file renamed", lambda f: (f / "data/consumption/2024-02-02.parquet").rename(
            f / "data/consumption/x.parquet"), (1, 3)),
        ("one more account", lambda f: accounts(f, "a1", "a2", "a3"), (0, 3)),
        ("one more column", lambda f: put(f, "2024-02-04", use("a1", 4, status="ok")), (4, 4)),
    ],
)  # fmt: skip
def test_only_what_changed_is_read(folder: Path, what: str, change: Callable[[Path], object], files: object) -> None:
    read(folder)
    change(folder)
    assert read(folder)[1] == files
    assert read(folder)[1] == (0, files[1])  # type: ignore[index]


def test_a_change_that_keeps_size_and_time_of_writing_is_seen_by_the_summary_of_the_file(folder: Path) -> None:
    read(folder)
    file = folder / "data/consumption/2024-02-02.parquet"
    before = file.stat()
    put(folder, "2024-02-02", use("a1", 2, 3), use("a2", 2, 5))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert read(folder)[1] == (1, 3)


def test_a_fingerprint_is_taken_of_files_that_are_no_parquet_at_all(tmp_path: Path) -> None:
    for content in (b"", b"x", b"\xff" * 100):
        (tmp_path / "x").write_bytes(content)
        assert fingerprint(tmp_path / "x").size == len(content)


def test_a_fault_in_a_new_file_is_told_as_a_full_reading_tells_it(folder: Path) -> None:
    read(folder)
    put(folder, "2024-02-04", use("nobody", 4))
    with pytest.raises(DataError, match=r"unknown_account") as told:
        read(folder)
    with pytest.raises(DataError) as full:
        open_tables(DataSettings(end=END), folder)
    assert str(told.value) == str(full.value)
    accounts(folder, "a1", "a2", "nobody")
    assert read(folder)[1] == (1, 4)


def test_rows_that_are_let_through_are_left_out_each_time(folder: Path) -> None:
    put(folder, "2024-02-04", use("nobody", 4))
    for _ in range(2):
        tables, files = read(folder, allow=frozenset({"unknown_account"}))
        assert tables["consumption"].count().to_pyarrow().as_py() == 6
        assert files == (4, 4)


def test_an_account_that_is_gone_is_missed_in_files_that_did_not_change(folder: Path) -> None:
    read(folder)
    accounts(folder, "a1")
    with pytest.raises(DataError, match=r"a2.*unknown_account"):
        read(folder)
    accounts(folder, "a1", "a2")
    assert read(folder)[1] == (0, 3)


def test_an_earlier_end_puts_known_rows_into_the_future(folder: Path) -> None:
    read(folder)
    with pytest.raises(DataError, match=r"future_instant"):
        read(folder, end=date(2024, 2, 2))


def test_another_way_to_read_makes_every_file_new(folder: Path) -> None:
    read(folder)
    assert read(folder, delay_hours=3)[1] == (3, 3)
    assert read(folder, delay_hours=3)[1] == (0, 3)


def test_tables_with_rules_across_rows_are_read_as_a_whole(tmp_path: Path) -> None:
    for day in (1, 2):
        put(tmp_path, f"2024-02-0{day}", use("a1", day, event_id="the same"))
    accounts(tmp_path, "a1")
    tables, files = read(tmp_path)
    assert files is None
    assert tables["consumption"].count().to_pyarrow().as_py() == 1


def test_files_whose_columns_differ_in_type_are_read_as_one_table(folder: Path) -> None:
    read(folder)
    put(folder, "2024-02-04", use("a1", 4), types={**TYPES, "quantity": pa.decimal128(10, 2)})
    put(folder, "2024-02-05", {"account_id": "a1", "occurred_at": datetime(2024, 2, 5)})
    read(folder)
    tables, files = read(folder)
    assert files == (0, 5)
    days = tables.marked["consumption"]
    assert days.within is not None
    for day, quantities in ((4, [Decimal(1)]), (5, [None]), (2, [Decimal(1), Decimal(5)])):
        rows = days.within([date(2024, 2, day)])
        assert sorted(rows.to_pyarrow().column("quantity").to_pylist(), key=str) == quantities
        assert rows.schema() == tables["consumption"].schema()


@pytest.mark.parametrize("damaged", ["", "{}", '{"definition": 1}'])
def test_what_is_remembered_and_cannot_be_read_is_not_remembered(folder: Path, damaged: str) -> None:
    read(folder)
    (folder / "readings" / "consumption.json").write_text(damaged)
    assert read(folder)[1] == (3, 3)
