"""Tables are read, typed and checked alike on every engine: the same rows, the same faults in the same words."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from features.data_settings import DataSettings
from features.errors import DataError
from features.reading.opening import tables_from_frames
from features.tables import Tables
from tests.text_tables import parse_tables

ACCOUNTS = """
    account_id | signed_up_at        | segment
    a1         | 2024-01-01          | Übung
    a2         | 2024-01-01 12:00    |
    a3         | 2024-01-02T23:30:00+02:00 | x
"""
CONSUMPTION = """
    account_id | occurred_at             | product | quantity      | event_id | recorded_at
    a1         | 2024-01-02 10:00        | search  | 1.5           |          |
    a2         | 2024-02-29 23:59:59.123456 |      | 2             | e1       | 2024-03-01 01:00
    a2         | 2024-02-29 23:59:59.123456 | b    | 3             | e1       | 2024-02-29 23:59:59.5
    a1         | 2024-01-05              | 007     | 1e3           | e2       |
    a1         | 2024-01-05              | B       | -0.0000005    |          |
    a3         | 2024-01-06 00:00:00+09:00 | b       | 999999999999.9999994 |   |
"""
BROKEN = """
    account_id | occurred_at      | quantity | status
    a1         | 2024-01-02 10:00 | many     | ok
    a1         | yesterday        | 1        | fine
    a9         | 2024-02-30       | inf      | error
               | 2024-02-29       | 1e12     | ok
    a1         | 2031-01-01       | nan      |
"""


def test_the_same_rows_come_out(engine: DataSettings) -> None:
    frames = parse_tables(accounts=ACCOUNTS, consumption=CONSUMPTION)
    for timezone in ("UTC", "Asia/Kolkata"):
        here, there = read(frames, DataSettings(), timezone), read(frames, engine, timezone)
        assert rows(there, "accounts") == rows(here, "accounts")
        assert rows(there, "consumption") == rows(here, "consumption")
        assert there.calendar == here.calendar
    assert len(rows(there, "consumption")) == 5, "of the two rows that bear e1 the one known first is kept"


def test_typed_columns_become_the_same_rows(engine: DataSettings) -> None:
    frames = {
        "accounts": pd.DataFrame({"account_id": [17.0, 18.0], "signed_up_at": [date(2024, 1, 1)] * 2}),
        "consumption": pd.DataFrame(
            {
                "account_id": [17, 18, 18],
                "occurred_at": pd.to_datetime(["2024-01-02 10:00", "2024-01-03 00:00", "2024-02-01 00:00"]).tz_localize(
                    "Europe/Berlin"
                ),
                "quantity": [0.1234565, 1234567890.123456, float("nan")],
                "value": [Decimal("0.5"), None, Decimal("2")],
            }
        ),
    }
    here, there = read(frames, DataSettings(), "Europe/Berlin"), read(frames, engine, "Europe/Berlin")
    for name in frames:
        assert rows(there, name) == rows(here, name)
    assert rows(there, "consumption")[0]["occurred_at"] == datetime(2024, 1, 2, 9)


def test_the_same_faults_are_found_and_told_in_the_same_words(engine: DataSettings) -> None:
    frames = parse_tables(accounts=ACCOUNTS, consumption=BROKEN)
    told = [str(refused(frames, settings)) for settings in (DataSettings(), engine)]
    assert told[1] == told[0]
    assert all(
        rule in told[0]
        for rule in ("wrong_type", "infinity", "number_too_large", "null_key", "unknown_value", "unknown_account")
    )


def test_allowed_faults_leave_the_same_rows(engine: DataSettings) -> None:
    frames = parse_tables(accounts=ACCOUNTS, consumption=BROKEN)
    allow = frozenset({"wrong_type", "infinity", "number_too_large", "null_key", "unknown_value", "unknown_account",
                       "future_instant", "null_value"})  # fmt: skip
    kept = [
        rows(tables_from_frames(frames, end=date(2024, 3, 1), allow=allow, data=settings), "accounts")
        for settings in (DataSettings(), engine)
    ]
    assert kept[1] == kept[0]


def test_the_digest_does_not_depend_on_the_order_of_rows_and_does_on_their_values(engine: DataSettings) -> None:
    frames = parse_tables(accounts=ACCOUNTS, consumption=CONSUMPTION)
    turned = {name: frame.iloc[::-1] for name, frame in frames.items()}
    other = {**frames, "accounts": frames["accounts"].assign(segment=["Übung", "x", None])}
    digest = read(frames, engine).digest
    assert read(turned, engine).digest == digest
    assert read(other, engine).digest != digest


def read(frames: dict[str, pd.DataFrame], engine: DataSettings, timezone: str = "UTC") -> Tables:
    """The tables, typed; nothing is judged."""
    return tables_from_frames(frames, timezone=timezone, end=date(2024, 3, 1), check=False, data=engine)


def refused(frames: dict[str, pd.DataFrame], engine: DataSettings) -> DataError:
    """What is found when the tables are judged."""
    with pytest.raises(DataError) as caught:
        tables_from_frames(frames, end=date(2024, 3, 1), data=engine)
    return caught.value


def rows(tables: Tables, name: str) -> list[dict[str, Any]]:
    """A table's rows in the order of their values."""
    listed: list[dict[str, Any]] = tables[name].to_pyarrow().to_pylist()
    return sorted(listed, key=lambda row: tuple((value is None, str(value)) for value in row.values()))
