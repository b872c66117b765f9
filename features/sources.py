"""Where a company's tables come from: a file or folder, a query, or a table of a database; brought in as they are."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb import Backend
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from features.contract import CONTRACT
from features.declared import Attribute, attributes_of
from features.errors import Fault

BROUGHT = "brought"
"""The engine's schema that holds what was brought, before it is renamed and typed."""
DRAFTED = "drafted"
"""The engine's schema of what is renamed and typed, before anything is left out."""
PARQUET = (".parquet", ".pq")
TEXT = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".txt")
DATABASE = (".duckdb", ".db", ".ddb")


class TableSource(BaseModel):
    """Where one table comes from, what its columns are called there, and how late its rows arrive."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    file: str | None = None
    """A Parquet or CSV file, a folder of them, or a pattern such as `log-*.parquet`; relative to `data.path`."""
    query: str | None = None
    """SQL for DuckDB; file names in it are relative to `data.path`."""
    table: str | None = None
    """A table of the DuckDB database that `data.path` names."""
    columns: dict[str, str] = {}
    """ours = theirs."""
    delay_hours: float = Field(0, ge=0, le=24 * 366)
    """How long after its event a row can be known, where there is no `recorded_at`."""
    attributes: Annotated[dict[str, Attribute], BeforeValidator(attributes_of)] = {}
    """`accounts`: columns that never change (or have versions, `valid_from`) and become features: `["industry", "vat"]`
    or, each with its purpose, `{ industry = "growth" }`; see `features/declared.py`."""

    @model_validator(mode="after")
    def _one_place(self) -> TableSource:
        places = [name for name in ("file", "query", "table") if getattr(self, name) is not None]
        if len(places) > 1:
            raise ValueError(f"a table comes from one place; these are {' and '.join(places)}: keep one")
        return self


class DataSettings(BaseModel):
    """The `[data]` of the config."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    path: str = "data"
    """The folder of the files (or a DuckDB database file), relative to the config."""
    end: date | None = None
    """The data covers whole days before this one; without it the end is found in the data (see `features.span`)."""
    tables: dict[str, TableSource] = {}
    memory_limit: str | None = Field(None, pattern=r"^\d+(\.\d+)? ?([KMGT]i?B|%)$")
    """What the engine may hold in memory before it spills to disk, such as `4GB`; default: 80 % of the machine's."""
    threads: int | None = Field(None, ge=1)


@dataclass(frozen=True)
class Brought:
    """One table as the company has it: its own column names, its own types."""

    name: str
    rows: ir.Table
    source: TableSource
    in_place: bool = False
    """Whether the engine reads it from typed files each time, rather than from a copy."""
    files: tuple[Path, ...] = ()
    """The Parquet files of which it consists, where it does."""


def connect(data: DataSettings = DataSettings(), base: Path | None = None) -> Backend:  # noqa: B008 (frozen)
    """An engine whose results do not depend on the session's time zone, and that spills to a folder of its own."""
    ibis.options.sql.fuse_selects = False  # the engine does it itself, in a fraction of the time
    connection: Backend = ibis.duckdb.connect()
    spill = tempfile.mkdtemp(prefix="holdfast-")
    weakref.finalize(connection, shutil.rmtree, spill, ignore_errors=True)
    settings: dict[str, str | int | bool] = {
        "TimeZone": "UTC",
        "temp_directory": spill,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
    }
    if data.memory_limit:
        settings["memory_limit"] = data.memory_limit
    if data.threads:
        settings["threads"] = data.threads
    if base is not None:
        folder = base / data.path
        settings["file_search_path"] = f"{folder},{base}"
    for name, value in settings.items():
        connection.raw_sql(f"set {name} = {_quoted(str(value))}")
    for schema in (BROUGHT, DRAFTED):
        connection.raw_sql(f"create schema {schema}")
    return connection


def bring(connection: Backend, data: DataSettings, base: Path) -> tuple[dict[str, Brought], list[Fault]]:
    """Every table that the settings or the names of the files in the data folder say is there, and what went wrong."""
    path = base / data.path
    brought: dict[str, Brought] = {}
    faults: list[Fault] = []
    for name, found in _found(connection, data, path):
        if isinstance(found, Fault):
            faults.append(found)
            continue
        source = data.tables.get(name, TableSource())
        select, in_place, files = found
        try:
            connection.raw_sql(f'create view {BROUGHT}."{name}" as {select}')
            rows = connection.table(name, database=BROUGHT)
        except duckdb.Error as error:
            faults.append(unreadable(name, source, error))
        else:
            brought[name] = Brought(name, rows, source, in_place, files)
    return brought, faults


def keep(connection: Backend, kind: Literal["table", "view"], schema: str, name: str, rows: ir.Table) -> ir.Table:
    """The rows under a name of their own; said in one statement, where Ibis makes a detour over a temporary table."""
    connection.raw_sql(f'create {kind} {schema}."{name}" as {connection.compile(rows)}')
    kept: ir.Table = connection.table(name, database=schema)
    return kept


def bring_frames(connection: Backend, frames: Mapping[str, pd.DataFrame]) -> dict[str, Brought]:
    """The frames as tables of the engine, under the contract's names."""
    brought = {}
    for name in CONTRACT:
        if name in frames:
            connection.con.register("frame", _arrow(frames[name]))
            connection.raw_sql(f'create table {BROUGHT}."{name}" as select * from frame')
            connection.con.unregister("frame")
            brought[name] = Brought(name, connection.table(name, database=BROUGHT), TableSource())
    return brought


