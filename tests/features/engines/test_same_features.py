"""Every feature of the catalogue has the same value on every engine, over companies made of what goes wrong easily."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.building.builder import build
from features.data_settings import DataSettings
from features.feature import Feature
from features.library.catalogue import SOURCES, available
from features.reading.opening import tables_from_frames
from features.tables import Tables
from tests.features.agreement import Question
from tests.features.companies import END, POOLS, Company
from tests.features.corner_companies import ACCOUNTS, AS_OFS, ZONES, corner_company

EVERYBODY = Question([*ACCOUNTS, "nobody"], [*POOLS["product"], "unheard of"], AS_OFS)
WHOLE = ("count", "days", "months", "flag")
"""Units whose values are whole numbers, and have to be equal to the bit."""


def test_postgres_and_duckdb_agree_on_every_feature(postgres: DataSettings, companies: int) -> None:
    for seed in range(companies or 1):
        company = corner_company(seed, ZONES[seed % len(ZONES)], lacks=0.1 * (seed % 2))
        assert differences(company, postgres, EVERYBODY) == {}, company


def test_spark_and_duckdb_agree_on_every_feature(spark: DataSettings, companies: int) -> None:
    for seed in range(companies or 1):
        company = corner_company(seed, ZONES[seed % len(ZONES)], lacks=0.1 * (seed % 2))
        assert differences(company, spark, EVERYBODY) == {}, company


def differences(company: Company, engine: DataSettings, question: Question) -> dict[str, str]:
    """By feature, the first row on which the engine says something else than DuckDB."""
    there, here = read(company, engine), read(company, DataSettings())
    assert here.columns == there.columns
    found = {}
    for about in ("account", "pair"):
        told = [feature for feature in available(here) if feature.about == about]
        ours, theirs = (build(tables, question.cohort(about), told, SOURCES) for tables in (here, there))
        for feature in told:
            wrong = np.flatnonzero(~same(feature, ours[feature.name], theirs[feature.name]))
            if wrong.size:
                row = {**ours.iloc[wrong[0]][["account_id", "as_of"]], "there": theirs[feature.name][wrong[0]]}
                found[feature.name] = f"{wrong.size} rows, such as {row}, here {ours[feature.name][wrong[0]]}"
    return found


def read(company: Company, engine: DataSettings) -> Tables:
    """The company as that engine reads and checks it."""
    frames = {name: pd.DataFrame(rows, dtype="object") for name, rows in company.brought.items()}
    return tables_from_frames(frames, timezone=company.timezone, end=END, data=company.settings(engine))


def same(feature: Feature, ours: pd.Series[float], theirs: pd.Series[float]) -> np.ndarray:
    """Whether each value is the same: whole numbers exactly, others to nine digits."""
    both, tolerance = ours.isna() & theirs.isna(), 0.0 if feature.unit in WHOLE else 1e-9
    equal: np.ndarray = np.isclose(theirs, ours, rtol=tolerance, atol=tolerance * 1e-9)
    return equal | both.to_numpy()


@pytest.fixture(scope="session")
def companies(request: pytest.FixtureRequest) -> int:
    """How many companies the engines are compared on; 0, unless asked for: one."""
    return int(request.config.getoption("--companies"))
