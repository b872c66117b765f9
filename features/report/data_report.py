"""The data report: what a company brings, what is wrong with it, what is suspicious, and what its gaps cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from features.contract import CONTRACT, columns_of, cost_of
from features.data_settings import DataSettings
from features.errors import Fault
from features.feature import Feature
from features.library.catalogue import LIBRARY
from features.library.library import Library
from features.reading.draft import Notice
from features.reading.faults import check_allowed
from features.reading.opening import Reading, read_company
from features.report.computed import Computed
from features.report.contradictions import CONTRADICTIONS
from features.report.oddities import ODDITIES
from features.report.suspicion import Evidence, Suspicion
from features.tables import Tables


@dataclass(frozen=True)
class TableFound:
    """One table that is there and whose structure is sound."""

    name: str
    rows: int
    first: date | None
    """First local day with an event; None for a table that only describes."""
    last: date | None
    accounts: int | None
    """How many different accounts its rows are about; None where they are about none."""


UNDATED = (
    "nothing dates it, so that no feature is made of it; bring its versions with valid_from or, if it never changes, "
    "name it in `attributes` of [data.tables.accounts]"
)


@dataclass(frozen=True)
class Absence:
    """A table, or an optional column of a table that is there, which the company does not bring."""

    table: str
    column: str | None
    cost: str
    """In words."""
    features: tuple[str, ...] = ()
    """The names of the features that are lost."""


@dataclass(frozen=True)
class DataReport:
    """Whether the data can be used, and everything that its owner should know about it."""

    start: date | None
    """First day that the data covers; None where no end was found."""
    end: date | None
    """The day before which whole days are covered."""
    end_given: bool
    """Whether the settings say so, rather than the data."""
    tables: tuple[TableFound, ...]
    absent: tuple[Absence, ...]
    faults: tuple[Fault, ...]
    """All of them, the allowed ones too."""
    allowed: frozenset[str]
    warnings: tuple[Suspicion, ...]
    notices: tuple[Notice, ...]
    computed: Computed | None = None
    """None where the data covers no day."""

    @property
    def refusals(self) -> tuple[Fault, ...]:
        """The faults that keep the data from being used."""
        return tuple(fault for fault in self.faults if fault.structural or fault.rule not in self.allowed)

    @property
    def usable(self) -> bool:
        """Whether nothing keeps the data from being used."""
        return not self.refusals

    def as_json(self) -> dict[str, Any]:
        """The report for a program: plain values only."""
        return {
            "usable": self.usable,
            "start": None if self.start is None else self.start.isoformat(),
            "end": None if self.end is None else self.end.isoformat(),
            "end_given": self.end_given,
            "tables": [_plain(asdict(table)) for table in self.tables],
            "absent": [_plain(asdict(absence)) for absence in self.absent],
            "faults": [{**_plain(asdict(fault)), "allowed": fault not in self.refusals} for fault in self.faults],
            "warnings": [{**_plain(asdict(warning)), "share": round(warning.share, 6)} for warning in self.warnings],
            "notices": [_plain(asdict(notice)) for notice in self.notices],
            "features": None if self.computed is None else asdict(self.computed),
        }


def data_report(
    data: DataSettings,
    base: Path,
    timezone: str = "UTC",
    allow: frozenset[str] = frozenset(),
    library: Library = LIBRARY,
) -> DataReport:
    """Reads and judges everything, without writing anything; `library` says which features there could be.

    Raises:
        ConfigError: `allow` names no row-level rule, or there is no such time zone.
    """
    allow = check_allowed(allow)
    return report_of(read_company(data, base, timezone, allow), data.end is not None, allow, library)


def report_of(
    reading: Reading,
    end_given: bool = False,
    allow: frozenset[str] = frozenset(),
    library: Library = LIBRARY,
) -> DataReport:
    """The report on what was read."""
    calendar, there = reading.calendar, _there(reading)
    tables = tuple(_found(reading, name) for name in reading.drafts)
    warnings: tuple[Suspicion, ...] = ()
    if calendar is not None:
        rows = {table.name: table.rows for table in tables}
        evidence = Evidence(reading.connection, reading.drafts, reading.days, calendar, rows)
        warnings = tuple(found for rule in (*CONTRADICTIONS, *ODDITIES) for found in rule(evidence))
    return DataReport(
        start=None if calendar is None else calendar.start,
        end=None if calendar is None else calendar.end,
        end_given=end_given,
        tables=tables,
        absent=_absent(reading, {} if there is None else library.unavailable(there)),
        faults=reading.faults,
        allowed=allow,
        warnings=warnings,
        notices=reading.notices,
        computed=None if there is None else Computed.of(library, there),
    )


def render(report: DataReport) -> str:
    """The report as plain text, the verdict last."""
    parts = [_render_span(report), _render_tables(report)]
    headings = (
        ("What is missing, and what that costs", [_render_absence(absence) for absence in report.absent]),
        ("Notices", [str(notice) for notice in report.notices]),
        ("Warnings: allowed, but suspicious", [str(warning) for warning in report.warnings]),
        ("Faults let through to the quarantine", [str(f) for f in report.faults if f not in report.refusals]),
        ("Faults", [str(fault) for fault in report.refusals]),
    )
    for heading, lines in headings:
        if lines:
            parts.append("\n".join([heading, *(f"  - {line}" for line in lines)]))
    parts += [str(report.computed)] if report.computed else []
    return "\n\n".join([*parts, _verdict(report)])


def _found(reading: Reading, name: str) -> TableFound:
    draft = reading.drafts[name]
    rows = draft.rows
    measured = {"rows": rows.count()}
    if "account_id" in draft.columns:
        measured["accounts"] = rows["account_id"].nunique()
    counted = rows.aggregate(**measured).to_pyarrow().to_pylist()[0]
    days = reading.days[name]
    return TableFound(name, int(counted["rows"]), days.first, days.last, counted.get("accounts"))


def _there(reading: Reading) -> Tables | None:
    """The tables whose structure is sound, whatever their rows; None where they cover no day."""
    if reading.calendar is None:
        return None
    rows = {name: draft.contract_rows for name, draft in reading.drafts.items()}
    return Tables(
        reading.connection,
        rows,
        reading.calendar,
        digest="",
        static=reading.static,
        barred=reading.barred,
        delays=reading.delays,
    )


def _absent(reading: Reading, unavailable: Mapping[str, Sequence[Feature]]) -> tuple[Absence, ...]:
    """Absent tables, then absent optional columns that cost something, in the contract's order."""
    lost = {place: tuple(feature.name for feature in features) for place, features in unavailable.items()}
    broken = {fault.table for fault in reading.faults if fault.structural and fault.rule != "missing_table"}
    tables = [
        Absence(name, None, cost_of(name), lost.get(name, ()))
        for name in CONTRACT
        if name not in reading.drafts and name not in broken
    ]
    columns = [
        Absence(name, column, UNDATED if column in draft.columns else cost_of(name, column), lost.get(place, ()))
        for name, draft in reading.drafts.items()
        for column in columns_of(name)
        if not reading.columns.has(name, column)
        and ((place := f"{name}.{column}") in lost or (column not in draft.columns and cost_of(name, column)))
    ]
    return (*tables, *columns)


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
        for key, value in record.items()
    }


