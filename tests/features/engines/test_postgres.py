"""A company's tables on a real Postgres: found, read, counted there, and left as they were."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from examples.company import write_company
from features.building.builder import build
from features.data_settings import DataSettings, TableSource
from features.errors import ConfigError, DataError, ServiceError
from features.guards.edits import Future
from features.library.catalogue import CATALOGUE, LIBRARY, SOURCES
from features.outcomes.outcome import Outcome
from features.purposes import PurposeSettings
from features.reading.opening import open_tables, tables_from_frames
from features.snapshot.snapshot import Snapshot
from features.snapshot.writing import write_snapshot
from tests.features.companies import END
from tests.features.corner_companies import ACCOUNTS, AS_OFS, corner_company
from tests.features.engines.conftest import company_files, load
from tests.text_tables import parse_tables

HERE = Path()
TABLES = parse_tables(
    accounts="""
        account_id | signed_up_at | segment
        a1         | 2024-01-01   | ÜBUNG  am  Berg
        a2         | 2024-01-02   | x
    """,
    use="""
        who | at               | page
        a1  | 2024-01-03 10:00 | search
        a2  | 2024-01-04       | mail
    """,
)


@pytest.fixture
def company(postgres: DataSettings) -> DataSettings:
    """Accounts under the contract's name, use under one of their own."""
    return load(postgres, "acme", TABLES)


def with_use(company: DataSettings, **source: Any) -> DataSettings:
    return company.model_copy(update={"tables": {"consumption": TableSource(**source)}})


def test_tables_are_found_by_their_names_or_by_the_configs(company: DataSettings) -> None:
    columns = {"account_id": "who", "occurred_at": "at", "product": "page"}
    tables = open_tables(with_use(company, table="use", columns=columns), HERE)
    assert sorted(tables) == ["accounts", "consumption"]
    assert tables["consumption"].count().to_pyarrow().as_py() == 2
    assert tables.calendar.end == date(2024, 1, 4)


def test_a_query_is_sql_for_postgres(company: DataSettings) -> None:
    query = "select who as account_id, at::timestamp as occurred_at from use where page ~ '^s';"
    tables = open_tables(with_use(company, query=query), HERE)
    assert tables["consumption"].to_pyarrow()["account_id"].to_pylist() == ["a1"]


def test_texts_are_compared_byte_by_byte_and_know_their_capitals(company: DataSettings) -> None:
    tables = open_tables(with_use(company, query="select who as account_id, at as occurred_at from use"), HERE)
    connection: Any = tables.connection
    (collation,) = connection.raw_sql("select collation for (segment) from accounts limit 1").fetchone()
    assert collation == '"C"'
    plain = tables["accounts"].segment.lower().re_replace(r"\s+", " ").name("plain")
    assert sorted(connection.to_pyarrow(plain).to_pylist()) == ["x", "übung am berg"]


def test_a_query_that_fails_and_a_file_are_faults(company: DataSettings) -> None:
    for source, rule in (
        ({"query": "select nothing from nowhere"}, "failed_query"),
        ({"table": "nowhere"}, "unreadable_file"),
        ({"file": "use.csv"}, "missing_file"),
    ):
        with pytest.raises(DataError) as caught:
            open_tables(with_use(company, **source), HERE)
        assert next(fault.rule for fault in caught.value.faults if fault.table == "consumption") == rule


def test_nothing_is_left_behind_and_nothing_is_written(company: DataSettings) -> None:
    def there() -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(company.path) as connection:
            return connection.execute(
                "select schemaname, relname, n_tup_ins from pg_stat_user_tables "
                "where schemaname !~ '^pg_' order by 1, 2"
            ).fetchall()

    before = there()
    tables = open_tables(with_use(company, query="select who as account_id, at as occurred_at from use"), HERE)
    assert there() == before
    assert tables["accounts"].count().to_pyarrow().as_py() == 2


