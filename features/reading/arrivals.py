"""A table that is a folder of files, of which only those are read that came or changed since the last reading.

    arrivals = Arrivals.of(connection, brought, draft, timezone, memory)     # None where the table is read as a whole
    arrivals.event_days()                                                     # of all files
    arrivals.judged(calendar, accounts)                                       # new files, where they have no faults
    arrivals.marked(rows, calendar)                                           # of all files

What holds for each file by itself (types, values, instants not after the end, accounts that are known) is asked of new
files alone. Tables with rules across rows (a key, `event_id`), and those with columns that are filled in later, are
read as a whole each time: see `docs/decisions/0017-incremental.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.duckdb import Backend

from features.clock import Calendar, zone
from features.contract import CONTRACT, columns_of, event_of, instants_of, key_of, values_of
from features.engines.sql import identifier, quoted
from features.errors import DataError
from features.marked import NOTHING, Mark, Marked
from features.reading.draft import Draft, draft_table
from features.reading.faults import Judged, judge
from features.reading.fingerprints import Fingerprint, fingerprint
from features.reading.marks import counted, digest_of, quarter_of, rows_within, told_apart
from features.reading.remembered import UNDATED, FileRead, Remembered, days_of
from features.reading.sources import BROUGHT, Brought
from features.reading.span import EventDays

LAYOUT = "1"
"""Changes whenever rows are judged or marked in another way, so that what is remembered is not believed any more."""
FILE = "holdfast file"
"""The column that says which file a row is from."""


@dataclass
class Memory:
    """Where readings are remembered, and how many files this one had to read."""

    folder: Path
    anew: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By table, how many files were read, of how many."""

    @property
    def in_words(self) -> str:
        """`consumption 1 of 548 files`; empty where no table is read file by file."""
        return ", ".join(f"{table} {few:,} of {many:,} files" for table, (few, many) in sorted(self.anew.items()))


