"""A connection to Spark: Ibis' own with our SQL, whose tables are views of the session."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
from py4j.protocol import Py4JError

from features.engines.session import answering, named, sql_of
from features.engines.spark_sql import SparkSql

warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # at each touch

from ibis.backends.pyspark import Backend  # noqa: E402
from ibis.backends.pyspark.datatypes import PySparkSchema  # noqa: E402


class Connection(Backend):  # type: ignore[misc]
    """Ibis' Spark with our SQL."""

    compiler = SparkSql()

    def to_pyarrow(self, expression: ir.Expr, /, **_: Any) -> pa.Table:
        """The result, as Arrow all the way; Ibis goes by way of pandas.

        Raises:
            ServiceError: Spark did not finish.
        """
        rows = expression.as_table()
        with working():
            found = self.frame(rows).toArrow()
        schema = rows.schema().to_pyarrow()
        return expression.__pyarrow_result__(found.rename_columns(schema.names).cast(schema))

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        self.upload(op.name, op.data.to_pyarrow(op.schema), op.schema)

    def upload(self, name: str, rows: pa.Table, schema: ibis.Schema) -> ir.Table:
        """The rows as a view of the session."""
        frame = self._session.createDataFrame(rows, schema=PySparkSchema.from_ibis(schema))
        frame.createOrReplaceTempView(name)
        return named(self, name, schema)

    def frame(self, rows: ir.Table) -> Any:
        """The rows as Spark's own frame."""
        return self._session.sql(sql_of(self, rows))

    def dropped(self, name: str) -> None:
        """Forgets a view of the session."""
        self._session.catalog.dropTempView(name)


def new_connection() -> Connection:
    """One that is connected to nothing yet."""
    _ = ibis.pyspark  # by this Ibis declares the options that its compiler asks for
    return Connection()


def working() -> AbstractContextManager[None]:
    """What happens while the cluster has to answer.

    Raises:
        ServiceError: it does not.
    """
    return answering(
        (Py4JError,),
        "Spark has to finish what it is given",
        "Look at the cluster and its memory, then start the step again.",
    )
