"""The company that benchmarks generate: the same each time, and enough for the whole catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import company
from features.data_settings import DataSettings
from features.library.catalogue import CATALOGUE, LIBRARY
from features.reading.opening import open_tables
from features.snapshot.files import digest_of
from features.tables import Tables

EVENTS = 6_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    company.write(folder, EVENTS)
    return folder


@pytest.fixture(scope="module")
def tables(folder: Path) -> Tables:
    return open_tables(DataSettings(end=company.END), folder)


def test_it_allows_every_feature_of_the_catalogue(tables: Tables) -> None:
    available = {feature.name for feature in LIBRARY.available(tables)}
    assert {feature.name for feature in CATALOGUE} == available


def test_it_has_about_as_many_events_and_accounts_as_are_asked_for(tables: Tables) -> None:
    events, accounts = (tables.connection.to_pyarrow(tables[name]).num_rows for name in ("consumption", "accounts"))
    assert accounts == EVENTS // company.EVENTS_PER_ACCOUNT
    assert events == pytest.approx(EVENTS, rel=0.2)


def test_it_is_the_same_to_the_byte_each_time(folder: Path, tmp_path: Path) -> None:
    company.write(tmp_path, EVENTS)
    written = {file.relative_to(folder): digest_of(file) for file in folder.rglob("*.parquet")}
    assert written == {file.relative_to(tmp_path): digest_of(file) for file in tmp_path.rglob("*.parquet")}
    assert len(written) > 20


def test_a_new_day_comes_as_a_file_of_its_own(folder: Path) -> None:
    before = set((folder / "data" / "consumption").iterdir())
    file = company.write_day(folder, EVENTS, company.DAYS)
    assert file.name == f"{company.END}.parquet"
    assert set((folder / "data" / "consumption").iterdir()) - before == {file}
