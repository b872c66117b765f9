"""Postgres: a company's tables stay there, and all that Holdfast makes of them are temporary tables and views.

It needs the rights to connect, to read those tables and to make temporary tables; it never writes anywhere else, and
with the end of the session all of it is gone. Only members of cohorts go there, and only features come back.
"""

from __future__ import annotations

import os
import re
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import ibis
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.util import gen_name
from psycopg.conninfo import conninfo_to_dict

from features.contract import CONTRACT
from features.engines.engine import Place, Schema
from features.engines.postgres_connection import Connection
from features.engines.postgres_sql import PostgresSql
from features.engines.session import answering, memory_of, named, schema_of, whole
from features.engines.sql import identifier
from features.errors import ConfigError, Fault

if TYPE_CHECKING:
    from features.data_settings import DataSettings

OLDEST = 160000
"""The first version that can say whether a text is an instant (`pg_input_is_valid`)."""
CASES = ("pg_c_utf8", "und-x-icu", "C.utf8", "C.UTF-8", "default")
"""Collations that know the capitals of all alphabets, the surest first."""
SESSION = {
    "application_name": "holdfast",
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "client_min_messages": "warning",
    "jit": "off",  # many short queries over many columns: compiling them takes longer than running them
    "enable_nestloop": "off",  # of common table expressions the planner takes a handful of rows for granted
    "work_mem": "64MB",
}
"""So that a row's text, and by it the data's digest, is the same in every session."""


class Postgres:
    """See `features.engines.engine.Engine`."""

    dialect = "Postgres"
    at_once = None
    errors = (psycopg.Error,)

    def connect(self, data: DataSettings, base: Path) -> BaseBackend:  # noqa: ARG002  it has no files
        """A session of its own."""
        parameters = _parameters(data)
        place = f"{parameters.get('host') or 'this machine'}, database {parameters.get('database') or '(default)'}"
        rule = "[data] engine = 'postgres' needs a server that answers"
        remedy = "Start it, or correct data.path, the user, or the password's variable."
        with answering(self.errors, rule, remedy, who=f"{place},"):
            connection = Connection().connect(**parameters)
        weakref.finalize(connection, connection.con.close)
        version = connection.con.info.server_version
        if version < OLDEST:
            raise ConfigError(
                f"[data] engine = 'postgres' needs Postgres {OLDEST // 10000} or later; this server is version "
                f"{version // 10000}. Use a later one, or export the tables as Parquet."
            )
        with connection.con.cursor() as cursor:
            path = f"{identifier(data.namespace)}, public"
            for name, value in {**SESSION, **_limits(data), "search_path": path}.items():
                cursor.execute("select set_config(%s, %s, false)", (name, value))
            known = cursor.execute("select collname from pg_collation where collname = any(%s)", (list(CASES),))
            names = {row[0] for row in known.fetchall()}
        connection.compiler = PostgresSql(next(name for name in CASES if name in names))
        return connection

    def places(self, connection: Any, data: DataSettings, base: Path) -> Iterator[tuple[str, Place | Fault]]:  # noqa: ARG002
        """Tables and views of the schema, or queries."""
        with connection.con.cursor() as cursor:
            found = cursor.execute(
                "select table_name from information_schema.tables where table_schema = %s", (data.namespace,)
            )
            held = {row[0] for row in found.fetchall()}
        for name in CONTRACT:
            source = data.tables.get(name)
            if source is not None and source.file is not None:
                yield name, _no_file(name, source.file)
            elif source is not None and source.query is not None:
                yield name, Place(source.query.strip().rstrip(";"), in_place=True)
            elif source is not None and source.table is not None:
                parts = source.table.split(".")
                yield name, _table(parts if len(parts) > 1 else [data.namespace, *parts])
            elif name in held:
                yield name, _table([data.namespace, name])

    def bring(self, connection: Any, name: str, place: Place) -> ir.Table:
        """A temporary view, whose texts are compared byte by byte, as on every other engine."""
        schema: ibis.Schema = connection._get_schema_using_query(place.what)
        columns = ", ".join(_brought(column, dtype) for column, dtype in schema.items())
        view = self.place_of("brought", name)
        connection.raw_sql(f"create temporary view {view} as select {columns} from ({place.what}) as theirs")
        return named(connection, f"brought.{name}", schema)

    def bring_rows(self, connection: Any, name: str, rows: pa.Table) -> ir.Table:
        """A temporary table."""
        return connection.upload(f"brought.{name}", rows, schema_of(rows))

    def keep(
        self, connection: Any, kind: Literal["table", "view"], schema: Schema, name: str, rows: ir.Table
    ) -> ir.Table:
        """A temporary table or view; those of the contract bear its names, whatever tables of the company do."""
        return connection.created(kind, _name(schema, name), rows)

    def hold(self, connection: Any, rows: ir.Table, until: ExitStack) -> ir.Table:
        """A temporary table."""
        held: ir.Table = connection.created("table", gen_name("scratch"), rows)
        until.callback(connection.drop_table, held.get_name(), force=True)
        return held

    def place_of(self, schema: Schema, name: str) -> str:
        """Temporary tables have one schema; the shelf is part of the name."""
        return identifier(_name(schema, name))

    def row_hash(self, columns: Sequence[str]) -> str:
        """Of the row's text, in which a missing value is no blank."""
        return f"hashtextextended(row({', '.join(map(identifier, columns))})::text, 0)"

    def hashed(self, text: ir.Value) -> ir.Value:
        """The engine's own."""
        return text.hash()

    def row(self, connection: Any, sql: str) -> tuple[Any, ...]:
        """Numbers as whole numbers."""
        with connection.raw_sql(sql) as cursor:
            return whole(cursor.fetchone())


