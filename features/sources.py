"""Where a company's tables come from: a file or folder, a query, or a table of a database; brought in as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends import BaseBackend
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from features.contract import CONTRACT
from features.declared import Attribute, attributes_of
from features.engines import Engine, engine_named, engine_of
from features.errors import Fault

BROUGHT = "brought"
"""DuckDB's schema that holds what was brought, before it is renamed and typed."""


class TableSource(BaseModel):
    """Where one table comes from, what its columns are called there, and how late its rows arrive."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    file: str | None = None
    """A Parquet or CSV file, a folder of them, or a pattern such as `log-*.parquet`; relative to `data.path`."""
    query: str | None = None
    """SQL for the engine; for DuckDB, file names in it are relative to `data.path`."""
    table: str | None = None
    """A table of the database that `data.path` names; for Spark, of its catalog."""
    columns: dict[str, str] = {}
    """ours = theirs."""
    delay_hours: float = Field(0, ge=0, le=24 * 366)
    """How long after its event a row can be known, where there is no `recorded_at`."""
    attributes: Annotated[dict[str, Attribute], BeforeValidator(attributes_of)] = {}
    """`accounts`: columns that never change (or have versions, `valid_from`) and become features: `["industry", "vat"]`
    or, each with its purpose, `{ industry = "growth" }`; see `features/declared.py`."""

    @property
    def barred(self) -> frozenset[str]:
        """The attributes that no feature may be made of."""
        return frozenset(name for name, attribute in self.attributes.items() if not attribute.used)

    @model_validator(mode="after")
    def _one_place(self) -> TableSource:
        places = [name for name in ("file", "query", "table") if getattr(self, name) is not None]
        if len(places) > 1:
            raise ValueError(f"a table comes from one place; these are {' and '.join(places)}: keep one")
        return self


class DataSettings(BaseModel):
    """The `[data]` of the config."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    engine: Literal["duckdb", "postgres", "spark"] = "duckdb"
    """What reads and computes: see docs/scale.md."""
    path: str = "data"
    """The folder of the files (or a DuckDB database file), relative to the config; for Postgres its address,
    `postgresql://user@host/database`, without a password."""
    password_env: str | None = None
    """The environment variable that holds the password for Postgres."""
    namespace: str = "public"
    """Where tables with the contract's names are: the schema of Postgres, the database of Spark's catalog."""
    spark: dict[str, str] = {}
    """Options of the Spark session: `master` or `remote`, and any of Spark's own, such as `"spark.driver.memory"`."""
    end: date | None = None
    """The data covers whole days before this one; without it the end is found in the data (see `features.span`)."""
    tables: dict[str, TableSource] = {}
    memory_limit: str | None = Field(None, pattern=r"^\d+(\.\d+)? ?([KMGT]i?B|%)$")
    """What the engine may hold in memory before it spills to disk, such as `4GB`; default: 80 % of the machine's. For
    Postgres, what each operation of a query may; default: 64MB. For Spark, the driver's memory."""
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


def connect(data: DataSettings = DataSettings(), base: Path | None = None) -> BaseBackend:  # noqa: B008 (frozen)
    """A connection to the engine of the settings, whose results do not depend on the session's time zone.

    Raises:
        ConfigError: the settings do not suit the engine, or what it needs is not installed.
        ServiceError: it does not answer.
    """
    ibis.options.sql.fuse_selects = False  # the engines do it themselves, in a fraction of the time
    return engine_named(data.engine).connect(data, base or Path())


def bring(connection: BaseBackend, data: DataSettings, base: Path) -> tuple[dict[str, Brought], list[Fault]]:
    """Every table that the settings or the names of what is there say is there, and what went wrong."""
    engine = engine_of(connection)
    brought: dict[str, Brought] = {}
    faults: list[Fault] = []
    for name, found in engine.places(connection, data, base):
        if isinstance(found, Fault):
            faults.append(found)
            continue
        source = data.tables.get(name, TableSource())
        try:
            rows = engine.bring(connection, name, found)
        except engine.errors as error:
            faults.append(unreadable(engine, name, source, error))
        else:
            brought[name] = Brought(name, rows, source, found.in_place, found.files)
    return brought, faults


def bring_frames(connection: BaseBackend, frames: Mapping[str, pd.DataFrame]) -> dict[str, Brought]:
    """The frames as tables of the engine, under the contract's names."""
    engine = engine_of(connection)
    return {
        name: Brought(name, engine.bring_rows(connection, name, _arrow(frames[name])), TableSource())
        for name in CONTRACT
        if name in frames
    }


def unreadable(engine: Engine, name: str, source: TableSource, error: Exception) -> Fault:
    """The fault that a table cannot be brought, with the engine's own words."""
    said = " ".join(str(error).split())[:300]
    if source.query is not None:
        rule, message = "failed_query", f"a query yields rows; this one failed with: {said}"
        remedy = f"Correct `query` in [data.tables.{name}]; it is SQL for {engine.dialect}."
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