def _render_span(report: DataReport) -> str:
    if report.end is None:
        return "The data covers no day that could be found."
    how = "as the config says" if report.end_given else "found in the data"
    return f"The data covers the days from {report.start} up to, not including, {report.end} ({how})."


def _render_tables(report: DataReport) -> str:
    header = ("table", "rows", "accounts", "first day", "last day")
    rows = [
        (
            table.name,
            f"{table.rows:,}",
            "" if table.accounts is None else f"{table.accounts:,}",
            str(table.first or ""),
            str(table.last or ""),
        )
        for table in report.tables
    ]
    widths = [max(len(row[position]) for row in (header, *rows)) for position in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if position in (1, 2) else cell.ljust(width)
            for position, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (header, *rows)
    )


def _render_absence(absence: Absence) -> str:
    place = absence.table if absence.column is None else f"{absence.table}.{absence.column}"
    count = len(absence.features)
    features = f"{count} feature{'' if count == 1 else 's'} less" if count else ""
    return f"{place}: " + "; ".join(part for part in (absence.cost.rstrip("."), features) if part) + "."


def _verdict(report: DataReport) -> str:
    if not report.usable:
        count = len(report.refusals)
        return f"The data cannot be used: {count} fault{'' if count == 1 else 's'} to correct first."
    if report.warnings:
        count = len(report.warnings)
        return f"The data can be used, with {count} warning{'' if count == 1 else 's'} to look into."
    return "The data can be used."
