"""A company's files on Spark: Parquet and text, several of them, and SQL over what the session knows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from features.data_settings import DataSettings, TableSource
from features.engines import engine_of
from features.errors import ConfigError, DataError
from features.reading.opening import open_tables
from features.reading.sources import connect
from tests.text_tables import parse_tables

TABLES = parse_tables(
    accounts="""
        account_id | signed_up_at
        a1         | 2024-01-01
        a2         | 2024-01-02
    """,
    consumption="""
        account_id | occurred_at      | product
        a1         | 2024-01-03 10:00 | say "hello", twice
        a2         | 2024-01-04       |
    """,
)


@pytest.fixture
def company(spark: DataSettings, tmp_path: Path) -> DataSettings:
    """Accounts as Parquet, use as two files of text, of which one lacks a column."""
    (tmp_path / "consumption").mkdir()
    TABLES["accounts"].astype("str").to_parquet(tmp_path / "accounts.parquet")
    use = TABLES["consumption"]
    use.iloc[:1].to_csv(tmp_path / "consumption" / "1.csv", index=False)
    use.iloc[1:, :2].to_csv(tmp_path / "consumption" / "2.csv", index=False)
    return spark.model_copy(update={"path": str(tmp_path)})


def test_files_are_read_as_on_duckdb(company: DataSettings) -> None:
    def rows(data: DataSettings) -> list[dict[str, object]]:
        found: list[dict[str, object]] = open_tables(data, Path())["consumption"].to_pyarrow().to_pylist()
        return sorted(found, key=str)

    assert rows(company) == rows(DataSettings(path=company.path))
    assert rows(company)[0]["product"] == 'say "hello", twice'


def test_a_query_is_sql_for_spark(company: DataSettings) -> None:
    query = f"select account_id, signed_up_at as occurred_at from parquet.`{company.path}/accounts.parquet`"
    source = {"consumption": TableSource(query=query)}
    tables = open_tables(company.model_copy(update={"tables": source}), Path())
    assert tables["consumption"].count().to_pyarrow().as_py() == 2


def test_what_is_not_there_is_a_fault(company: DataSettings) -> None:
    for source, rule in (
        ({"query": "select nothing from nowhere"}, "failed_query"),
        ({"table": "nowhere"}, "unreadable_file"),
        ({"file": "nowhere.parquet"}, "missing_file"),
    ):
        data = company.model_copy(update={"tables": {"consumption": TableSource.model_validate(source)}})
        with pytest.raises(DataError) as caught:
            open_tables(data, Path())
        assert next(fault.rule for fault in caught.value.faults if fault.table == "consumption") == rule


def test_settings_that_cannot_be_meant_are_refused(spark: DataSettings) -> None:
    for wrong in ({"memory_limit": "50%"}, {"spark": {"master": "local[1]", "remote": "sc://h:1"}}):
        with pytest.raises(ConfigError, match=r"Correct it|Keep one"):
            open_tables(spark.model_copy(update=wrong), Path())


def test_frames_come_back_as_they_went(spark: DataSettings) -> None:
    frame = pd.DataFrame({"text": [" v\tf\x0b ", "vat", None], "number": [1.5, float("inf"), None]})
    connection = connect(spark)
    rows = engine_of(connection).bring_rows(connection, "anything", pa.Table.from_pandas(frame))
    asked = rows.select(text=rows.text.strip(), endless=rows.number.isinf(), missing=rows.number.isnull())
    assert connection.to_pyarrow(asked).to_pylist() == [
        {"text": "v\tf", "endless": False, "missing": False},
        {"text": "vat", "endless": True, "missing": False},
        {"text": None, "endless": None, "missing": True},
    ]