def test_a_server_that_is_away_is_a_service_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
    postgres: DataSettings,
) -> None:
    monkeypatch.setenv("ACME_PASSWORD", "s3cret")
    away = DataSettings(engine="postgres", path="postgresql://u@127.0.0.1:1/acme", password_env="ACME_PASSWORD")
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1, database acme") as caught:
        open_tables(away, HERE)
    assert caught.value.exit_code == 3
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"path": "postgresql://u:hush@h/d"}, "password_env"),
        ({"path": "data"}, "an address such as postgresql://user@host/database"),
        ({"path": "postgresql://u@h/d", "password_env": "NOT_SET_ANYWHERE"}, "NOT_SET_ANYWHERE is not set"),
        ({"path": "postgresql://u@h/d", "memory_limit": "50%"}, "such as 256MB"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    settings: dict[str, str], message: str, postgres: DataSettings
) -> None:
    data = DataSettings(engine="postgres", **({"path": postgres.path} | settings))  # type: ignore[arg-type]
    if "memory_limit" in settings:
        data = data.model_copy(update={"path": postgres.path})
    with pytest.raises(ConfigError, match=message) as caught:
        open_tables(data, HERE)
    assert "hush" not in str(caught.value)


def test_labels_features_and_facts_of_a_company_are_those_of_duckdb(postgres: DataSettings, tmp_path: Path) -> None:
    write_company(tmp_path / "company", accounts=60, days=400)
    files = tmp_path / "company" / "data"
    there = load(postgres, "simulated", company_files(files))
    ours, theirs = (
        snapshot(data, tmp_path / name) for name, data in (("ours", DataSettings(path=str(files))), ("theirs", there))
    )
    assert ours.features == theirs.features
    assert ours.pair_features == theirs.pair_features
    for name in ("accounts", "pairs", "scores", "facts", "attributes"):
        pd.testing.assert_frame_equal(getattr(theirs, name), getattr(ours, name), rtol=1e-9, atol=1e-18)
    for outcome in ours.outcomes:
        pd.testing.assert_frame_equal(theirs.labels(outcome), ours.labels(outcome), check_exact=True)


def test_what_is_not_known_yet_changes_no_feature(postgres: DataSettings) -> None:
    company, as_of = corner_company(3), AS_OFS[0]
    frames = {name: pd.DataFrame(rows, dtype="object") for name, rows in company.brought.items()}
    data = company.settings(postgres)
    tables = tables_from_frames(frames, timezone=company.timezone, end=END, check=False, data=data)
    features = [feature for feature in CATALOGUE if feature.idea in ("use", "answers", "renewal")]
    assert len(features) > 5
    cohort = pd.DataFrame({"account_id": ACCOUNTS, "as_of": pd.Timestamp(as_of)})
    with ExitStack() as until:
        future = Future(tables, as_of, until)
        other = future.otherwise([part for name in tables for part in future.parts(name)], until)
        assert future.unknown_rows("consumption") > 100
        assert other["consumption"].count().to_pyarrow() != tables["consumption"].count().to_pyarrow()
        now, then = (build(each, cohort, features, SOURCES) for each in (tables, other))
    pd.testing.assert_frame_equal(now, then, check_exact=True)


def snapshot(data: DataSettings, folder: Path) -> Snapshot:
    """Of the last two as_of of the company, with an outcome of each unit and a few of the features."""
    kinds = {"churn": "subscription_end", "upgrade": "tier_up", "adoption": "product_adopted"}
    outcomes = {
        name: Outcome.model_validate({"name": name, "kind": kind, "gap_days": 7, "horizon_days": 28})
        for name, kind in kinds.items()
    }
    accounts = TableSource.model_validate({"attributes": ["segment"]})
    tables = open_tables(data.model_copy(update={"tables": {"accounts": accounts}}), HERE)
    return write_snapshot(
        tables,
        outcomes,
        tables.calendar.end,
        folder,
        step_days=84,
        history_days=182,
        attributes=["segment"],
        library=LIBRARY.allowing(PurposeSettings(allowed=("pricing",))),
    )
