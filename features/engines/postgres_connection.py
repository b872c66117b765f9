"""A connection to Postgres: Ibis' own with our SQL, whose tables and views are temporary."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Literal

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
from ibis.backends.postgres import Backend

from features.engines.postgres_sql import PostgresSql
from features.engines.session import answering, named, sql_of
from features.engines.sql import identifier

CHUNK = 10_000
"""Rows that are handed over at once."""


class Connection(Backend):  # type: ignore[misc]
    """Ibis' Postgres with our SQL; what is handed over is copied instead of inserted row by row."""

    compiler = PostgresSql()

    def to_pyarrow(self, expression: ir.Expr, /, **options: Any) -> pa.Table:
        """The result.

        Raises:
            ServiceError: the server went away.
        """
        with _answering():
            return super().to_pyarrow(expression, **options)

    def raw_sql(self, query: Any, **options: Any) -> Any:
        """The statement's cursor.

        Raises:
            ServiceError: the server went away.
        """
        with _answering():
            return super().raw_sql(query, **options)

    def _make_memtable_finalizer(self, name: str) -> None:
        """None: what is handed over goes with the session."""

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        self.upload(op.name, op.data.to_pyarrow(op.schema), op.schema)

    def _create_cached_table(self, name: str, expression: ir.Table) -> ir.Table:
        return self.created("table", name, expression)

    def upload(self, name: str, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        """The rows as a temporary table; texts are compared byte by byte, as on every other engine."""
        types = self.compiler.type_mapper
        columns = ", ".join(
            f"{identifier(column)} {types.to_string(dtype)}{_collated(dtype)}" for column, dtype in schema.items()
        )
        with _answering(), self.con.cursor() as cursor, self.con.transaction():
            cursor.execute(f"create temporary table {identifier(name)} ({columns})")
            with cursor.copy(f"copy {identifier(name)} from stdin") as copy:
                for batch in rows.to_batches(CHUNK):
                    for row in batch.to_pylist():
                        copy.write_row(list(row.values()))
            cursor.execute(f"analyze {identifier(name)}")
        return named(self, name, schema)

    def created(self, kind: Literal["table", "view"], name: str, rows: ir.Table) -> ir.Table:
        """The rows as a temporary table, counted for the planner (which otherwise knows nothing of it), or view."""
        sql = sql_of(self, rows)
        with _answering(), self.con.cursor() as cursor, self.con.transaction():
            cursor.execute(f"create temporary {kind} {identifier(name)} as {sql}")
            if kind == "table":
                cursor.execute(f"analyze {identifier(name)}")
        return named(self, name, rows.schema())


def _answering() -> AbstractContextManager[None]:
    return answering(
        (psycopg.OperationalError,),
        "Postgres has to answer for as long as a step lasts",
        "Look at the server, then start the step again.",
    )


def _collated(dtype: Any) -> str:
    return ' collate "C"' if dtype.is_string() else ""