def _parameters(data: DataSettings) -> dict[str, Any]:
    """What to connect with.

    Raises:
        ConfigError: `data.path` is no address of a server, holds a password, or the password's variable is not set.
    """
    try:
        told = conninfo_to_dict(data.path) if "://" in data.path else {}
    except psycopg.Error:
        told = {}
    if not told:
        raise ConfigError(
            "With [data] engine = 'postgres', data.path is an address such as postgresql://user@host/database; this "
            "is none. Correct it."
        )
    if "password" in told:
        raise ConfigError(
            "A password stands in no config. Take it out of data.path, and name the environment variable that holds "
            'it: password_env = "..." in [data].'
        )
    parameters = {{"dbname": "database"}.get(name, name): value for name, value in told.items()}
    if data.password_env:
        if data.password_env not in os.environ:
            raise ConfigError(
                f"data.password_env names the environment variable with the password, and {data.password_env} is not "
                "set. Set it, or leave password_env out."
            )
        parameters["password"] = os.environ[data.password_env]
    return {"connect_timeout": 10, **parameters}


def _limits(data: DataSettings) -> dict[str, str]:
    """What one operation may hold in memory, and how many processes may work on one query besides the first.

    Raises:
        ConfigError: the memory is a share of the machine's, which is another one.
    """
    limits = {} if data.threads is None else {"max_parallel_workers_per_gather": str(data.threads - 1)}
    if size := memory_of(data, such_as="256MB"):
        number, unit = re.fullmatch(r"([0-9.]+) ?([KMGT])i?B", size).groups()  # type: ignore[union-attr]
        limits["work_mem"] = f"{float(number) * 1024 ** 'KMGT'.index(unit):.0f}kB"
    return limits


def _name(schema: Schema, name: str) -> str:
    return name if schema == "main" else f"{schema}.{name}"


def _brought(column: str, dtype: Any) -> str:
    name = identifier(column)
    return f'{name}::text collate "C" as {name}' if dtype.is_string() else name


def _table(parts: Sequence[str]) -> Place:
    return Place(f"select * from {'.'.join(map(identifier, parts))}", in_place=True)


def _no_file(name: str, file: str) -> Fault:
    return Fault(
        name,
        "missing_file",
        f"with engine = 'postgres' tables are in the database; this one is a file: {file}",
        f"Use `table` or `query` in [data.tables.{name}], or load the file into the database.",
    )


ENGINE = Postgres()
