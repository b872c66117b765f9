"""What is remembered of a table's files from one reading to the next, so that a file is read once.

    readings/<table>.json                  by file: its fingerprint, and the mark of each of its days
    readings/<table>-<digest>.parquet      the accounts that were known when its rows were judged

Only files of which no row broke any rule are remembered.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.marked import NOTHING, Mark
from features.reading.fingerprints import Fingerprint

UNDATED = ""
"""In place of a day, rows without an event."""


@dataclass(frozen=True)
class FileRead:
    """One file as it was read."""

    fingerprint: Fingerprint
    days: Mapping[str, Mark]
    """Its rows by local day of their event, or undated."""

    @property
    def mark(self) -> Mark:
        """Of all of its rows."""
        return sum(self.days.values(), NOTHING)


@dataclass(frozen=True)
class Remembered:
    """What is known of one table from earlier readings."""

    definition: str = ""
    """A digest of how its rows were read: of any other way, nothing is known."""
    files: Mapping[str, FileRead] = field(default_factory=dict)
    """By path."""
    accounts: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    """Those that were known: no row of any file names another."""

    @classmethod
    def read(cls, folder: Path, table: str, definition: str) -> Remembered:
        """What is remembered of the table, if it was read in that way."""
        try:
            content = json.loads((folder / f"{table}.json").read_bytes())
            if content["definition"] != definition:
                return cls(definition)
            accounts = pq.read_table(folder / content["accounts"]).column("account_id").combine_chunks()
            files = {path: _file(line) for path, line in content["files"].items()}
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
            return cls(definition)
        return cls(definition, files, accounts)

    def write(self, folder: Path, table: str) -> None:
        """Puts it into the folder, in one move."""
        folder.mkdir(parents=True, exist_ok=True)
        told = hashlib.sha256("\n".join(self.accounts.to_pylist()).encode()).hexdigest()[:16]
        accounts = f"{table}-{told}.parquet"
        if not (folder / accounts).is_file():
            aside = folder / f".{accounts}.{os.getpid()}"
            pq.write_table(pa.table({"account_id": self.accounts}), aside)
            aside.replace(folder / accounts)
        lines = {path: _line(file) for path, file in self.files.items()}
        content = {"definition": self.definition, "accounts": accounts, "files": lines}
        aside = folder / f".{table}.json.{os.getpid()}"
        aside.write_text(json.dumps(content) + "\n", encoding="utf-8")
        aside.replace(folder / f"{table}.json")
        for former in folder.glob(f"{table}-*.parquet"):
            if former.name != accounts:
                former.unlink(missing_ok=True)  # who reads the old list by its name takes it as not remembered


def days_of(parts: Mapping[date | None, Mark]) -> dict[str, Mark]:
    """Days as they are remembered."""
    return {day.isoformat() if day else UNDATED: mark for day, mark in parts.items()}


def _line(file: FileRead) -> list[Any]:
    days = {
        day: [mark.rows, str(mark.digest), mark.known_at.isoformat() if mark.known_at else None]
        for day, mark in file.days.items()
    }
    return [*file.fingerprint, days]


def _file(line: list[Any]) -> FileRead:
    size, written, summary, days = line
    marks = {
        day: Mark(int(rows), int(digest), datetime.fromisoformat(known) if known else None)
        for day, (rows, digest, known) in days.items()
    }
    return FileRead(Fingerprint(int(size), int(written), str(summary)), marks)
