"""The `[data]` of the config: where a company's tables come from, and on which engine they are read and computed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from features.declared import Attribute, attributes_of


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
    """How long after its event a row can be known, and what is filled into it later (`resolved_at`, `ended_at`) after
    its own instant, where the row has no `recorded_at`."""
    attributes: Annotated[dict[str, Attribute], BeforeValidator(attributes_of)] = {}
    """`accounts`: columns that never change (or have versions, `valid_from`) and become features: `["industry", "vat"]`
    or, each with its purpose, `{ industry = "growth" }`; see `features/declared.py`."""

    @property
    def delay(self) -> timedelta:
        """How late its rows arrive, in whole seconds."""
        return timedelta(seconds=round(self.delay_hours * 3600))

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
    """The data covers whole days before this one; without it the end is found in the data (see
    `features/reading/span.py`)."""
    tables: dict[str, TableSource] = {}
    memory_limit: str | None = Field(None, pattern=r"^\d+(\.\d+)? ?([KMGT]i?B|%)$")
    """What the engine may hold in memory before it spills to disk, such as `4GB`; default: 80 % of the machine's. For
    Postgres, what each operation of a query may; default: 64MB. For Spark, the driver's memory."""
    threads: int | None = Field(None, ge=1)
