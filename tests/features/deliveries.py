"""A company whose rows come over time as files on a disk: late, corrected, deleted, in files that are cut anew."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from features.contract import columns_of, dtype_of, event_of
from features.data_settings import DataSettings
from features.reading.arrivals import Memory
from features.reading.opening import open_tables
from features.tables import Tables
from tests.features.companies import END, Company, Row

BY_FILE = ("consumption", "satisfaction")
"""Tables that come as a folder of files."""


class Deliveries:
    """What of a company is there so far, and what is still to come."""

    def __init__(self, company: Company, folder: Path, pick: random.Random) -> None:
        self.company, self.folder, self.pick = company, folder / "data", pick
        self.files: dict[str, list[Row]] = {}
        """By path, the rows of each file of the tables that come in several."""
        self.coming = {table: list(company.brought[table]) for table in BY_FILE}
        self.number = 0
        for rows in self.coming.values():
            pick.shuffle(rows)
        for table, rows in company.brought.items():
            if table not in BY_FILE:
                self.write(f"{table}.parquet", table, rows)

    def tables(self, memory: Memory | None = None, end: date = END) -> Tables:
        """Read and checked."""
        settings = self.company.settings(DataSettings(end=end))
        return open_tables(settings, self.folder.parent, timezone=self.company.timezone, memory=memory)

    def days(self, table: str) -> dict[date, Counter[str]]:
        """The rows of each local day, as they are now."""
        days: dict[date, Counter[str]] = {}
        for path, rows in self.files.items():
            if path.startswith(f"{table}/"):
                for row in rows:
                    days.setdefault(self.company.day(row[event_of(table)[0]]), Counter())[repr(row)] += 1
        return days

    def arrive(self, table: str, count: int) -> None:
        """So many rows that were to come, in a file of their own; of any day, so that most are late."""
        rows = [self.coming[table].pop() for _ in range(min(count, len(self.coming[table])))]
        self.put(self.new_path(table), rows)

    def correct(self, table: str) -> None:
        """Another value in one row."""
        path, at = self.some_row(table)
        column = "quantity" if table == "consumption" else "score"
        rows = list(self.files[path])
        rows[at] = {**rows[at], column: Decimal(self.pick.randrange(100)) / 8}
        self.put(path, rows)

    def move(self, table: str) -> None:
        """One row happened on another day."""
        path, at = self.some_row(table)
        rows = list(self.files[path])
        event = event_of(table)[0]
        rows[at] = {**rows[at], event: rows[at][event] - timedelta(days=self.pick.randrange(1, 3)), "recorded_at": None}
        self.put(path, rows)

    def delete(self, table: str) -> None:
        """One row less; the last of a file takes it along."""
        path, at = self.some_row(table)
        self.put(path, [row for number, row in enumerate(self.files[path]) if number != at])

    def cut_anew(self, table: str) -> None:
        """The same rows in other files: of all, one or two are made."""
        paths = [path for path in self.files if path.startswith(f"{table}/")]
        rows = [row for path in paths for row in self.files[path]]
        self.pick.shuffle(rows)
        for path in paths:
            self.put(path, [])
        middle = self.pick.randrange(len(rows) + 1)
        self.put(self.new_path(table), rows[:middle])
        self.put(self.new_path(table), rows[middle:])

    def touch(self, table: str) -> None:
        """A file is written again as it is."""
        path, _ = self.some_row(table)
        self.put(path, self.files[path])

    def some_row(self, table: str) -> tuple[str, int]:
        """The file and the place of one of the rows."""
        path = self.pick.choice(sorted(path for path in self.files if path.startswith(f"{table}/")))
        return path, self.pick.randrange(len(self.files[path]))

    def new_path(self, table: str) -> str:
        """A file that is not there yet."""
        self.number += 1
        return f"{table}/{self.pick.randrange(1000):03}-{self.number}.parquet"

    def put(self, path: str, rows: list[Row]) -> None:
        """Writes a file of one of the tables that come in several; without rows it is gone."""
        if rows:
            self.files[path] = rows
            self.write(path, path.partition("/")[0], rows)
        elif path in self.files:
            del self.files[path]
            (self.folder / path).unlink()

    def write(self, path: str, table: str, rows: list[Row]) -> None:
        """A Parquet file in the contract's types."""
        columns = [column for column in columns_of(table) if f"{table}.{column}" not in self.company.without]
        held = {c: pa.array([row[c] for row in rows], dtype_of(table, c).to_pyarrow()) for c in columns}
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(held), self.folder / path)