Found = tuple[str, bool, tuple[Path, ...]] | Fault
"""The SELECT that brings a table, whether it reads typed files in place, and which; or why it cannot be brought."""


def _found(connection: Backend, data: DataSettings, path: Path) -> Iterator[tuple[str, Found]]:
    """Each table that is somewhere, in the contract's order."""
    database = path.suffix in DATABASE and path.is_file()
    held: set[str] = set()
    if database:
        connection.raw_sql(f"attach {_quoted(str(path))} as company (read_only)")
        held = {row[0] for row in connection.con.execute("select table_name from duckdb_tables()").fetchall()}
        held |= {row[0] for row in connection.con.execute("select view_name from duckdb_views()").fetchall()}
    for name in CONTRACT:
        source = data.tables.get(name)
        if source is not None and source.query is not None:
            yield name, (source.query.strip().rstrip(";"), False, ())
        elif source is not None and source.table is not None:
            yield name, _from_database(name, source.table, database, path)
        elif source is not None and source.file is not None:
            yield name, _from_files(name, path / source.file)
        elif database:
            if name in held:
                yield name, _from_database(name, name, database, path)
        else:
            places = _named_after(name, path)
            if len(places) > 1:
                yield name, _ambiguous(name, places)
            elif places:
                yield name, _from_files(name, places[0])


def _named_after(name: str, path: Path) -> list[Path]:
    """The files and the folder that bear the table's name."""
    files = [path / f"{name}{suffix}" for suffix in (*PARQUET, *TEXT)]
    return [place for place in (*files, path / name) if place.exists()]


def _from_files(name: str, place: Path) -> Found:
    if place.is_dir():
        files = sorted(file for file in place.rglob("*") if _is_parquet(file) or _is_text(file))
    elif any(sign in str(place) for sign in "*?["):
        files = sorted(Path(place.anchor).glob(str(place.relative_to(place.anchor)))) if place.anchor else []
        files = files or sorted(Path().glob(str(place)))
    else:
        files = [place] if place.is_file() else []
    if not files:
        return Fault(
            name,
            "missing_file",
            f"every table that the config names is there; nothing was found at {place}",
            "Correct `file` (it is relative to `data.path`), or take the table out of the config.",
        )
    listed = "[" + ", ".join(_quoted(str(file)) for file in files) + "]"
    if all(_is_parquet(file) for file in files):
        return f"select * from read_parquet({listed}, union_by_name = true)", True, tuple(files)
    if all(_is_text(file) for file in files):
        options = "all_varchar = true, header = true, union_by_name = true"
        return f"select * from read_csv({listed}, {options})", False, ()
    return Fault(
        name,
        "unreadable_file",
        f"a table is made of Parquet files or of CSV files; seen at {place}: {', '.join(f.name for f in files[:5])}",
        "Keep one kind, with the endings .parquet or .csv.",
    )


def _is_parquet(file: Path) -> bool:
    return file.name.endswith(PARQUET)


def _is_text(file: Path) -> bool:
    return file.name.endswith(TEXT)


def _from_database(name: str, table: str, database: bool, path: Path) -> Found:
    if not database:
        return Fault(
            name,
            "missing_file",
            f"`table` reads from a DuckDB database, and `data.path` names none; seen: {path}",
            "Let `data.path` name the .duckdb file, or use `file` or `query`.",
        )
    parts = [f'"{part}"' for part in table.split(".")]
    return f"select * from company.{'.'.join(parts if len(parts) > 1 else ['main', *parts])}", True, ()


def _ambiguous(name: str, places: list[Path]) -> Fault:
    return Fault(
        name,
        "ambiguous_file",
        f"one table has one source; these all bear its name: {', '.join(place.name for place in places)}",
        f"Remove all but one, or say which with `file` in [data.tables.{name}].",
    )


def unreadable(name: str, source: TableSource, error: duckdb.Error) -> Fault:
    """The fault that a table cannot be brought, with the engine's own words."""
    said = " ".join(str(error).split())[:300]
    if source.query is not None:
        rule, message = "failed_query", f"a query yields rows; this one failed with: {said}"
        remedy = f"Correct `query` in [data.tables.{name}]; it is SQL for DuckDB."
    else:
        rule, message = "unreadable_file", f"a table can be read; reading failed with: {said}"
        remedy = "Open the file with another tool: it may be damaged, empty, or of another kind than its name says."
    return Fault(name, rule, message, remedy)


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """The frame for the engine; a column that mixes types becomes text."""
    columns = {}
    for name in frame.columns:
        try:
            values = pa.Array.from_pandas(_without_zone(frame[name]))
            columns[str(name)] = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            texts = [None if pd.isna(value) else str(value) for value in frame[name]]
            columns[str(name)] = pa.array(texts, pa.string())
    return pa.table(columns)


def _without_zone(column: pd.Series[Any]) -> pd.Series[Any]:
    """Instants in UTC: pandas 3.1 warns when a column with a zone is taken out of it."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    return column


def _quoted(text: str) -> str:
    """A literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
