"""Where a company's tables come from: a file or folder, a query, or a table of a database; brought in as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends import BaseBackend

from features.contract import CONTRACT
from features.data_settings import DataSettings, TableSource
from features.engines import Engine, engine_named, engine_of
from features.errors import Fault

BROUGHT = "brought"
"""DuckDB's schema that holds what was brought, before it is renamed and typed."""


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


def bring_frames(
    connection: BaseBackend, frames: Mapping[str, pd.DataFrame], sources: Mapping[str, TableSource]
) -> dict[str, Brought]:
    """The frames as tables of the engine, under the contract's names; what is said of each stands in `sources`."""
    engine = engine_of(connection)
    return {
        name: Brought(name, engine.bring_rows(connection, name, _arrow(frames[name])), sources.get(name, TableSource()))
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