@dataclass(frozen=True)
class Arrivals:
    """One table, the files that are known from earlier readings, and those that are not."""

    connection: Backend
    brought: Brought
    draft: Draft
    timezone: str
    memory: Memory
    remembered: Remembered
    known: Mapping[str, FileRead]
    new: Mapping[str, FileRead]

    @classmethod
    def of(
        cls, connection: Backend, brought: Brought, draft: Draft, timezone: str, memory: Memory | None
    ) -> Arrivals | None:
        """The table file by file, the new ones marked; None where it has to be read as a whole."""
        if memory is None or not brought.files or not _by_file(draft):
            return None
        prints = {str(file): fingerprint(file) for file in brought.files}
        remembered = Remembered.read(memory.folder, draft.name, _definition(draft, timezone))
        known = {
            path: remembered.files[path]
            for path, state in prints.items()
            if path in remembered.files and remembered.files[path].fingerprint == state
        }
        fresh = {path: state for path, state in prints.items() if path not in known}
        self = cls(connection, brought, draft, timezone, memory, remembered, known, {})
        return replace(self, new=self._read(fresh)) if fresh else self

    def event_days(self) -> EventDays:
        """Its rows by local day."""
        days = self._days()
        years = frozenset(day.year for day in days)
        return EventDays(self.draft.name, {day: mark.rows for day, mark in days.items()}, frozenset(), years)

    def judged(self, calendar: Calendar | None, accounts: ir.Table | None) -> Judged:
        """The table with its rows judged: new files where what is known of the others still holds, else all of it."""
        if calendar is None or accounts is None:
            return judge(self.draft, calendar, accounts)
        ids = _ids(self.connection, accounts)
        clean = self._still_clean(calendar, ids)
        judged = self._judged_by_file(calendar, accounts) if clean else None
        few = len(self.new) if judged is not None else len(self._files)
        self.memory.anew[self.draft.name] = (few, len(self._files))
        judged = judged or judge(self.draft, calendar, accounts)
        if not judged.faults and (self.new or ids != self.remembered.accounts):
            Remembered(self.remembered.definition, self._files, ids).write(self.memory.folder, self.draft.name)
        return judged

    def _still_clean(self, calendar: Calendar, accounts: pa.Array) -> bool:
        """Whether no row of the known files can break a rule now that broke none before."""
        if max(self._days(), default=calendar.end) > calendar.end:
            return False
        return not self.known or bool(
            pc.all(pc.is_in(self.remembered.accounts, value_set=accounts)).as_py() is not False
        )

    def _judged_by_file(self, calendar: Calendar, accounts: ir.Table) -> Judged | None:
        """The whole table as one without faults; None where a new file has any, which are then looked for in all."""
        if self.new and judge(self._part(list(self.new)), calendar, accounts).faults:
            return None
        return Judged(self.draft, self.draft.rows, (), (), self._whole().rows)

    def marked(self, rows: ir.Table, calendar: Calendar) -> tuple[Marked, Mark]:
        """The table's marks, which only hold where nothing of it was left out, and that of all of its rows."""
        days = told_apart(self._days(), calendar)

        @lru_cache(maxsize=1)
        def of_days(days: tuple[date, ...]) -> ir.Table:
            # several rollups ask for the same days one after the other
            wanted = {day.isoformat() for day in days}
            paths = [path for path, file in self._files.items() if wanted & file.days.keys()]
            part = self._part(paths or list(self._files)[:1])
            return rows_within(part.contract_rows, part.event(), days, calendar)

        def within(days: Sequence[date]) -> ir.Table:
            return of_days(tuple(days))

        whole = self._whole()
        return Marked(rows, digest_of(self.draft.name, rows.columns, whole), days, within), whole

    @property
    def _files(self) -> dict[str, FileRead]:
        return {**self.known, **self.new}

    def _whole(self) -> Mark:
        return sum((file.mark for file in self._files.values()), NOTHING)

    def _days(self) -> dict[date, Mark]:
        """The marks of all files by day, in order."""
        found: dict[str, Mark] = {}
        for file in self._files.values():
            for day, mark in file.days.items():
                found[day] = found.get(day, NOTHING) + mark
        return {date.fromisoformat(day): mark for day, mark in sorted(found.items()) if day != UNDATED}

    def _read(self, files: Mapping[str, Fingerprint]) -> dict[str, FileRead]:
        """The marks of each of these files, by one look at all of them."""
        part = self._part(list(files))
        listed = [*part.columns, "known_at"]
        place = f"({self.connection.compile(part.rows)})"
        by = [identifier(f"brought.{FILE}"), quarter_of(event_of(self.draft.name)[0])]
        found = counted(self.connection, listed, place, by)
        tz = zone(self.timezone)
        marks: dict[str, dict[date | None, Mark]] = {path: {} for path in files}
        for (path, quarter), mark in found.items():
            days, day = marks[path], _day(quarter, tz) if quarter else None
            days[day] = days.get(day, NOTHING) + mark
        return {path: FileRead(state, days_of(marks[path])) for path, state in files.items()}

    def _part(self, paths: Sequence[str]) -> Draft:
        """The draft of some of the files, typed as all of them together are."""
        view = ibis.util.gen_name("part")
        listed = ", ".join(quoted(path) for path in paths)
        read = f"read_parquet([{listed}], union_by_name = true, filename = '{FILE}')"
        described = self.connection.con.execute(f"describe select * from {read}").fetchall()
        there = {name for name, *_ in described}
        whole = self.connection.con.execute(f'describe {BROUGHT}."{self.draft.name}"').fetchall()
        columns = [
            f"{identifier(name) if name in there else 'null'}::{kind} as {identifier(name)}" for name, kind, *_ in whole
        ]
        columns.append(identifier(FILE))
        self.connection.raw_sql(f'create temp view "{view}" as select {", ".join(columns)} from {read}')
        brought = replace(self.brought, rows=self.connection.table(view), files=())
        drafted = draft_table(self.connection, brought, self.timezone)
        if drafted.draft is None:
            raise DataError(drafted.faults)
        return drafted.draft


def _by_file(draft: Draft) -> bool:
    """Whether all rules of the table are about single rows, and each row has one event and nothing filled in later."""
    return (
        draft.in_place
        and len(event_of(draft.name)) == 1
        and not key_of(draft.name)
        and "event_id" not in draft.columns
        and not {*instants_of(draft.name, "late"), *instants_of(draft.name, "planned")} & set(draft.columns)
        and FILE not in draft.brought
    )


def _definition(draft: Draft, timezone: str) -> str:
    """A digest of how rows are read and marked: columns and types, theirs and ours, the rules, the engine."""
    declared = {
        name: (str(column), column.metadata, column.nullable, values_of(draft.name, name))
        for name, column in columns_of(draft.name).items()
    }
    told = (LAYOUT, duckdb.__version__, timezone, str(ibis.to_sql(draft.rows)), declared, CONTRACT[draft.name].metadata)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def _ids(connection: Backend, accounts: ir.Table) -> pa.Array:
    """The accounts that are known, in order."""
    known = accounts.filter(accounts["account_id"].notnull()).select("account_id").distinct().order_by("account_id")
    ids: pa.Array = connection.to_pyarrow(known).column("account_id").combine_chunks().cast(pa.string())
    return ids


def _day(quarter: datetime, tz: ZoneInfo) -> date:
    return quarter.replace(tzinfo=UTC).astimezone(tz).date()
