"""DuckDB: in this process, out of core, over files, a database of its own kind, or queries. The default."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.util import gen_name

from features.contract import CONTRACT
from features.engines.engine import Place, Schema
from features.engines.files import Files, files_at, files_named_after
from features.engines.sql import quoted
from features.errors import Fault

if TYPE_CHECKING:
    from features.data_settings import DataSettings

DATABASE = (".duckdb", ".db", ".ddb")


def _hash(text: object) -> None:
    """The engine's `hash`."""


_hashed = ibis.udf.scalar.builtin(_hash, name="hash", signature=((dt.string,), dt.uint64))


class DuckDB:
    """See `features.engines.engine.Engine`."""

    dialect = "DuckDB"
    at_once = None
    errors = (duckdb.Error,)

    def connect(self, data: DataSettings, base: Path | None) -> BaseBackend:
        """An engine that spills to a folder of its own."""
        connection = ibis.duckdb.connect()
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
            connection.raw_sql(f"set {name} = {quoted(str(value))}")
        for schema in ("brought", "drafted"):
            connection.raw_sql(f"create schema {schema}")
        return connection

    def places(self, connection: Any, data: DataSettings, base: Path) -> Iterator[tuple[str, Place | Fault]]:
        """Files, tables of the database that `data.path` names, or queries."""
        path = base / data.path
        database = path.suffix in DATABASE and path.is_file()
        held: set[str] = set()
        if database:
            connection.raw_sql(f"attach {quoted(str(path))} as company (read_only)")
            held = {row[0] for row in connection.con.execute("select table_name from duckdb_tables()").fetchall()}
            held |= {row[0] for row in connection.con.execute("select view_name from duckdb_views()").fetchall()}
        for name in CONTRACT:
            source = data.tables.get(name)
            if source is not None and source.query is not None:
                yield name, Place(source.query.strip().rstrip(";"), in_place=False)
            elif source is not None and source.table is not None:
                yield name, _of_database(name, source.table, database, path)
            elif source is not None and source.file is not None:
                yield name, _of_files(files_at(name, path / source.file))
            elif database:
                if name in held:
                    yield name, _of_database(name, name, database, path)
            elif found := files_named_after(name, path):
                yield name, _of_files(found)

    def bring(self, connection: Any, name: str, place: Place) -> ir.Table:
        """A view."""
        connection.raw_sql(f"create view {self.place_of('brought', name)} as {place.what}")
        brought: ir.Table = connection.table(name, database="brought")
        return brought

    def bring_rows(self, connection: Any, name: str, rows: pa.Table) -> ir.Table:
        """A table."""
        connection.con.register("frame", rows)
        connection.raw_sql(f"create table {self.place_of('brought', name)} as select * from frame")
        connection.con.unregister("frame")
        brought: ir.Table = connection.table(name, database="brought")
        return brought

    def keep(
        self, connection: Any, kind: Literal["table", "view"], schema: Schema, name: str, rows: ir.Table
    ) -> ir.Table:
        """Said in one statement, where Ibis makes a detour over a temporary table."""
        connection.raw_sql(f"create {kind} {self.place_of(schema, name)} as {connection.compile(rows)}")
        kept: ir.Table = connection.table(name, database=schema)
        return kept

    def hold(self, connection: Any, rows: ir.Table, until: ExitStack) -> ir.Table:
        """A temporary table, whose types are those that the rows are said to have."""
        name = gen_name("scratch")
        until.callback(connection.raw_sql, f'drop table if exists "{name}"')
        held: ir.Table = connection.create_table(name, rows, temp=True)
        return held

    def place_of(self, schema: Schema, name: str) -> str:
        """A table of a schema."""
        return f'{schema}."{name}"'

    def row_hash(self, columns: Sequence[str]) -> str:
        """The engine's own."""
        listed = ", ".join(f'"{column}"' for column in columns)
        return f"hash({listed})"

    def hashed(self, text: ir.Value) -> ir.Value:
        """The engine's own, unsigned."""
        return _hashed(text)

    def row(self, connection: Any, sql: str) -> tuple[Any, ...]:
        """Fetched by the engine's own client."""
        row: tuple[Any, ...] = connection.con.execute(sql).fetchone()
        return row


def _of_files(found: Files | Fault) -> Place | Fault:
    if isinstance(found, Fault):
        return found
    listed = "[" + ", ".join(map(quoted, found.paths)) + "]"
    if found.kind == "parquet":
        return Place(f"select * from read_parquet({listed}, union_by_name = true)", True, tuple(map(Path, found.paths)))
    options = "all_varchar = true, header = true, union_by_name = true"
    return Place(f"select * from read_csv({listed}, {options})", in_place=False)


def _of_database(name: str, table: str, database: bool, path: Path) -> Place | Fault:
    if not database:
        return Fault(
            name,
            "missing_file",
            f"`table` reads from a DuckDB database, and `data.path` names none; seen: {path}",
            "Let `data.path` name the .duckdb file, or use `file` or `query`.",
        )
    parts = [f'"{part}"' for part in table.split(".")]
    listed = ".".join(parts if len(parts) > 1 else ["main", *parts])
    return Place(f"select * from company.{listed}", in_place=True)


ENGINE = DuckDB()
