"""What every engine can do for Holdfast, and which engine a connection belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends import BaseBackend

from features.errors import ConfigError, Fault

if TYPE_CHECKING:
    from features.data_settings import DataSettings

Name = Literal["duckdb", "postgres", "spark"]
Schema = Literal["brought", "drafted", "main"]
"""Three shelves for what is kept: tables as they were brought, as they are typed, and as the contract has them."""
NAMES: dict[str, Name] = {"duckdb": "duckdb", "postgres": "postgres", "pyspark": "spark"}
"""What Ibis calls them, and what the config does."""


@dataclass(frozen=True)
class Place:
    """Where one table is, in a form that its engine can bring."""

    what: Any
    """SQL, or what else the engine makes it of."""
    in_place: bool
    """Whether the engine reads it there, typed, each time anew, rather than from a copy."""
    files: tuple[Path, ...] = ()
    """The Parquet files of which it consists, where the engine can read some of them alone."""


class Engine(Protocol):
    """One engine. It holds nothing itself: what it does, it does with a connection."""

    dialect: str
    """What its SQL is called in messages."""
    at_once: int | None
    """How many tables it joins before it had better hold what it has; None where it minds none."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What it raises where something cannot be read or computed."""

    def connect(self, data: DataSettings, base: Path) -> BaseBackend:
        """A connection whose results do not depend on the session's time zone.

        Raises:
            ConfigError: the settings do not suit the engine, or what it needs is not installed.
            ServiceError: it does not answer.
        """

    def places(self, connection: BaseBackend, data: DataSettings, base: Path) -> Iterator[tuple[str, Place | Fault]]:
        """Each table that the settings name, or that bears a name of the contract, in the contract's order."""

    def bring(self, connection: BaseBackend, name: str, place: Place) -> ir.Table:
        """The table as it is there, under its name on the shelf `brought`."""

    def bring_rows(self, connection: BaseBackend, name: str, rows: pa.Table) -> ir.Table:
        """The same of rows that are handed over."""

    def keep(
        self, connection: BaseBackend, kind: Literal["table", "view"], schema: Schema, name: str, rows: ir.Table
    ) -> ir.Table:
        """The rows under a name of their own, as a copy or as a view."""

    def hold(self, connection: BaseBackend, rows: ir.Table, until: ExitStack) -> ir.Table:
        """The rows computed once and held within the engine until `until` closes."""

    def place_of(self, schema: Schema, name: str) -> str:
        """SQL for what is kept under that name."""

    def row_hash(self, columns: Sequence[str]) -> str:
        """SQL for a hash of 64 bits of a row; missing values count, and can be told from blanks."""

    def hashed(self, text: ir.Value) -> ir.Value:
        """A hash of 64 bits of a text."""

    def row(self, connection: BaseBackend, sql: str) -> tuple[Any, ...]:
        """The one row that a query yields."""


@lru_cache
def engine_named(name: Name) -> Engine:
    """The engine that the config calls so; only then is it imported.

    Raises:
        ConfigError: what it needs is not installed.
    """
    try:
        return cast(Engine, import_module(f"features.engines.{name}").ENGINE)
    except ModuleNotFoundError as error:
        extra = {"postgres": "postgres", "spark": "spark"}.get(name, name)
        raise ConfigError(
            f"[data] engine = {name!r} needs the package {error.name}, which is not installed. Install it: "
            f"pip install 'holdfast[{extra}]'."
        ) from error


def engine_of(connection: BaseBackend) -> Engine:
    """The engine of a connection."""
    return engine_named(NAMES[connection.name])
