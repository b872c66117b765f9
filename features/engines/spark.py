"""Spark: in this process (`local[*]`), on a cluster, or behind Spark Connect; over files, tables of a catalog, queries.

What Holdfast makes lives in temporary views of the session; what is held is checkpointed by the executors, in memory
and on their disks. Only members of cohorts go there, and only features come back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.util import gen_name
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from features.contract import CONTRACT
from features.engines.engine import Place, Schema
from features.engines.files import PARQUET, Files, files_at, files_named_after
from features.engines.session import answering, memory_of, named, schema_of, whole
from features.engines.spark_connection import new_connection, working
from features.errors import ConfigError, Fault

if TYPE_CHECKING:
    from features.data_settings import DataSettings

SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # a number too large is an error, never another number
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
"""So that results do not depend on how the session was set up."""
LOOPBACK = "127.0.0.1"
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": LOOPBACK,
    "spark.driver.host": LOOPBACK,
    "spark.buffer.pageSize": "1m",  # each of many sorts at once begins with a page
    "spark.log.level": "ERROR",
    "spark.driver.extraJavaOptions": "-Xss16m",  # plans are as deep as the expressions
}
"""Of a session in this process, unless the config says otherwise."""


class Spark:
    """See `features.engines.engine.Engine`."""

    dialect = "Spark"
    at_once = 8
    errors = (PySparkException, Py4JError)

    def connect(self, data: DataSettings, base: Path) -> BaseBackend:  # noqa: ARG002
        """The session that is there, or a new one."""
        options = dict(data.spark)
        remote, master = options.pop("remote", None), options.pop("master", None)
        if remote and master:
            raise ConfigError("A Spark session has one place; data.spark names `master` and `remote`. Keep one.")
        builder = SparkSession.builder.appName("holdfast")
        if remote:
            builder = builder.remote(remote)
        else:
            master = master or f"local[{data.threads or '*'}]"
            builder = builder.master(master)
            options = {**(LOCAL if master.startswith("local") else {}), **_memory(data), **options}
            if not master.startswith("local") and os.environ.get("SPARK_LOCAL_IP") == LOOPBACK:
                del os.environ["SPARK_LOCAL_IP"]  # pandera sets it, and the cluster's machines could not call back
        for name, value in options.items():
            builder = builder.config(name, value)
        rule = "[data] engine = 'spark' needs Java 17 and, with `master` or `remote`, a cluster that answers"
        remedy = "Start it, or correct data.spark."
        with answering((*self.errors, OSError, RuntimeError), rule, remedy, who=str(remote or master)):
            return new_connection().connect(builder.getOrCreate(), **SESSION)

    def places(self, connection: Any, data: DataSettings, base: Path) -> Iterator[tuple[str, Place | Fault]]:
        """Files, tables of the catalog (of the database `namespace`, where it is set), or queries."""
        held = set()
        if data.namespace != "public":
            held = {table.name for table in connection._session.catalog.listTables(data.namespace)}
        for name in CONTRACT:
            source = data.tables.get(name)
            if source is not None and source.query is not None:
                yield name, Place(("sql", source.query.strip().rstrip(";")), in_place=True)
            elif source is not None and source.table is not None:
                parts = source.table.split(".")
                full = parts if len(parts) > 1 or data.namespace == "public" else [data.namespace, *parts]
                yield name, Place(("table", ".".join(map(_identifier, full))), in_place=True)
            elif source is not None and source.file is not None:
                yield name, _of_files(_files(name, data, base, source.file))
            elif name in held:
                yield name, Place(("table", f"{_identifier(data.namespace)}.{_identifier(name)}"), in_place=True)
            elif "://" not in data.path and (found := files_named_after(name, base / data.path)):
                yield name, _of_files(found)

    def bring(self, connection: Any, name: str, place: Place) -> ir.Table:
        """A view of the session, over what was found when it was made."""
        kind, what = place.what
        session = connection._session
        if kind == "sql":
            frame = session.sql(what)
        elif kind == "table":
            frame = session.table(what)
        elif kind == "parquet":
            frame = session.read.option("mergeSchema", "true").parquet(*what)
        else:
            frames = [_text(session, path) for path in what]
            frame = reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), frames)
        view = _name("brought", name)
        frame.createOrReplaceTempView(view)
        return connection.table(view)

    def bring_rows(self, connection: Any, name: str, rows: pa.Table) -> ir.Table:
        """A view of the session."""
        schema = schema_of(rows)
        return connection.upload(_name("brought", name), rows.cast(schema.to_pyarrow()), schema)

    def keep(
        self, connection: Any, kind: Literal["table", "view"], schema: Schema, name: str, rows: ir.Table
    ) -> ir.Table:
        """A view of the session; a table is checkpointed first."""
        frame = connection.frame(rows)
        if kind == "table":
            frame = frame.localCheckpoint(True)
        frame.createOrReplaceTempView(_name(schema, name))
        return named(connection, _name(schema, name), rows.schema())

    def hold(self, connection: Any, rows: ir.Table, until: ExitStack) -> ir.Table:
        """Checkpointed by the executors; Spark frees it once nothing refers to it."""
        name = gen_name("scratch")
        with working():
            connection.frame(rows).localCheckpoint(True).createOrReplaceTempView(name)
        until.callback(connection.dropped, name)
        return named(connection, name, rows.schema())

    def place_of(self, schema: Schema, name: str) -> str:
        """Views of a session have no schema; the shelf is part of the name."""
        return _identifier(_name(schema, name))

    def row_hash(self, columns: Sequence[str]) -> str:
        """Spark's hash passes over what is missing, so whether it is missing is hashed, too."""
        listed = ", ".join(f"{_identifier(column)}, {_identifier(column)} is null" for column in columns)
        return f"cast(xxhash64({listed}) as decimal(20, 0))"

    def hashed(self, text: ir.Value) -> ir.Value:
        """Spark's own of 64 bits."""
        return text.hash()

    def row(self, connection: Any, sql: str) -> tuple[Any, ...]:
        """Numbers as whole numbers."""
        return whole(connection._session.sql(sql).collect()[0])


def _memory(data: DataSettings) -> dict[str, str]:
    """`memory_limit` as Spark writes it.

    Raises:
        ConfigError: it is a share of the machine's.
    """
    size = memory_of(data, such_as="4GB")
    return {"spark.driver.memory": size.replace(" ", "").lower().replace("ib", "").replace("b", "")} if size else {}


def _files(name: str, data: DataSettings, base: Path, file: str) -> Files | Fault:
    """The files of a table; what lies in a store that only Spark reaches is left to Spark to find."""
    place = file if "://" in file else f"{data.path.rstrip('/')}/{file}"
    if "://" not in place:
        return files_at(name, base / data.path / file)
    text = file.endswith((".csv", ".tsv", ".csv.gz", ".tsv.gz", ".txt")) and not file.endswith(PARQUET)
    return Files("text" if text else "parquet", (place,))


def _of_files(found: Files | Fault) -> Place | Fault:
    return found if isinstance(found, Fault) else Place((found.kind, found.paths), in_place=found.kind == "parquet")


def _text(session: Any, path: str) -> Any:
    """A file of text, every column as text."""
    separator = "\t" if path.endswith((".tsv", ".tsv.gz")) else ","
    return session.read.csv(path, header=True, sep=separator, quote='"', escape='"', multiLine=True)


def _name(schema: Schema, name: str) -> str:
    return name if schema == "main" else f"{schema}_{name}".replace(" ", "_")


def _identifier(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


ENGINE = Spark()
